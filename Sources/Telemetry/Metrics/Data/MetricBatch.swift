// The unit that readers collect and exporters export.

/// What one collection of a reader found: the metrics of one provider, by scope.
///
/// Metrics without points and scopes without metrics are left out. (Metrics data model.)
public struct MetricBatch: Sendable {
    let recordedResource: RecordedResource
    public internal(set) var scopes: [ScopeMetrics]

    init(recordedResource: RecordedResource, scopes: [ScopeMetrics]) {
        self.recordedResource = recordedResource
        self.scopes = scopes
    }

    /// Metrics of any origin, for tests of exporters.
    public init(resource: Resource, scopes: [ScopeMetrics]) {
        self.init(recordedResource: RecordedResource(resource), scopes: scopes)
    }

    /// What the metrics describe.
    public var resource: Resource { recordedResource.resource }

    /// The number of points of all metrics.
    public var pointCount: Int { scopes.reduce(0) { $0 + $1.metrics.reduce(0) { $0 + $1.points.count } } }

    /// All metrics, whatever their scope.
    public var metrics: [MetricData] { scopes.flatMap(\.metrics) }
}
