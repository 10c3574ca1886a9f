// The log processor `.spanEvents`.

/// Adds each logged event to the current span too, as a span event; the record is exported all the same.
///
/// An event is a record with an event name. It is added only while the span is recording, and only to the span whose identifiers the
/// record has. For receivers that show events with their spans: `logs: [.spanEvents, .batch(.otlp())]`. (Specification: logs SDK, "Event
/// to span event bridge", in development.)
public struct SpanEventLogProcessor: LogProcessor {
    public init() {}

    public func onEmit(_ record: inout ReadWriteLogRecord) {
        guard let eventName = record.eventName, record.traceID.isValid, record.spanID.isValid, let node = record.context.node,
            node.spanContext.traceID == record.traceID, node.spanContext.spanID == record.spanID, let span = node.recording,
            span.isRecording
        else { return }
        // A record is observed at a time of the wall clock, which may have been set since the span started.
        let nanoseconds =
            record.timestamp?.nanosecondsSinceEpoch ?? span.ownNanoseconds(ofReading: record.observedTimestamp.nanosecondsSinceEpoch)
        span.addEvent(eventName, record.attributes, nanoseconds: nanoseconds)
    }

    /// Returns true only for events, and only inside a span that is recording.
    public func isEnabled(_ severity: LogSeverity, eventName: String, context: Context, instrumentationScope: InstrumentationScope) -> Bool
    {
        !eventName.isEmpty && context.node?.recording?.isRecording == true
    }
}

extension LogProcessor where Self == SpanEventLogProcessor {
    /// Adds each event that is logged to the current span too.
    public static var spanEvents: Self { SpanEventLogProcessor() }
}
