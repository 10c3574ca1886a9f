// What is known of one target.

import ExampleSupport
import Telemetry

/// The last probe of a target, and its history.
struct ProbeState: Sendable {
    /// The last probe.
    struct Last: Sendable {
        let result: ProbeResult
        /// When it began, in milliseconds since 1970.
        let time: Int64
    }

    var history = AvailabilityHistory()
    /// Nil before the first probe.
    var last: Last?
    /// The milliseconds since 1970 at which the target began to fail, or to answer; nil before the first probe.
    var since: Int64?

    /// Takes a probe in, and returns its page with availability and budget.
    mutating func take(_ result: ProbeResult, of target: ProbeTarget, at time: Int64) -> ProbePage {
        var result = result
        if last?.result.isSuccess != result.isSuccess { since = time }
        history.record(result.isSuccess, at: time)
        result.page.add(history, objective: target.objective, at: time)
        last = Last(result: result, time: time)
        return result.page
    }

    /// The target as JSON.
    func json(of target: ProbeTarget, at time: Int64) -> JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
        func windows(_ list: [AvailabilityHistory.Window], _ value: (AvailabilityHistory.Window) -> Double?) -> JSONValue {
            .object(JSONObject(list.map { .init(key: $0.name, value: number(value($0))) }))
        }
        let budget = target.objective.map { ErrorBudget(objective: $0, history: history) }
        let page = last?.result.page
        return [
            "target": .string(target.shown), "job": .string(target.job), "module": .string(target.module.name),
            "prober": .string(target.module.prober.name),
            "labels": .object(JSONObject(target.labels.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: .string($0.value)) })),
            "interval": .number(target.interval / .seconds(1)), "timeout": .number(target.timeout / .seconds(1)),
            "success": last.map { .bool($0.result.isSuccess) } ?? .null, "problem": last?.result.problem.map { .string($0) } ?? .null,
            "time": last.map { .integer($0.time) } ?? .null, "since": since.map { .integer($0) } ?? .null,
            "duration": number(last.map { $0.result.duration / .seconds(1) }),
            "traceId": last.flatMap { $0.result.spans.isEmpty ? nil : .string("\($0.result.trace)") } ?? .null,
            "status": number(page?.value(.httpStatus)), "certificateExpiry": number(page?.value(.certificateExpiry)),
            "availability": windows(AvailabilityHistory.Window.ofAvailability) { history.availability($0, at: time) },
            "hours": .array(history.lastDay(at: time).map(number)),
            "objective": number(target.objective), "budgetRemaining": number(budget?.remaining(at: time)),
            "burnRates": budget.map { budget in
                windows(AvailabilityHistory.Window.ofBurnRates) { budget.burnRate($0, at: time) }
            } ?? .null,
        ]
    }
}
