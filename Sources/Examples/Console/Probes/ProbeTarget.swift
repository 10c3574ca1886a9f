// What is probed, how often, and what is expected of it.

import Telemetry

/// One target of a module.
struct ProbeTarget: Sendable {
    let module: ProbeModule
    let target: String
    let job: String
    let interval: Duration
    let timeout: Duration
    /// More labels for every sample.
    var labels: [String: String] = [:]
    /// The share of the probes in 30 days that are to succeed; nil without an objective.
    var objective: Double?

    /// The target as it is shown.
    var shown: String { Self.shown(target) }

    /// Returns a target without the user and the password that a URL may have.
    static func shown(_ target: String) -> String {
        guard target.contains("@") else { return target }
        let scheme = ["http://", "https://"].first { target.lowercased().hasPrefix($0) } ?? ""
        let rest = target.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let at = authority.lastIndex(of: "@") { return "\(target.prefix(scheme.count))…\(rest[at...])" }
        // What is no URL may have its password anywhere.
        return HTTPURL("http://\(rest)") == nil ? HTTPURL.withoutUserInformation(target) : target
    }

    /// The labels that every sample of the target gets.
    var sampleLabels: [(String, String)] {
        labels.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } + [("instance", shown), ("job", job), ("module", module.name)]
    }

    /// The name of the target in the file of the console.
    var key: String { "\(job)\u{0}\(module.name)\u{0}\(shown)" }
}
