// The unit that readers collect and exporters export.

/// The result of one collection of a reader: the metrics of one provider by scope.
///
/// Metrics without points and scopes without metrics are left out. (Specification: metrics data model.)
public struct MetricBatch: Sendable {
    let recordedResource: RecordedResource
    public internal(set) var scopes: [ScopeMetrics]

    init(recordedResource: RecordedResource, scopes: [ScopeMetrics]) {
        self.recordedResource = recordedResource
        self.scopes = scopes
    }

    /// Creates a batch of any metrics, for tests of exporters.
    public init(resource: Resource, scopes: [ScopeMetrics]) {
        self.init(recordedResource: RecordedResource(resource), scopes: scopes)
    }

    /// The resource that the metrics describe.
    public var resource: Resource { recordedResource.resource }

    /// The number of points in all metrics.
    public var pointCount: Int { scopes.reduce(0) { $0 + $1.metrics.reduce(0) { $0 + $1.points.count } } }

    /// The metrics of all scopes.
    public var metrics: [MetricData] { scopes.flatMap(\.metrics) }
}
