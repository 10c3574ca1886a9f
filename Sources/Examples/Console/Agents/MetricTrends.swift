// How the metrics of services have moved.

import Telemetry

/// The course of metrics over a time, by service.
struct MetricTrends {
    struct Trend {
        let family: MetricFamily
        let labels: LabelSet
        /// The values at the steps that have one, in the order of time, with the times in milliseconds.
        let values: [Double]
        let times: [Int64]

        var service: String { labels["service_name"].isEmpty ? labels["job"] : labels["service_name"] }

        var isRate: Bool { MetricFigures.measure(of: family) == .rate }

        /// Whether it has grown all the time: at four of five steps, by a fifth at least, and never back by much.
        var grows: Bool {
            guard !isRate, values.count >= 6, let first = values.first, let last = values.last, last > 0, first >= 0 else { return false }
            guard last >= 1.2 * first, last - first > 1e-9 else { return false }
            let rises = zip(values, values.dropFirst()).count { $0.1 > $0.0 }
            var (most, fall) = (first, 0.0)
            for value in values {
                most = max(most, value)
                fall = max(fall, most - value)
            }
            return Double(rises) >= 0.8 * Double(values.count - 1) && fall <= 0.15 * (last - first)
        }

        /// The average before a time and from it on.
        func averages(split: Int64) -> (before: Double, after: Double)? {
            let before = zip(times, values).filter { $0.0 < split }.map(\.1)
            let after = zip(times, values).filter { $0.0 >= split }.map(\.1)
            guard !before.isEmpty, !after.isEmpty else { return nil }
            return (before.reduce(0, +) / Double(before.count), after.reduce(0, +) / Double(after.count))
        }
    }

    static let steps = 24
    /// Metrics that are looked at.
    private static let maximumFamilies = 300

    private(set) var trends: [Trend] = []
    private(set) var isPartial = false

    /// - Parameters:
    ///   - label: tells series apart beside the service; nil for the sum over all of a service.
    init(
        _ store: MetricStore, _ window: TimeWindow, now: UInt64, service: String? = nil, name: String? = nil, by label: String? = nil,
        within duration: Duration
    ) {
        let deadline = Deadline.after(duration)
        let end = Int64(min(window.to, now) / 1_000_000)
        let start = Int64(min(window.from, now) / 1_000_000)
        let step = max(1_000, (end - start) / Int64(Self.steps))
        let families = store.families.filter { name == nil || $0.isNamed(name ?? "") }.sorted { $0.name < $1.name }
        isPartial = families.count > Self.maximumFamilies
        for family in families.prefix(Self.maximumFamilies) where family.prometheusName != "target_info" {
            guard !deadline.hasPassed else {
                isPartial = true
                return
            }
            var engine = PromQLEngine(store: store)
            engine.limits.time = deadline.remaining
            let query = Self.query(family, service: service, by: label, step: step)
            guard let result = try? engine.query(query, from: start + step, to: end, step: step) else { continue }
            for series in result.series {
                let places = series.values.indices.filter { series.hasValue($0) }
                guard !places.isEmpty else { continue }
                trends.append(
                    Trend(
                        family: family, labels: series.labels, values: places.map { series.values[$0] },
                        times: places.map { result.steps.time($0) }))
            }
        }
    }

    private static func query(_ family: MetricFamily, service: String?, by label: String?, step: Int64) -> String {
        func quoted(_ text: String) -> String { "\"" + String(text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }) + "\"" }
        let matcher = service.map { ",service_name=\(quoted($0))" } ?? ""
        let labels = (["service_name"] + (label.map { [$0] } ?? [])).joined(separator: ", ")
        func range(_ suffix: String = "") -> String { "{__name__=\(quoted(family.prometheusName + suffix))\(matcher)}[\(2 * step)ms]" }
        return switch family.kind {
        case .histogram, .summary: "sum by (\(labels)) (rate(\(range("_count"))))"
        case .exponentialHistogram: "sum by (\(labels)) (histogram_count(rate(\(range()))))"
        case .sum where family.isMonotonic: "sum by (\(labels)) (rate(\(range())))"
        case .sum: "sum by (\(labels)) (last_over_time(\(range())))"
        case .gauge, .unknown: "avg by (\(labels)) (last_over_time(\(range())))"
        }
    }
}
