// The queries of dashboards and rules.

import ExampleSupport
import Foundation
import Testing

@testable import TelemetryConsole

/// A query of a dashboard or rule, and where it stands.
struct DeployedQuery: Sendable {
    let place: String
    let text: String

    /// Returns the queries of all dashboards, with what Grafana puts in place of its variables.
    static func ofDashboards() throws -> [DeployedQuery] {
        let folder = DeployedService.folder.appending(path: "grafana/dashboards")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().flatMap { file in
            try (DeployedService.json("grafana/dashboards/\(file)")["panels"]?.arrayValue ?? []).flatMap { panel in
                (panel["targets"]?.arrayValue ?? []).compactMap { $0["expr"]?.stringValue }.map { text in
                    let query = text.replacing("$__rate_interval", with: "5m").replacing("$job", with: ".+").replacing(
                        "$system", with: ".+")
                    return DeployedQuery(place: "\(file): \(panel["title"]?.stringValue ?? "")", text: query)
                }
            }
        }
    }

    /// Returns the queries of rules, with the names that they are recorded under.
    static func ofRules() throws -> [(query: DeployedQuery, recorded: String?)] {
        let ofPrometheus = ["recording", "alerts"].map { "prometheus/rules/\($0).yml" }
        let ofConsole = ["services", "hello-world", "albums", "twitter", "spaceports", "apollo"].map { "alerts/\($0).yml" }
        return try (ofPrometheus + ofConsole).flatMap { file in
            // A query of several lines stands below a line `expr: |`, indented further.
            let lines = try DeployedService.text(file).split(separator: "\n", omittingEmptySubsequences: false)
            var found: [(DeployedQuery, String?)] = []
            var name = ""
            for (index, line) in lines.enumerated() {
                if let start = line.firstMatch(of: /- (record|alert): (.+)/) { name = "\(start.output.1) \(start.output.2)" }
                guard let expression = line.firstMatch(of: /^ +expr: (.+)/)?.output.1 else { continue }
                var text = String(expression)
                if text == "|" { text = lines[(index + 1)...].prefix { $0.hasPrefix("          ") }.joined(separator: " ") }
                if text.hasPrefix("\"") { text = try JSONValue(parsing: text).stringValue ?? "" }
                let recorded = name.hasPrefix("record ") ? String(name.dropFirst("record ".count)) : nil
                found.append((DeployedQuery(place: "\(file): \(name)", text: text), recorded))
            }
            return found
        }
    }

    /// A selector with the labels that are asked of its series: by its matchers, and by the aggregations around it.
    struct Use {
        let metric: String
        /// The condition on the name; a pattern has the names of one metric with and without its suffix.
        let name: LabelMatcher?
        var labels: Set<String>
        let values: [(label: String, value: String)]

        /// Returns the labels of the metric on a page; nil if it is not there.
        func labels(on page: PrometheusPage) -> Set<String>? { page.labels.first { name?.matches($0.key) == true }?.value }
    }

    func uses() throws -> [Use] {
        Self.uses(of: try PromQLParser.parse(text), grouping: [])
    }

    private static func uses(of expression: PromQLExpression, grouping: Set<String>) -> [Use] {
        switch expression.form {
        case .number, .string: return []
        case .selector(let selector):
            let name = selector.matchers.first { $0.name == "__name__" }
            let metric = name.map { matcher -> String in if case .equal(let name) = matcher.test { name } else { "\(matcher)" } }
            let others = selector.matchers.filter { $0.name != "__name__" }
            let values = others.compactMap { matcher -> (String, String)? in
                if case .equal(let value) = matcher.test { (matcher.name, value) } else { nil }
            }
            return [Use(metric: metric ?? "", name: name, labels: grouping.union(others.map(\.name)), values: values)]
        case .subquery(let inner, _), .negated(let inner): return uses(of: inner, grouping: grouping)
        case .binary(_, let left, let right, let matching, _):
            let needed = grouping.union(matching.isOn ? matching.names : [])
            return uses(of: left, grouping: needed) + uses(of: right, grouping: needed)
        case .aggregation(_, let inner, _, let by):
            return uses(of: inner, grouping: by.isWithout || by.names.isEmpty ? grouping : Set(by.names))
        case .call(_, let arguments): return arguments.flatMap { uses(of: $0, grouping: grouping) }
        }
    }
}
