// The third level of a batch: one metric with its points.

/// A metric: a name and the points of all its series.
public struct MetricData: Sendable {
    /// The same object at each collection: formats keep what they made of it.
    let descriptor: MetricDescriptor
    public internal(set) var points: MetricPoints

    init(descriptor: MetricDescriptor, points: MetricPoints) {
        self.descriptor = descriptor
        self.points = points
    }

    /// - Parameters:
    ///   - unit: in UCUM notation.
    ///   - metadata: whatever else is known of the metric; it does not tell it apart from others.
    public init(name: String, unit: String = "", description: String = "", metadata: Attributes = [:], points: MetricPoints) {
        self.init(descriptor: MetricDescriptor(name: name, unit: unit, description: description, metadata: metadata), points: points)
    }

    public var name: String { descriptor.name }
    public var unit: String { descriptor.unit }
    public var description: String { descriptor.description }
    public var metadata: Attributes { descriptor.metadata }
}
