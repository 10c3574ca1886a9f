// A sample measurement that links a point to a trace.

/// One measurement out of those that a point is made of.
public struct Exemplar: Sendable, Hashable {
    public let value: MetricNumber
    /// When it was measured.
    public let time: Timestamp
    /// The span in which it was measured, if there was one.
    public let traceID: TraceID?
    public let spanID: SpanID?
    /// What the measurement had beyond the attributes of the point: what views have removed turns up here.
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
