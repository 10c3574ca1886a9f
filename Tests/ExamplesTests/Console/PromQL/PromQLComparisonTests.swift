// Compares answers with those of Prometheus to the same queries about the same samples.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

/// `Vectors/answers.txt` holds what Prometheus 3.5.3 answers; `Vectors/make-promql-answers.py` made it.
struct PromQLComparisonTests {
    /// The answers to one query.
    struct Case: Sendable, CustomTestStringConvertible {
        let query: String
        var answers: [(kind: String, lines: [String])] = []
        var testDescription: String { query }
    }

    static let start: Int64 = 1_700_000_000
    static let cases = readCases()
    private static let store = loadedStore()

    private static func lines(_ name: String) -> [String] {
        let folder = String(#filePath).split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let bytes = (try? FileReading.bytes(folder + "/Vectors/" + name)) ?? []
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private static func readCases() -> [Case] {
        var cases: [Case] = []
        for line in lines("answers.txt") {
            if line.hasPrefix("query ") {
                cases.append(Case(query: String(line.dropFirst("query ".count))))
            } else if line.hasPrefix("  ") {
                let last = cases[cases.count - 1].answers.count - 1
                cases[cases.count - 1].answers[last].lines.append(String(line.dropFirst(2)))
            } else {
                cases[cases.count - 1].answers.append((line, []))
            }
        }
        return cases
    }

    private static func loadedStore() -> MetricStore {
        let clock = ManualClock(startingAt: Timestamp(nanosecondsSinceEpoch: UInt64(start + 2_000) * 1_000_000_000))
        let store = MetricStore(clock: .manual(clock))
        let text = lines("page.txt").joined(separator: "\n") + "\n"
        let page = try? ScrapeTextReader.read(Array(text.utf8), isOpenMetrics: true, maximumSamples: 10_000)
        var memory = ScrapeMemory()
        let figures = ScrapeFigures(isUp: true, seconds: 0, samples: 0)
        store.receive(page, of: [], at: (start + 2_000) * 1_000, figures, &memory)
        return store
    }

    @Test func vectorsAreThere() {
        #expect(Self.cases.count > 100)
        #expect(Self.store.statistics.received == 890)
        #expect(Self.store.statistics.rejected.isEmpty)
    }

    @Test(arguments: cases) func answersAreThoseOfPrometheus(one: Case) throws {
        let engine = PromQLEngine(store: Self.store)
        for (kind, expected) in one.answers {
            let words = kind.split(separator: " ", maxSplits: 2).map(String.init)
            if words[0] == "range" {
                let found = Self.result { () throws(PromQLError) in
                    try engine.query(one.query, from: (Self.start + 100) * 1_000, to: (Self.start + 1_100) * 1_000, step: 200_000)
                }
                compare(found, words.count > 1 ? nil : expected, one.query, "range")
                continue
            }
            let time = Int64((Double(Self.start) + (Double(words[1]) ?? 0)) * 1_000)
            let found = Self.result { () throws(PromQLError) in try engine.query(one.query, at: time) }
            switch words[0] {
            case "error": compare(found, nil, one.query, kind)
            case "scalar", "string": compare(found, [words[2]], one.query, kind)
            default: compare(found, expected, one.query, kind)
            }
        }
    }

    /// Returns the lines of an answer as the vectors have them; nil for an error.
    private static func result(_ query: () throws(PromQLError) -> QueryResult) -> [String]? {
        guard let result = try? query() else { return nil }
        func text(_ labels: LabelSet) -> String { labels.text }
        func point(_ time: Int64, _ value: Double) -> String {
            "\(GoNumber.text(value))@\(GoNumber.text(Double(time - start * 1_000) / 1_000))"
        }
        switch result.value {
        case .scalar(let value): return [GoNumber.text(value)]
        case .string(let text): return [text]
        case .vector: return result.series.map { "\(GoNumber.text($0.values[0])) \(text($0.labels))" }
        case .matrix:
            return result.series.map { series in
                let points = (0..<result.steps.count).filter { series.hasValue($0) }.map {
                    point(result.steps.time($0), series.values[$0])
                }
                return points.joined(separator: " ") + " " + text(series.labels)
            }
                + result.points.map { series in
                    zip(series.times, series.values).map { point($0, $1) }.joined(separator: " ") + " " + text(series.labels)
                }
        }
    }

    private func compare(_ found: [String]?, _ expected: [String]?, _ query: String, _ context: String) {
        guard let found, let expected else {
            #expect((found == nil) == (expected == nil), "\(context): \(query)")
            return
        }
        // The order of series is part of the answer only where the query asks for one.
        let isOrdered = query.hasPrefix("sort")
        let (left, right) = isOrdered ? (found, expected) : (found.sorted(by: Self.byLabels), expected.sorted(by: Self.byLabels))
        guard left.count == right.count else {
            Issue.record("\(context): \(query) gave \(left), not \(right)")
            return
        }
        for (one, other) in zip(left, right) where !Self.isClose(one, other) {
            Issue.record("\(context): \(query) gave \(one), not \(other)")
        }
    }

    private static func labels(_ line: String) -> Substring { line.drop { $0 != "{" } }

    private static func byLabels(_ left: String, _ right: String) -> Bool { labels(left) < labels(right) }

    /// Compares two lines, numbers to within rounding errors.
    private static func isClose(_ left: String, _ right: String) -> Bool {
        guard labels(left) == labels(right) else { return false }
        let (first, second) = (left.prefix { $0 != "{" }.split(separator: " "), right.prefix { $0 != "{" }.split(separator: " "))
        guard first.count == second.count else { return false }
        return zip(first, second).allSatisfy { one, other in
            let (values, others) = (one.split(separator: "@"), other.split(separator: "@"))
            guard values.count == others.count else { return false }
            return zip(values, others).allSatisfy { one, other in
                if one == other { return true }
                guard let one = GoNumber.value(one), let other = GoNumber.value(other) else { return false }
                return (one - other).magnitude <= 1e-9 * max(one.magnitude, other.magnitude)
            }
        }
    }
}
