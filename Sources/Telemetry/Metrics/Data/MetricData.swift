// Holds one metric of a batch.

/// A metric: its name, unit and description, and the points of all its series.
public struct MetricData: Sendable {
    /// The same object at each collection, so that exporters can keep its encoding.
    let descriptor: MetricDescriptor
    public internal(set) var points: MetricPoints

    init(descriptor: MetricDescriptor, points: MetricPoints) {
        self.descriptor = descriptor
        self.points = points
    }

    /// - Parameters:
    ///   - unit: the unit in UCUM notation.
    ///   - metadata: further facts about the metric, which do not identify it.
    public init(name: String, unit: String = "", description: String = "", metadata: Attributes = [:], points: MetricPoints) {
        self.init(descriptor: MetricDescriptor(name: name, unit: unit, description: description, metadata: metadata), points: points)
    }

    public var name: String { descriptor.name }
    public var unit: String { descriptor.unit }
    public var description: String { descriptor.description }
    public var metadata: Attributes { descriptor.metadata }
}
