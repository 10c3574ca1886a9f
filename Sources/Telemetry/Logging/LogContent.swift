// Hot: the fields of a log record on their way to its encoding.

/// All fields of a record but its attributes, as they are encoded.
struct LogContent: Sendable {
    /// Zero where the source does not tell.
    var timestamp: UInt64
    var observedTimestamp: UInt64
    var severity: LogSeverity
    var severityText: String
    var body: AttributeValue?
    var eventName: String
    var trace: LogTrace
}

/// The span that a record belongs to.
struct LogTrace: Sendable, Hashable {
    var traceID: TraceID
    var spanID: SpanID
    var flags: TraceFlags

    @inline(__always)
    init(_ node: ContextNode?) {
        guard let node, node.spanContext.traceID.isValid else {
            (traceID, spanID, flags) = (.invalid, .invalid, [])
            return
        }
        (traceID, spanID, flags) = (node.spanContext.traceID, node.spanContext.spanID, node.spanContext.flags)
    }
}
