// Checks a running service by its own program: an image without a shell has nothing else to do so.

import Telemetry

/// The work of the argument `--check`.
enum ServiceCheck {
    private static let timeout = Duration.seconds(3)

    /// Requests `/status` of the service that listens with these settings; returns the reason if it does not answer.
    ///
    /// Any status below 500 is an answer: a console that wants a token lives as well.
    static func failure(host: String, port: Int) async -> String? {
        let url = "http://\(reachable(host)):\(port)/status"
        do {
            let status = try await SocketTransport(timeout: timeout).send("GET", url, headers: [:], body: []).status
            return status < 500 ? nil : "\(url) is answered with \(status)"
        } catch {
            return "\(error)"
        }
    }

    /// Returns an address that reaches a listener on this one, as the host of a URL.
    private static func reachable(_ host: String) -> String {
        switch host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "[::1]"
        default: host.contains(":") ? "[\(host)]" : host
        }
    }
}
