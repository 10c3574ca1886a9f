// Whether the telemetry of the demo keeps the semantic conventions.

import ExampleSupport
import Telemetry

/// Asks the collector what violates the conventions, and leaves out what contracts ask for.
struct ConventionVerdict: Sendable {
    /// A deviation on purpose, with what asks for it.
    struct Exception: Sendable {
        let rule: String
        /// The beginnings of the subjects.
        let subjects: [String]
        let reason: String
    }

    static let exceptions = [
        Exception(
            rule: "invalid_format", subjects: ["album-store.", "proxy-service."],
            reason: "the contracts of the album store and its proxy have hyphens in the names of attributes"),
        Exception(
            rule: "deprecated", subjects: ["rpc.system", "rpc.service"],
            reason: "the conventions for clients of AWS still require rpc.system, which those for calls have renamed"),
        Exception(
            rule: "missing_metric", subjects: ["process.start_time"],
            reason: "dashboards for Prometheus ask for process_start_time_seconds, which the conventions do not have"),
    ]

    /// Violations that no contract asks for, as lines.
    private(set) var problems: [String] = []
    /// How many services were checked, and the violations on purpose.
    private(set) var services = 0
    private(set) var expected = 0

    /// - Parameter answer: that of the collector to `/data/conventions?level=violation`.
    init(_ answer: JSONValue) {
        for service in answer["services"]?.arrayValue ?? [] {
            services += 1
            for finding in service["findings"]?.arrayValue ?? [] {
                func text(_ name: String) -> String { finding[name]?.stringValue ?? "" }
                let isExpected = Self.exceptions.contains { exception in
                    exception.rule == text("rule") && exception.subjects.contains { text("subject").hasPrefix($0) }
                }
                guard !isExpected else {
                    expected += 1
                    continue
                }
                problems.append("\(service["service"]?.stringValue ?? ""): \(text("subject")): \(text("message")) (\(text("rule")))")
            }
        }
    }
}
