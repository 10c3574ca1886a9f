// Tells the log lines of one request from those of others.

import Synchronization
package import Telemetry

/// Adds `request_id` to the log records of a request: the identifier that it came with in `X-Request-ID`, or else a new UUID.
package struct RequestIdentifier: RequestLayer {
    private static let longest = 128
    /// Made without a system call for each: an identifier of a request is no secret.
    private static let generator = Mutex(SplitMix64(seed: .random(in: .min ... .max)))

    private let recordsAddress: Bool
    private let proxies: TrustedProxies

    /// - Parameter recordsAddress: whether log records have the client's address as `request_ip` too.
    package init(recordsAddress: Bool = false, behind proxies: TrustedProxies = .none) {
        self.recordsAddress = recordsAddress
        self.proxies = proxies
    }

    package var takesPartInAnswers: Bool { false }

    package func context(of request: ServiceRequest, _ context: Context) -> Context {
        let sent = request.headers["X-Request-ID"].flatMap { Self.isUsable($0) ? $0 : nil }
        var fields: Attributes = ["request_id": sent ?? Self.generator.withLock { UUID(from: &$0) }.description]
        if recordsAddress { fields["request_ip"] = proxies.clientAddress(of: request).map { .string($0) } }
        return context.adding(logFields: fields)
    }

    /// Identifiers come from callers: one that is long, or holds more than letters, digits and a few signs, could forge log lines.
    private static func isUsable(_ identifier: String) -> Bool {
        (1...longest).contains(identifier.utf8.count) && identifier.utf8.allSatisfy(isUsable)
    }

    private static func isUsable(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "-_.:/+=@".utf8.contains(byte)
        }
    }
}
