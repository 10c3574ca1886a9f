// Finds the address of a client whose requests come through proxies.

import Glibc
import Telemetry

/// The proxies in front of a service, by their number: each adds the address of its peer to the end of `X-Forwarded-For`.
package struct TrustedProxies: Sendable {
    package static let none = TrustedProxies(count: 0)
    private let count: Int

    package init(count: Int) {
        self.count = count
    }

    /// Reads the number from `TRUSTED_PROXIES`, 0 unless it is set.
    package init(_ environment: ServiceEnvironment) throws(StartFailure) {
        self.init(count: try environment.number("TRUSTED_PROXIES", default: 0, in: 0...100))
    }

    /// Returns the address that the first of the proxies saw. Addresses before it could be invented by the client.
    package func clientAddress(of request: ServiceRequest) -> String? {
        guard count > 0 else { return request.peerAddress }
        let forwarded = request.headers.values(named: "X-Forwarded-For").flatMap { $0.split(separator: ",") }
        let address = forwarded.suffix(count).first.map { $0.filter { !$0.isWhitespace } }
        // A client behind fewer proxies than these writes the text itself: anything else would be a new client with each request.
        return address.flatMap { Self.isAddress($0) ? $0 : nil } ?? request.peerAddress
    }

    private static func isAddress(_ text: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1
    }
}
