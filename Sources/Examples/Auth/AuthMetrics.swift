// The metrics of the auth service under their documented names.

import ExampleSupport
import Telemetry

/// Counts calls, attempts and successes. Descriptions are the names, as in the original.
struct AuthMetrics: Sendable {
    /// The names on the page for Prometheus: with suffixes such as `_total`, dashboards of the original would not find them.
    static let names: Set = [
        "auth_service_counter", "auth_service_register_total_counter", "auth_service_register_success_counter",
        "auth_service_login_total_counter", "auth_service_login_success_counter", "auth_service_token_total_counter",
        "auth_service_token_success_counter",
    ]

    private let calls: Counter<Int>
    /// The calls of `/token`, which are most.
    let tokenCalls: BoundCounter<Int>
    private let logins: Counter<Int>
    private let successfulLogins: Counter<Int>
    let registrations: BoundCounter<Int>
    let successfulRegistrations: BoundCounter<Int>
    let tokens: BoundCounter<Int>
    let successfulTokens: BoundCounter<Int>

    init(_ meter: Meter) {
        func counter(_ name: String) -> Counter<Int> {
            assert(Self.names.contains(name), "Every counter keeps its name on the page.")
            return meter.counter(name, description: name)
        }
        /// Returns a counter without labels, which is there with 0 from the start.
        func bound(_ name: String) -> BoundCounter<Int> {
            let bound = counter(name).bind()
            bound.add(0)
            return bound
        }
        calls = counter("auth_service_counter")
        tokenCalls = calls.bind(["method": "POST", "path": "/token"])
        logins = counter("auth_service_login_total_counter")
        successfulLogins = counter("auth_service_login_success_counter")
        registrations = bound("auth_service_register_total_counter")
        successfulRegistrations = bound("auth_service_register_success_counter")
        tokens = bound("auth_service_token_total_counter")
        successfulTokens = bound("auth_service_token_success_counter")
    }

    /// Counts a call by the path below `/auth`, which is that of a route and never of a request.
    func called(_ path: String, network: String? = nil) { calls.add(1, ["method": "POST", "path": path, "ip": network]) }

    func loginStarted(from network: String?) { logins.add(1, ["ip": network]) }

    func loginSucceeded(from network: String?) { successfulLogins.add(1, ["ip": network]) }
}

extension String {
    /// The network of an address, such as `192.0.2.0/24` or `2001:db8:7::/48`, as the label `ip`.
    ///
    /// Clients have addresses without number, and an address tells of a person. Networks are fewer; those beyond the cardinality limit of
    /// the SDK, 2000 label sets for each counter, share the overflow series.
    var network: String {
        let parts = split(separator: ".", omittingEmptySubsequences: false)
        if parts.count == 4, !contains(":") { return parts[..<3].joined(separator: ".") + ".0/24" }
        if contains(":"), let mapped = split(separator: ":").last, mapped.contains(".") { return String(mapped).network }
        let groups = prefix { $0 != "%" }.split(separator: ":", omittingEmptySubsequences: false).prefix(while: { !$0.isEmpty }).prefix(3)
        return groups.joined(separator: ":") + "::/48"
    }
}
