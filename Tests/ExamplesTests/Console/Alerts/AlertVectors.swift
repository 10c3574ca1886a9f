// The files beside the tests of alerts.

import ExampleSupport
import Telemetry

@testable import TelemetryConsole

enum AlertVectors {
    static let folder =
        String(#filePath).split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/Vectors/"
    /// A time that is a multiple of ten minutes, as the start of Prometheus' tests is.
    static let start: Int64 = 1_699_999_800_000

    static func bytes(_ name: String) throws -> [UInt8] { try FileReading.bytes(folder + name) }

    static func lines(_ name: String) throws -> [String] {
        String(decoding: try bytes(name), as: UTF8.self).split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    }

    /// Returns the labels of a text such as `up{job="shop"}`.
    static func labels(_ text: some StringProtocol) throws -> LabelSet {
        LabelSet(
            try PromQLParser.matchers(String(text)).map { matcher in
                if case .equal(let value) = matcher.test { LabelSet.Label(matcher.name, value) } else { LabelSet.Label(matcher.name, "") }
            })
    }

    /// Adds a sample to a store.
    static func add(_ labels: LabelSet, _ value: Double?, at time: Int64, to store: MetricStore) {
        store.withTables { tables in
            let name = labels.metricName
            let family = MetricFamily(name: name, prometheusName: name, kind: .gauge, isMonotonic: false)
            guard let number = tables.family(family), let place = tables.place(of: labels, family: number, isPrimary: true) else { return }
            if let value { _ = tables.append(.double(value), to: place, at: time, SampleKind()) } else { tables.end(place, at: time) }
        }
    }

    /// Returns a store with the series of a file, a value each half minute.
    static func store(_ name: String) throws -> (store: MetricStore, clock: ManualClock) {
        let clock = ManualClock(startingAt: Timestamp(nanosecondsSinceEpoch: UInt64(start) * 1_000_000))
        let store = MetricStore(clock: .manual(clock))
        for line in try lines(name) {
            guard let space = line.firstIndex(of: " ") else { continue }
            let labels = try labels(line[..<space])
            for (step, value) in line[space...].split(separator: " ").enumerated() where value != "_" {
                add(labels, value == "stale" ? nil : Double(String(value)) ?? .nan, at: start + Int64(step) * 30_000, to: store)
            }
        }
        return (store, clock)
    }
}
