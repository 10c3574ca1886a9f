// Lays the figures of two runs beside each other.

import Telemetry

/// Two runs, and the metrics that either of them had.
struct RunComparison {
    struct Metric {
        let family: MetricFamily
        let first: MetricFigures?
        let second: MetricFigures?
    }

    /// Metrics that are compared; each takes up to ten queries.
    private static let maximumMetrics = 1_000

    let first: RunFigures
    let second: RunFigures
    private(set) var metrics: [Metric] = []
    private(set) var isPartial: Bool

    init(_ first: SignalStores.Run, _ second: SignalStores.Run, _ stores: SignalStores, now: Timestamp, within duration: Duration) {
        let (spans, logs, time) = (stores.spans.blocks, stores.logs.blocks, now.nanosecondsSinceEpoch)
        let deadline = Deadline.after(duration)
        self.first = RunFigures(first, spans, logs, now: time, within: duration)
        self.second = RunFigures(second, spans, logs, now: time, within: deadline.remaining)
        isPartial = self.first.isPartial || self.second.isPartial
        let families = stores.metrics.families.sorted { ($0.name, $0.kind.rawValue) < ($1.name, $1.kind.rawValue) }
        for family in families.prefix(Self.maximumMetrics) {
            do throws(PromQLError) {
                let old = try Self.figures(family, first, stores.metrics, now, deadline)
                let new = try Self.figures(family, second, stores.metrics, now, deadline)
                if old != nil || new != nil { metrics.append(Metric(family: family, first: old, second: new)) }
            } catch {
                isPartial = true
                if deadline.hasPassed { return }
            }
        }
        if families.count > Self.maximumMetrics { isPartial = true }
    }

    /// The operations of both runs by service, name and kind.
    var operations: [RunFigures.Operation] {
        Set(first.operations.keys).union(second.operations.keys).sorted { left, right in
            (left.service, left.name, left.kind) < (right.service, right.name, right.kind)
        }
    }

    private static func figures(
        _ family: MetricFamily, _ run: SignalStores.Run, _ store: MetricStore, _ now: Timestamp, _ deadline: Deadline
    ) throws(PromQLError) -> MetricFigures? {
        func milliseconds(_ time: Timestamp) -> Int64 { Int64(clamping: time.nanosecondsSinceEpoch / 1_000_000) }
        return try MetricFigures(
            family, store, after: milliseconds(run.start) - 1, through: milliseconds(run.end ?? now), within: deadline.remaining)
    }
}
