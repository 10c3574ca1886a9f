// The tool that lists groups of errors.

import ExampleSupport
import Telemetry

/// Answers `error_groups`.
struct ErrorGroupsTool: Sendable {
    let stores: SignalStores

    var tool: AgentTool {
        AgentTool(
            name: "error_groups", title: "Groups of errors",
            description:
                "Lists exceptions that are the same together: how often, since when, in which releases, with a trace for each. The most frequent of the "
                + "time come first.",
            parameters: [
                AgentTools.service,
                AgentParameter(
                    name: "status", kind: .choice(["unresolved", "resolved", "regressed", "ignored"]),
                    description: "Only groups of this status."),
                AgentParameter(name: "new_since", kind: .time, description: "Only groups that were seen first after this time."),
                AgentParameter(name: "limit", kind: .integer(1...100), description: "Groups that are listed; 15 without it."),
            ]
        ) { arguments in answer(arguments) }
    }

    private func answer(_ arguments: AgentArguments) -> String {
        let since = arguments.time("new_since") ?? 0
        let groups = stores.errors.groups.filter { group in
            (arguments.text("service").map { group.service == $0 } ?? true)
                && (arguments.text("status").map { group.status.rawValue == $0 } ?? true)
                && group.firstSeen >= since
        }.sorted { ($1.count, $0.id) < ($0.count, $1.id) }
        var answer = AgentAnswer()
        answer.list("groups", groups.prefix(arguments.number("limit") ?? 15).map(Self.row), total: groups.count)
        for group in groups.prefix(3) {
            guard let sample = group.samples.first(where: { TraceKey(hexadecimal: $0.traceID) != nil }) else { continue }
            answer.offer("trace_summary", ["trace_id": .string(sample.traceID)], "a trace with this error")
        }
        if groups.isEmpty {
            answer.offer("find_traces", ["errors_only": true, "from": "-1d"], "failed spans, which need have no exception")
        }
        answer.offer("log_search", ["query": "severity>=error"], "log records of errors")
        return answer.text
    }

    static func row(_ group: ErrorGroup) -> JSONValue {
        [
            "service": AgentAnswer.string(group.service), "type": AgentAnswer.string(group.type, limit: 120),
            "message": AgentAnswer.string(group.message),
            "count": .integer(Int64(group.count)), "first_seen": AgentAnswer.time(group.firstSeen),
            "last_seen": AgentAnswer.time(group.lastSeen),
            "status": .string(group.status.rawValue), "frame": AgentAnswer.string(group.frames.first ?? "", limit: 120),
            "releases": .array(group.releases.counts.keys.sorted().prefix(5).map { AgentAnswer.string($0, limit: 60) }),
            "trace_id": .string(group.samples.first?.traceID ?? ""),
        ]
    }
}
