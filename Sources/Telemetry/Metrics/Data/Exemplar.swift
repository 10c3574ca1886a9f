// Links a point to the trace in which one of its values was measured.

/// A sample measurement of a point. (Specification: metrics data model, "Exemplars".)
public struct Exemplar: Sendable, Hashable {
    public let value: MetricNumber
    /// The time of the measurement.
    public let time: Timestamp
    /// The trace and the span of the measurement; nil if it was recorded outside of a span.
    public let traceID: TraceID?
    public let spanID: SpanID?
    /// The attributes of the measurement that the point does not have.
    ///
    /// They are for example those that a view removed.
    public let filteredAttributes: Attributes

    public init(
        value: MetricNumber, time: Timestamp, traceID: TraceID? = nil, spanID: SpanID? = nil, filteredAttributes: Attributes = [:]
    ) {
        self.value = value
        self.time = time
        self.traceID = traceID
        self.spanID = spanID
        self.filteredAttributes = filteredAttributes
    }
}
