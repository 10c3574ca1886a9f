// The metrics that the collector has received, each as it came last.

import Telemetry

/// Keeps the last export of each metric of each service.
struct MetricArchive: Sendable {
    /// One metric of one scope and resource.
    struct Metric: Sendable {
        /// Several where one request brought the points in parts.
        var parts: [ReceivedMetric] = []
        /// The request that they came with.
        fileprivate var request = 0
        fileprivate var byteCount = 0

        var pointCount: Int { parts.reduce(0) { $0 + $1.pointCount } }
    }

    private static let itemBytes = 256

    private(set) var receivedPointCount = 0
    private var requestCount = 0
    private var recent: RecentEntries<[UInt8], Metric>

    init(_ limits: CollectorLimits) {
        recent = RecentEntries(maximumCount: limits.metrics, maximumBytes: limits.bytes / 4)
    }

    var metrics: [Metric] { recent.entries }
    var metricCount: Int { recent.count }
    var forgottenMetricCount: Int { recent.forgottenCount }
    var byteCount: Int { recent.byteCount }

    /// Begins a request: its metrics take the places of those that came before.
    mutating func beginRequest() { requestCount += 1 }

    mutating func add(_ metric: ReceivedMetric) {
        // A metric without points says nothing.
        guard metric.pointCount > 0 else { return }
        receivedPointCount += metric.pointCount
        let size = metric.receivedSize
        let identity = metric.identity
        let bytes = size.bytes + size.sharedBytes + identity.count + Self.itemBytes
        let request = requestCount
        recent.modify(identity, Metric()) { kept in
            let before = kept.byteCount
            if kept.request != request { kept = Metric(request: request) }
            kept.parts.append(metric)
            kept.byteCount += bytes
            return kept.byteCount - before
        }
        recent.renew(identity)
    }
}
