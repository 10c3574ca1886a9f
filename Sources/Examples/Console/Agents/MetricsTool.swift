// The tool that shows the course of metrics.

import ExampleSupport
import Telemetry

/// Answers `metric_summary`.
struct MetricsTool: Sendable {
    let stores: SignalStores

    var tool: AgentTool {
        AgentTool(
            name: "metric_summary", title: "Metrics",
            description:
                "Without a name lists metrics by how much they have moved; with one shows its course by service and by the attribute in which its series "
                + "differ most, and other metrics of the service that grow too.",
            parameters: [
                AgentParameter(
                    name: "name", kind: .text(maximum: AgentParameter.maximumName),
                    description: "The name of a metric, as a list of this tool has it."),
                AgentTools.service, AgentTools.from, AgentTools.to,
            ]
        ) { arguments throws(AgentArguments.Problem) in try answer(arguments) }
    }

    private func answer(_ arguments: AgentArguments) throws(AgentArguments.Problem) -> String {
        let now = arguments.now
        let window = try arguments.window(from: now - min(now, 4 * AgentTools.usualWindow))
        let service = arguments.text("service")
        var answer = AgentAnswer()
        if let name = arguments.text("name") {
            try summarize(name, service, window, arguments, &answer)
        } else {
            let trends = MetricTrends(stores.metrics, window, now: now, service: service, within: arguments.remaining)
            if trends.isPartial { answer.say("partial", true) }
            let moved = trends.trends.sorted { Self.movement($0) > Self.movement($1) }
            answer.list("metrics", moved.map { row($0) })
            for trend in moved.prefix(3) {
                answer.offer(
                    "metric_summary",
                    ["name": .string(trend.family.name), "service": trend.service.isEmpty ? nil : .string(trend.service)], "its course")
            }
        }
        answer.offer("snapshot", ["service": service.map { .string($0) }], "what has changed besides")
        return answer.text
    }

    private func summarize(
        _ name: String, _ service: String?, _ window: TimeWindow, _ arguments: AgentArguments, _ answer: inout AgentAnswer
    ) throws(AgentArguments.Problem) {
        let families = stores.metrics.summaries(containing: "").filter { $0.family.isNamed(name) }
        guard let family = families.first else {
            let like = stores.metrics.summaries(containing: name.split(separator: ".").first.map(String.init) ?? "").prefix(8).map(
                \.family.name)
            throw AgentArguments.Problem(
                message: "There is no metric \"\(AgentAnswer.clean(name, limit: 80))\"."
                    + (like.isEmpty
                        ? " Without a name this tool lists those that there are."
                        : " There are: \(like.map { AgentAnswer.clean($0, limit: 80) }.joined(separator: ", "))."))
        }
        answer.value(
            "metric",
            [
                "name": AgentAnswer.string(family.family.name), "kind": .string(family.family.kind.rawValue),
                "unit": AgentAnswer.string(family.family.unit, limit: 40),
                "description": AgentAnswer.string(family.family.description),
                "value": .string(MetricFigures.measure(of: family.family).rawValue),
            ])
        let now = arguments.now
        let ofName = MetricTrends(stores.metrics, window, now: now, service: service, name: name, within: arguments.remaining)
        let whole = ofName.trends
        answer.list("by_service", whole.map { row($0, hasCourse: true) })
        let parts = self.parts(name, service, family.attributes, window, arguments)
        answer.list("by_attribute", parts.map { row($0, hasCourse: true) })
        let all = MetricTrends(stores.metrics, window, now: now, service: service, within: arguments.remaining)
        if ofName.isPartial || all.isPartial { answer.say("partial", true) }
        let growing = all.trends
            .filter { $0.grows && !$0.family.isNamed(name) && (service == nil || $0.service == service) }
            .sorted { Self.movement($0) > Self.movement($1) }
        answer.list("grows_too", growing.prefix(10).map { row($0) })
        if let part = parts.first(where: \.grows), parts.count(where: \.grows) <= max(1, parts.count / 2) {
            let labels = part.labels.labels.filter { $0.name != "service_name" }.map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
            answer.concludes(
                "\(part.service): \(name) of \(labels) grows all the time, from \(AgentAnswer.number(part.values.first ?? 0)) to "
                    + "\(AgentAnswer.number(part.values.last ?? 0)), and nothing is let go: a leak.")
        } else if growing.isEmpty, let one = whole.first(where: \.grows) {
            answer.concludes(
                "\(one.service): \(name) grows all the time, from \(AgentAnswer.number(one.values.first ?? 0)) to "
                    + "\(AgentAnswer.number(one.values.last ?? 0)), and nothing is let go: a leak.")
        }
        for trend in growing.prefix(2) {
            answer.offer(
                "metric_summary", ["name": .string(trend.family.name), "service": .string(trend.service)],
                "grows with it, so that it may be the reason")
        }
    }

    /// Returns the courses by the attribute in which the series of a metric differ most.
    private func parts(
        _ name: String, _ service: String?, _ attributes: Set<String>, _ window: TimeWindow, _ arguments: AgentArguments
    ) -> [MetricTrends.Trend] {
        var best: [MetricTrends.Trend] = []
        var most = -1.0
        for attribute in attributes.sorted().prefix(12) where arguments.remaining > .zero {
            let trends = MetricTrends(
                stores.metrics, window, now: arguments.now, service: service, name: name, by: attribute, within: arguments.remaining
            ).trends.filter { !$0.labels[attribute].isEmpty }
            guard trends.count > 1, let top = trends.map(Self.movement).max(), let low = trends.map(Self.movement).min() else { continue }
            if top - low > most { (best, most) = (trends, top - low) }
        }
        return best.sorted { Self.movement($0) > Self.movement($1) }
    }

    /// Returns by how much a metric has moved, whatever its unit.
    static func movement(_ trend: MetricTrends.Trend) -> Double {
        guard let first = trend.values.first, let last = trend.values.last else { return 0 }
        let change = (last - first).magnitude / max(first.magnitude, last.magnitude, 1e-12)
        return trend.grows ? 10 + (last / max(first, 1e-9)).magnitude.squareRoot() : change
    }

    private func row(_ trend: MetricTrends.Trend, hasCourse: Bool = false) -> JSONValue {
        var members: [JSONObject.Member] = [
            .init(key: "metric", value: AgentAnswer.string(trend.family.name, limit: 120)),
            .init(key: "service", value: AgentAnswer.string(trend.service, limit: 120)),
        ]
        for label in trend.labels.labels where label.name != "service_name" && hasCourse {
            members.append(.init(key: AgentAnswer.clean(label.name, limit: 60), value: AgentAnswer.string(label.value, limit: 120)))
        }
        members.append(.init(key: "first", value: AgentAnswer.number(trend.values.first ?? .nan)))
        members.append(.init(key: "last", value: AgentAnswer.number(trend.values.last ?? .nan)))
        if trend.isRate { members.append(.init(key: "per_second", value: true)) }
        if trend.grows { members.append(.init(key: "grows_all_the_time", value: true)) }
        if hasCourse { members.append(.init(key: "course", value: .array(trend.values.map(AgentAnswer.number)))) }
        return .object(JSONObject(members))
    }
}
