// Tells the log lines of one request from those of others.

package import Telemetry

/// Adds `request_id` to the log records of a request: the identifier that it came with in `X-Request-ID`, or else a new UUID.
package struct RequestIdentifier: RequestLayer {
    private static let longest = 128
    private let recordsAddress: Bool
    private let proxies: TrustedProxies

    /// - Parameter recordsAddress: whether log records have the client's address as `request_ip` too.
    package init(recordsAddress: Bool = false, behind proxies: TrustedProxies = .none) {
        self.recordsAddress = recordsAddress
        self.proxies = proxies
    }

    package func context(of request: ServiceRequest, _ context: Context) -> Context {
        let sent = request.headers["X-Request-ID"].flatMap { Self.isUsable($0) ? $0 : nil }
        var fields: Attributes = ["request_id": sent ?? UUID().description]
        if recordsAddress { fields["request_ip"] = proxies.clientAddress(of: request).map { .string($0) } }
        return context.adding(logFields: fields)
    }

    /// Identifiers come from callers: one that is long, or holds more than letters, digits and a few signs, could forge log lines.
    private static func isUsable(_ identifier: String) -> Bool {
        (1...longest).contains(identifier.utf8.count)
            && identifier.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_.:/+=@".unicodeScalars.contains($0))
            }
    }
}
