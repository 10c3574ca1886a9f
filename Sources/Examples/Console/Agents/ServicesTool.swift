// The tool that agents begin with: services with their rates, errors and durations, and what has become worse.

import ExampleSupport
import Telemetry

/// Answers `services`.
struct ServicesTool: Sendable {
    let stores: SignalStores

    var tool: AgentTool {
        AgentTool(
            name: "services", title: "Services",
            description:
                "Lists services with calls per second, share of errors and durations, each compared with the time before, and what has become worse. "
                + "Begin here.",
            parameters: [AgentTools.from, AgentTools.to]
        ) { arguments throws(AgentArguments.Problem) in try answer(arguments) }
    }

    /// Something that has become worse.
    private struct Suspect {
        enum Kind: Int { case moreCalls, errors, slower, grows }

        let kind: Kind
        let service: String
        var factor = 1.0
        /// True if a service that this one calls has become worse in the same way, or is called more often.
        var isExplained = false
        var trend: MetricTrends.Trend?
    }

    private func answer(_ arguments: AgentArguments) throws(AgentArguments.Problem) -> String {
        let now = arguments.now
        let window = try arguments.window(from: now - min(now, AgentTools.usualWindow))
        let length = min(window.to, now) - min(window.from, min(window.to, now))
        let earlier = TimeWindow(from: window.from - min(window.from, 4 * max(length, 1)), to: max(window.from, 1))
        let blocks = stores.spans.blocks
        let after = OperationFigures(blocks, window, now: now, within: arguments.remaining)
        let before = OperationFigures(blocks, earlier, now: earlier.to, within: arguments.remaining)
        let map = ServiceMap(blocks, window, now: now, within: arguments.remaining)
        let trends = MetricTrends(stores.metrics, TimeWindow(from: earlier.from, to: window.to), now: now, within: arguments.remaining)
        let suspects = self.suspects(after, before, map, trends)
        var answer = AgentAnswer()
        answer.say(
            "window",
            ["from": AgentAnswer.time(window.from), "to": AgentAnswer.time(min(window.to, now)), "compared_with": "the time before"])
        if after.isPartial || before.isPartial || map.isPartial || trends.isPartial { answer.say("partial", true) }
        answer.list("worse", suspects.map { row($0, after, before) })
        let services = after.services.sorted { ($1.value.calls, $0.key) < ($0.value.calls, $1.key) }
        answer.list("services", services.map { row($0.key, $0.value, after.seconds, before.services[$0.key]) })
        offer(suspects, before, window, &answer)
        answer.offer(
            "snapshot", ["split": AgentAnswer.time(window.from)],
            "compares all operations, metrics, errors and configurations before and after")
        answer.offer("error_groups", [:], "errors by their kind")
        answer.offer("log_search", ["query": "severity>=error"], "log records of errors")
        return answer.text
    }

    // MARK: What has become worse

    private func suspects(
        _ after: OperationFigures, _ before: OperationFigures, _ map: ServiceMap, _ trends: MetricTrends
    ) -> [Suspect] {
        var suspects: [Suspect] = []
        let callers = self.callers(map)
        func ratio(_ service: String) -> Double {
            let (now, then) = (after.rate(after.services[service]), before.rate(before.services[service]))
            return then > 0 ? now / then : 1
        }
        for (service, figures) in after.services {
            guard let earlier = before.services[service] else { continue }
            let growth = ratio(service)
            // More calls than its callers have reason for: they try again.
            if figures.calls >= 20, earlier.calls >= 10, growth >= 1.8, let most = callers[service]?.map(ratio).max(), growth >= 1.5 * most
            {
                suspects.append(Suspect(kind: .moreCalls, service: service, factor: growth / max(most, 0.1)))
            }
            if let (what, factor) = figures.worsening(since: earlier) {
                suspects.append(Suspect(kind: what == "errors" ? .errors : .slower, service: service, factor: factor))
            }
        }
        for trend in trends.trends where trend.grows && !trend.service.isEmpty {
            let factor = (trend.values.last ?? 1) / max(trend.values.first ?? 1, 1e-9)
            suspects.append(Suspect(kind: .grows, service: trend.service, factor: min(factor, 1_000), trend: trend))
        }
        let worse = Set(suspects.filter { $0.kind != .grows }.map(\.service))
        let repeated = Set(suspects.filter { $0.kind == .moreCalls }.map(\.service))
        for place in suspects.indices where suspects[place].kind == .errors || suspects[place].kind == .slower {
            let service = suspects[place].service
            let called = callers.filter { $0.value.contains(service) }.map(\.key)
            suspects[place].isExplained = repeated.contains(service) || called.contains { worse.contains($0) }
        }
        return suspects.sorted { left, right in
            (left.isExplained ? 1 : 0, left.kind.rawValue, -left.factor, left.service, left.trend?.family.name ?? "")
                < (right.isExplained ? 1 : 0, right.kind.rawValue, -right.factor, right.service, right.trend?.family.name ?? "")
        }
    }

    /// Returns the services that call each service.
    private func callers(_ map: ServiceMap) -> [String: Set<String>] {
        var callers: [String: Set<String>] = [:]
        for edge in map.edges where map.nodes[edge.to].kind == .service && edge.from != edge.to {
            callers[map.nodes[edge.to].name, default: []].insert(map.nodes[edge.from].name)
        }
        return callers
    }

    private func offer(_ suspects: [Suspect], _ before: OperationFigures, _ window: TimeWindow, _ answer: inout AgentAnswer) {
        for suspect in suspects.prefix(3) {
            let service = JSONValue.string(suspect.service)
            let from = AgentAnswer.time(window.from)
            switch suspect.kind {
            case .moreCalls:
                answer.offer(
                    "find_traces", ["service": service, "sort": "spans", "from": from], "it is called more often than its callers are")
            case .errors:
                answer.offer("find_traces", ["service": service, "errors_only": true, "from": from], "more of its calls fail")
            case .slower:
                let usual = (before.services[suspect.service]?.durations.percentile(0.95) ?? 0) / 1_000_000
                answer.offer(
                    "find_traces",
                    ["service": service, "min_duration_ms": .integer(Int64(clamping: usual)), "sort": "slowest", "from": from],
                    "its calls take longer")
            case .grows:
                answer.offer(
                    "metric_summary", ["name": suspect.trend.map { .string($0.family.name) }, "service": service],
                    "it has grown all the time")
            }
        }
    }

    // MARK: Rows

    private func row(_ suspect: Suspect, _ after: OperationFigures, _ before: OperationFigures) -> JSONValue {
        let (now, then) = (after.services[suspect.service], before.services[suspect.service])
        var members: [JSONObject.Member] = [.init(key: "service", value: AgentAnswer.string(suspect.service))]
        func add(_ key: String, _ value: JSONValue) { members.append(.init(key: key, value: value)) }
        switch suspect.kind {
        case .moreCalls:
            add("what", "called more often than its callers are")
            add("calls_per_second", AgentAnswer.number(after.rate(now)))
            add("before", AgentAnswer.number(before.rate(then)))
        case .errors:
            add("what", "more errors")
            add("error_percent", AgentAnswer.percent(now?.errorRate ?? 0))
            add("before", AgentAnswer.percent(then?.errorRate ?? 0))
        case .slower:
            add("what", "slower")
            add("p95_ms", AgentAnswer.milliseconds(now?.durations.percentile(0.95) ?? 0))
            add("before", AgentAnswer.milliseconds(then?.durations.percentile(0.95) ?? 0))
        case .grows:
            add("what", "a metric grows all the time")
            add("metric", AgentAnswer.string(suspect.trend?.family.name ?? ""))
            add("value", AgentAnswer.number(suspect.trend?.values.last ?? 0))
            add("before", AgentAnswer.number(suspect.trend?.values.first ?? 0))
        }
        if suspect.isExplained { add("note", "a service that it calls has become worse too") }
        return .object(JSONObject(members))
    }

    private func row(_ name: String, _ figures: CallFigures, _ seconds: Double, _ earlier: CallFigures?) -> JSONValue {
        [
            "service": AgentAnswer.string(name), "calls_per_second": AgentAnswer.number(figures.calls / seconds),
            "error_percent": AgentAnswer.percent(figures.errorRate), "p50_ms": AgentAnswer.milliseconds(figures.durations.percentile(0.5)),
            "p95_ms": AgentAnswer.milliseconds(figures.durations.percentile(0.95)),
            "p95_ms_before": earlier.map { AgentAnswer.milliseconds($0.durations.percentile(0.95)) } ?? .null,
        ]
    }
}
