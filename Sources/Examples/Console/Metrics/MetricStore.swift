// The console's memory for metrics.

package import ExampleSupport
import Synchronization
package import Telemetry

/// Keeps the points of metrics, within a bound of bytes, for queries.
package final class MetricStore: Sendable {
    let limits: MetricStoreLimits
    private let clock: TelemetryClock
    private let tables: Mutex<MetricTables>

    package init(limits: MetricStoreLimits = MetricStoreLimits(), clock: TelemetryClock = .system) {
        precondition(limits.bytes > 0 && limits.series > 0 && limits.exemplars > 0, "A store has room.")
        self.limits = limits
        self.clock = clock
        tables = Mutex(MetricTables(limits: limits))
    }

    /// What came, what was refused, what is kept and what had to leave; points as senders count them.
    package var statistics: SignalStatistics { tables.withLock(\.statistics) }

    /// The number of series, as Prometheus counts them.
    package var seriesCount: Int { tables.withLock(\.seriesCount) }

    /// The services that have sent metrics.
    package var services: [String] { labelValues("service_name", of: [], from: .min, to: .max) }

    /// The wall-clock time in milliseconds.
    var now: Int64 { Int64(clamping: clock.now.nanosecondsSinceEpoch / 1_000_000) }

    /// Takes the metrics of a request.
    ///
    /// - Returns: how many points were taken and how many were refused, and one of the reasons.
    @discardableResult
    package func receive(_ request: OTLPReceivedRequest) -> (accepted: Int, rejected: Int, reason: String?) {
        // Points are decoded before the lock is taken.
        var parts: [MetricBatchPart] = []
        var origins: [ObjectIdentifier: MetricOrigin] = [:]
        var cut = 0
        request.forEachMetric { metric in
            let size = metric.receivedSize
            cut += size.cutCount
            let origin = origins[size.shared] ?? MetricOrigin(metric.resource, metric.scope, limits: limits)
            origins[size.shared] = origin
            if let part = OTLPPointReader.read(metric, origin, limits) { parts.append(part) }
        }
        let time = now
        return tables.withLock { tables in
            var result: (accepted: Int, rejected: Int, reason: String?) = (0, 0, nil)
            func refuse(_ reason: MetricRejection, _ count: Int) {
                result.rejected += count
                result.reason = reason.rawValue
            }
            if cut > 0 { tables.reject(.cut, count: cut) }
            for part in parts {
                for (reason, count) in part.rejected {
                    tables.reject(reason, count: count)
                    refuse(reason, count)
                }
                guard !part.points.isEmpty else { continue }
                guard let family = tables.family(part.family) else {
                    tables.reject(.tooManySeries, count: part.points.count)
                    refuse(.tooManySeries, part.points.count)
                    continue
                }
                for point in part.points {
                    if let reason = tables.add(point, family: family, now: time) { refuse(reason, 1) } else { result.accepted += 1 }
                }
                tables.makeRoom()
            }
            Self.describe(origins.values.compactMap(\.targetInfo), at: parts.lazy.flatMap(\.points).map(\.time).max(), in: &tables, time)
            return result
        }
    }

    /// Adds a sample to `target_info` of each resource; it is no point that a sender counts.
    private static func describe(_ targets: [LabelSet], at latest: Int64?, in tables: inout MetricTables, _ now: Int64) {
        guard let latest, latest <= now + 600_000, !targets.isEmpty else { return }
        var family = MetricFamily(name: "target_info", prometheusName: "target_info", kind: .gauge, isMonotonic: false)
        family.description = "Attributes of the resource"
        guard let place = tables.family(family) else { return }
        for labels in targets where labels.labels.count <= tables.limits.labels {
            if let series = tables.place(of: labels, family: place, isPrimary: false) {
                _ = tables.append(.integer(1), to: series, at: latest, SampleKind())
            }
        }
    }

    /// Calls the closure with the state; it must be short.
    func withTables<Result>(_ body: (inout sending MetricTables) -> sending Result) -> sending Result { tables.withLock(body) }
}
