// The tool that compares the time before a moment with the time since.

import ExampleSupport
import Telemetry

/// Answers `snapshot`.
struct SnapshotTool: Sendable {
    let stores: SignalStores

    var tool: AgentTool {
        AgentTool(
            name: "snapshot", title: "Before and after",
            description:
                "Compares the time since a moment with the time before it, four times as long: operations that have become slower, fail more or are new, "
                + "metrics that have moved, new errors, and configurations that have changed. Of all services, or of one.",
            parameters: [
                AgentParameter(
                    name: "split", kind: .time,
                    description: "The moment: nanoseconds since 1970, or such as -15m, which is used without it."),
                AgentTools.to, AgentTools.service,
            ]
        ) { arguments throws(AgentArguments.Problem) in try answer(arguments) }
    }

    private func answer(_ arguments: AgentArguments) throws(AgentArguments.Problem) -> String {
        let now = arguments.now
        let end = min(arguments.time("to") ?? now, now)
        let split = arguments.time("split") ?? end - min(end, AgentTools.usualWindow)
        guard split < end else { throw AgentArguments.Problem(message: "split must be before to, or before now.") }
        let from = split - min(split, 4 * (end - split))
        let service = arguments.text("service")
        let blocks = stores.spans.blocks
        let after = OperationFigures(blocks, TimeWindow(from: split, to: end), now: now, within: arguments.remaining)
        let before = OperationFigures(blocks, TimeWindow(from: from, to: split), now: split, within: arguments.remaining)
        let trends = MetricTrends(stores.metrics, TimeWindow(from: from, to: end), now: now, service: service, within: arguments.remaining)
        let changes = ConfigurationChanges(blocks, stores.logs.blocks, TimeWindow(from: from, to: end), within: arguments.remaining)
        let logs = self.logs(split: split, from: from, end: end, service, arguments)
        var answer = AgentAnswer()
        answer.say("before", ["from": AgentAnswer.time(from), "to": AgentAnswer.time(split)])
        answer.say("after", ["from": AgentAnswer.time(split), "to": AgentAnswer.time(end)])
        if after.isPartial || before.isPartial || trends.isPartial || changes.isPartial || logs.isPartial { answer.say("partial", true) }

        let worse = self.worse(after, before, service)
        let configured = changes.changes.filter { service == nil || $0.service == service }
        answer.list("configuration_changed", configured.map(Self.row))
        answer.list("operations_changed", worse.prefix(12).map { row($0, after, before) }, total: worse.count)
        let new = after.operations.keys.filter {
            before.operations[$0] == nil && !before.operations.isEmpty && (service == nil || $0.service == service)
        }
        .sorted { ($0.service, $0.name) < ($1.service, $1.name) }
        answer.list("operations_new", new.prefix(8).map { AgentAnswer.string("\($0.service): \($0.name)", limit: 160) }, total: new.count)
        let errors = stores.errors.groups.filter {
            $0.firstSeen >= split && $0.firstSeen < end && (service == nil || $0.service == service)
        }
        answer.list("errors_new", errors.prefix(6).map(ErrorGroupsTool.row), total: errors.count)
        let moved = self.moved(trends, Int64(split / 1_000_000))
        answer.list("metrics_changed", moved.prefix(10).map(\.row), total: moved.count)
        answer.list("log_records_of_warnings_and_errors", logs.rows)

        conclude(configured, worse.map(\.operation.service), &answer)
        offer(worse, moved, errors, before, split, &answer)
        return answer.text
    }

    // MARK: Differences

    private struct Worse {
        let operation: RunFigures.Operation
        let what: String
        let factor: Double
    }

    private func worse(_ after: OperationFigures, _ before: OperationFigures, _ service: String?) -> [Worse] {
        after.operations.compactMap { operation, figures -> Worse? in
            guard service == nil || operation.service == service, let earlier = before.operations[operation] else { return nil }
            if let (what, factor) = figures.worsening(since: earlier) { return Worse(operation: operation, what: what, factor: factor) }
            let (now, then) = (after.rate(figures), before.rate(earlier))
            guard figures.calls >= 20, then > 0, now / then >= 1.8 else { return nil }
            return Worse(operation: operation, what: "more calls", factor: now / then)
        }.sorted { ($1.factor, $0.operation.service, $0.operation.name) < ($0.factor, $1.operation.service, $1.operation.name) }
    }

    private struct Moved {
        let trend: MetricTrends.Trend
        let factor: Double
        let row: JSONValue
    }

    private func moved(_ trends: MetricTrends, _ split: Int64) -> [Moved] {
        trends.trends.compactMap { trend -> Moved? in
            guard let (before, after) = trend.averages(split: split) else { return nil }
            let factor = (after + 1e-9) / (before + 1e-9)
            guard trend.grows || factor >= 1.5 || factor <= 0.67 else { return nil }
            return Moved(
                trend: trend, factor: trend.grows ? 1_000 + factor : max(factor, 1 / max(factor, 1e-6)),
                row: [
                    "metric": AgentAnswer.string(trend.family.name, limit: 120), "service": AgentAnswer.string(trend.service, limit: 120),
                    "before": AgentAnswer.number(before), "after": AgentAnswer.number(after), "per_second": .bool(trend.isRate),
                    "grows_all_the_time": .bool(trend.grows),
                ])
        }.sorted { ($1.factor, $0.trend.family.name, $0.trend.service) < ($0.factor, $1.trend.family.name, $1.trend.service) }
    }

    private func logs(
        split: UInt64, from: UInt64, end: UInt64, _ service: String?, _ arguments: AgentArguments
    ) -> (rows: [JSONValue], isPartial: Bool) {
        guard let term = try? SearchParser.parse("severity>=warn", .logs) else { return ([], false) }
        func counts(_ window: TimeWindow) -> LogSearch.Volume {
            LogSearch(blocks: stores.logs.blocks, term: term, window: window, runs: RunNames())
                .volume(steps: 1, now: end, within: arguments.remaining)
        }
        let volumes = (before: counts(TimeWindow(from: from, to: split)), after: counts(TimeWindow(from: split, to: end)))
        let (before, after) = (volumes.before.services, volumes.after.services)
        let rows = Set(before.keys).union(after.keys).filter { service == nil || $0 == service }.sorted().prefix(10).map {
            name -> JSONValue in
            let (now, then) = ((after[name] ?? []).reduce(0, +), (before[name] ?? []).reduce(0, +))
            return [
                "service": AgentAnswer.string(name, limit: 120),
                "per_minute": AgentAnswer.number(Double(now) / (Double(end - split) / 60e9)),
                "before": AgentAnswer.number(Double(then) / (Double(max(1, split - from)) / 60e9)),
            ]
        }
        return (rows, volumes.before.isPartial || volumes.after.isPartial)
    }

    // MARK: What it points to

    private func conclude(_ changes: [ConfigurationChanges.Change], _ worse: [String], _ answer: inout AgentAnswer) {
        let suspicious = changes.filter { worse.contains($0.service) }
        guard let first = suspicious.first, Set(suspicious.map(\.service)).count == 1 else { return }
        let words = suspicious.prefix(6).map { "\($0.key): \($0.before.joined(separator: ", ")) → \($0.after.joined(separator: ", "))" }
        answer.concludes(
            "\(first.service) has become worse, and its configuration has changed at \(first.at): \(words.joined(separator: "; "))")
    }

    private func offer(
        _ worse: [Worse], _ moved: [Moved], _ errors: [ErrorGroup], _ before: OperationFigures, _ split: UInt64, _ answer: inout AgentAnswer
    ) {
        for one in moved.filter(\.trend.grows).prefix(1) {
            answer.offer(
                "metric_summary", ["name": .string(one.trend.family.name), "service": .string(one.trend.service)], "it grows all the time")
        }
        for one in worse.prefix(2) {
            let (service, name) = (JSONValue.string(one.operation.service), JSONValue.string(one.operation.name))
            let usual = (before.operations[one.operation]?.durations.percentile(0.95) ?? 0) / 1_000_000
            answer.offer(
                "find_traces",
                [
                    "service": service, "operation": name, "errors_only": one.what == "errors" ? true : nil,
                    "min_duration_ms": one.what == "slower" ? .integer(Int64(clamping: usual)) : nil,
                    "sort": one.what == "more calls" ? "spans" : nil, "from": AgentAnswer.time(split),
                ], "traces of what has changed most")
        }
        if !errors.isEmpty { answer.offer("error_groups", ["new_since": AgentAnswer.time(split)], "the new errors") }
        for one in moved.prefix(1) {
            answer.offer(
                "metric_summary",
                ["name": .string(one.trend.family.name), "service": one.trend.service.isEmpty ? nil : .string(one.trend.service)],
                "the metric that has moved most")
        }
        answer.offer("log_search", ["query": "severity>=warn", "from": AgentAnswer.time(split)], "warnings and errors since")
    }

    private func row(_ worse: Worse, _ after: OperationFigures, _ before: OperationFigures) -> JSONValue {
        let (now, then) = (after.operations[worse.operation], before.operations[worse.operation])
        return [
            "service": AgentAnswer.string(worse.operation.service), "operation": AgentAnswer.string(worse.operation.name),
            "what": .string(worse.what),
            "p95_ms": AgentAnswer.milliseconds(now?.durations.percentile(0.95) ?? 0),
            "p95_ms_before": AgentAnswer.milliseconds(then?.durations.percentile(0.95) ?? 0),
            "error_percent": AgentAnswer.percent(now?.errorRate ?? 0), "error_percent_before": AgentAnswer.percent(then?.errorRate ?? 0),
            "calls_per_second": AgentAnswer.number(after.rate(now)), "calls_per_second_before": AgentAnswer.number(before.rate(then)),
        ]
    }

    private static func row(_ change: ConfigurationChanges.Change) -> JSONValue {
        [
            "service": AgentAnswer.string(change.service), "key": AgentAnswer.string(change.key),
            "before": .array(change.before.prefix(4).map { AgentAnswer.string($0, limit: 120) }),
            "after": .array(change.after.prefix(4).map { AgentAnswer.string($0, limit: 120) }), "at": AgentAnswer.time(change.at),
        ]
    }
}
