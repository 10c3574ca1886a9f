// Compares the states of alerts, minute by minute, with those of Prometheus.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

/// `Vectors/states.txt` holds what Prometheus 3.5.3 says of `rules.yml` over `series.txt`; `make-alert-states.py` made it.
@Suite(.enabled(if: YAMLReader.isAvailable, "libyaml is not installed")) struct AlertStatesTests {
    private struct Expectation {
        let seconds: Int64
        let query: String
        var samples: [LabelSet: Double] = [:]
    }

    private func expectations() throws -> [Expectation] {
        var found: [Expectation] = []
        for line in try AlertVectors.lines("states.txt") {
            if line.hasPrefix("at ") {
                let words = line.split(separator: " ", maxSplits: 2)
                let query = words[2].dropFirst().dropLast().replacing("\\\"", with: "\"")
                found.append(Expectation(seconds: try #require(Int64(words[1])), query: String(query)))
            } else {
                let end = try #require(line.lastIndex(of: " "))
                let labels = try AlertVectors.labels(line[..<end].drop { $0 == " " })
                found[found.count - 1].samples[labels] = Double(String(line[line.index(after: end)...]))
            }
        }
        return found
    }

    @Test("POC-32: the states of 30 rules are those of Prometheus at every step") func statesAreThoseOfPrometheus() throws {
        let (store, _) = try AlertVectors.store("series.txt")
        let groups = try RuleFileReader.groups(try AlertVectors.bytes("rules.yml"), file: "rules.yml")
        #expect(groups.flatMap(\.rules).count(where: { $0.kind == .alert }) >= 30)
        var rules = RuleSet(groups, externalURL: "")
        let engine = PromQLEngine(store: store)
        let expected = try expectations()
        #expect(expected.count == 2 * 41 && expected.reduce(0) { $0 + $1.samples.count } > 800)
        var evaluated: Int64 = -1
        for one in expected {
            if one.seconds != evaluated {
                evaluated = one.seconds
                _ = rules.evaluate(at: AlertVectors.start + evaluated * 1_000, engine)
                for group in rules.groups { for rule in group.rules { #expect(rule.lastError == nil, "\(rule.rule.name)") } }
            }
            let result = try engine.query(one.query, at: AlertVectors.start + one.seconds * 1_000)
            let found = Dictionary(uniqueKeysWithValues: result.series.map { ($0.labels, $0.values[0]) })
            #expect(Set(found.keys) == Set(one.samples.keys), "\(one.query) at \(one.seconds) s: \(difference(found, one.samples))")
            for (labels, value) in one.samples {
                guard let own = found[labels] else { continue }
                // Prometheus' test tool writes four digits of the fraction.
                #expect(
                    (own - value).magnitude <= value.magnitude * 1e-4 || own.isNaN && value.isNaN, "\(labels.groupText) at \(one.seconds) s"
                )
            }
        }
    }

    private func difference(_ found: [LabelSet: Double], _ wanted: [LabelSet: Double]) -> String {
        let more = Set(found.keys).subtracting(wanted.keys).map { "+" + $0.groupText }
        let less = Set(wanted.keys).subtracting(found.keys).map { "-" + $0.groupText }
        return (more + less).sorted().joined(separator: " ")
    }

    @Test func annotationsAreThoseOfPrometheus() throws {
        let (store, _) = try AlertVectors.store("series.txt")
        var rules = RuleSet(try RuleFileReader.groups(try AlertVectors.bytes("rules.yml"), file: "rules.yml"), externalURL: "")
        let engine = PromQLEngine(store: store)
        for minute in 0...12 { _ = rules.evaluate(at: AlertVectors.start + Int64(minute) * 60_000, engine) }
        var found: [ActiveAlert] = []
        rules.forEachRule { _, status in if status.rule.name == "HighErrorRate" { found += status.state.active } }
        let alert = try #require(found.first)
        #expect(
            found.count == 1 && alert.labels.groupText == #"{alertname="HighErrorRate", job="shop", recorded="yes", severity="critical"}"#)
        // As promtool prints them, but for the last digit, which depends on the order of a division.
        #expect(alert.annotations.map(\.name) == ["printed", "summary", "value"])
        #expect(alert.annotations[0].value == "0.17 of shop" && alert.annotations[1].value == "shop fails 16.67% of its requests")
        #expect(alert.annotations[2].value.hasPrefix("0.1666666666666666"))
    }

    @Test func missedEvaluationsAreCountedAndTheLastOneIsMade() throws {
        let (store, _) = try AlertVectors.store("series.txt")
        let group = RuleGroup(file: "f", name: "g", interval: 60_000, queryOffset: 0, limit: 0, rules: [])
        var rules = RuleSet([group], externalURL: "")
        let engine = PromQLEngine(store: store)
        #expect(rules.evaluate(at: AlertVectors.start + 500, engine).hasEvaluated)
        #expect(rules.groups[0].lastEvaluation == AlertVectors.start)
        #expect(!rules.evaluate(at: AlertVectors.start + 59_999, engine).hasEvaluated)
        #expect(rules.evaluate(at: AlertVectors.start + 61_000, engine).hasEvaluated && rules.groups[0].missed == 0)
        #expect(rules.evaluate(at: AlertVectors.start + 305_000, engine).hasEvaluated)
        #expect(rules.groups[0].missed == 3 && rules.groups[0].lastEvaluation == AlertVectors.start + 300_000)
        #expect(!rules.evaluate(at: AlertVectors.start + 100_000, engine).hasEvaluated, "A clock that is set back evaluates nothing again.")
    }
}
