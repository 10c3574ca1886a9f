// The view of a log record for exporters, decoded on demand.

/// A log record as it is exported. Immutable; each property is decoded from the record's OTLP bytes on demand.
///
/// (Specification: logs SDK, "ReadableLogRecord".)
public struct ReadableLogRecord: Sendable {
    let item: EncodedItem

    init(_ item: EncodedItem) {
        self.item = item
    }

    /// The same record with bytes of its own, for exporters that keep it: others keep the memory of its whole batch.
    public var detached: ReadableLogRecord { ReadableLogRecord(item.detached) }

    /// Calls the closure with the OTLP `LogRecord` message.
    func withMessage<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { item.withMessage(body) }
}

extension ReadableLogRecord {
    /// When it happened; nil where the source does not tell.
    public var timestamp: Timestamp? {
        let nanoseconds = item.number(1)
        return nanoseconds == 0 ? nil : Timestamp(nanosecondsSinceEpoch: nanoseconds)
    }

    /// When it was observed.
    public var observedTimestamp: Timestamp { Timestamp(nanosecondsSinceEpoch: item.number(11)) }

    /// When it happened, or else when it was observed: the time to display.
    public var time: Timestamp { timestamp ?? observedTimestamp }

    /// How severe it is; unspecified for a number that the data model does not know.
    public var severity: LogSeverity { LogSeverity(rawValue: UInt8(clamping: item.number(2))) ?? .unspecified }

    /// The source's own name of the severity.
    public var severityText: String { item.text(3) }

    /// The message: text, or any structure.
    public var body: AttributeValue? { item.last(5) { (try? WireReader.value($0.bytes)) ?? .empty } }

    /// In the order in which they were given.
    public var attributes: Attributes { item.attributes(6) }

    /// Attributes that were left out because there were too many.
    public var droppedAttributeCount: Int { Int(clamping: item.number(7)) }

    /// The flags of the trace: sampled, random.
    public var traceFlags: TraceFlags { TraceFlags(rawValue: UInt8(truncatingIfNeeded: item.number(8))) }

    /// The trace that the record belongs to; invalid when there is none.
    public var traceID: TraceID { item.traceID(9) }

    /// The span that the record belongs to; invalid when there is none.
    public var spanID: SpanID { item.spanID(10) }

    /// Names the kind of event; empty for a record that is none.
    public var eventName: String { item.text(12) }

    /// The library or module that the record comes from.
    public var instrumentationScope: InstrumentationScope { item.recordedScope.scope }
    /// The source of the record: the service and its process.
    public var resource: Resource { item.recordedScope.resource.resource }
}
