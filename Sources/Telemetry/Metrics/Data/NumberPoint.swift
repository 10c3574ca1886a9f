// Data points of gauges and sums.

/// The value of a gauge or a sum for one series.
public struct NumberPoint: Sendable {
    let series: Series
    /// The start of the time window of the value.
    public let startTime: Timestamp
    public let time: Timestamp
    public let value: MetricNumber
    /// Nil if there are no exemplars, as almost always: then no reference is counted.
    private let kept: KeptExemplars?

    public var exemplars: [Exemplar] { kept?.exemplars ?? [] }

    init(series: Series, startTime: Timestamp, time: Timestamp, value: MetricNumber, exemplars: [Exemplar]) {
        self.series = series
        self.startTime = startTime
        self.time = time
        self.value = value
        kept = exemplars.isEmpty ? nil : KeptExemplars(exemplars)
    }

    public init(
        attributes: Attributes = [:], startTime: Timestamp, time: Timestamp, value: MetricNumber, exemplars: [Exemplar] = []
    ) {
        self.init(series: Series(attributes), startTime: startTime, time: time, value: value, exemplars: exemplars)
    }

    public var attributes: Attributes { series.attributes }
}

/// Keeps the exemplars of a point behind one reference.
private final class KeptExemplars: Sendable {
    let exemplars: [Exemplar]

    init(_ exemplars: [Exemplar]) {
        self.exemplars = exemplars
    }
}
