// The memory of the collector for metrics, and the JSON of `/metrics`.

import ExampleSupport
import Telemetry

/// The last export of each metric of each service.
struct MetricArchive: Sendable {
    /// One metric of one scope and resource.
    struct Metric: Sendable {
        /// The parts of the metric in one request, most often one.
        var parts: [ReceivedMetric] = []
        /// The number of the request that the parts are from.
        fileprivate var request = 0
        fileprivate var byteCount = 0

        var pointCount: Int { parts.reduce(0) { $0 + $1.pointCount } }
    }

    private static let itemBytes = 256

    private var requestCount = 0
    private var recent: RecentEntries<[UInt8], Metric>

    init(_ limits: CollectorLimits) {
        recent = RecentEntries(maximumCount: limits.metrics, maximumBytes: limits.bytes / 4)
    }

    var metrics: [Metric] { recent.entries }
    var metricCount: Int { recent.count }
    var forgottenMetricCount: Int { recent.forgottenCount }
    var byteCount: Int { recent.byteCount }

    /// Begins a request, whose metrics replace those of earlier requests.
    mutating func beginRequest() { requestCount += 1 }

    mutating func add(_ metric: ReceivedMetric) {
        // A metric without points has nothing to show.
        guard metric.pointCount > 0 else { return }
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

extension MetricArchive.Metric {
    /// The metric in the list of metrics.
    var summary: JSONValue {
        guard let metric = parts.first else { return .null }
        return [
            "name": .string(metric.name), "unit": .string(metric.unit), "kind": .string(metric.kind),
            "points": .integer(Int64(pointCount)), "service": .string(metric.resource.serviceName), "scope": .string(metric.scope.name),
            "truncatedValues": .integer(Int64(parts.reduce(0) { $0 + $1.receivedSize.cutCount })),
        ]
    }
}
