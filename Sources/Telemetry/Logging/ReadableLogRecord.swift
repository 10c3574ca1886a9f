// The view of a log record for exporters, decoded on demand.

/// A log record as it is exported. Immutable; each property is decoded from the record's OTLP bytes on demand.
///
/// (Specification: logs SDK, "ReadableLogRecord".)
public struct ReadableLogRecord: Sendable {
    package let item: EncodedItem

    package init(_ item: EncodedItem) {
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
        let nanoseconds = item.number(OTLPSchema.LogRecord.time)
        return nanoseconds == 0 ? nil : Timestamp(nanosecondsSinceEpoch: nanoseconds)
    }

    /// When it was observed.
    public var observedTimestamp: Timestamp { Timestamp(nanosecondsSinceEpoch: item.number(OTLPSchema.LogRecord.observedTime)) }

    /// When it happened, or else when it was observed: the time to display.
    public var time: Timestamp { timestamp ?? observedTimestamp }

    /// How severe it is; unspecified for a number that the data model does not know.
    public var severity: LogSeverity {
        LogSeverity(rawValue: UInt8(clamping: item.number(OTLPSchema.LogRecord.severityNumber))) ?? .unspecified
    }

    /// The source's own name of the severity; nil without one.
    public var severityText: String? { text(OTLPSchema.LogRecord.severityText) }

    /// The message: text, or any structure.
    public var body: AttributeValue? { item.last(OTLPSchema.LogRecord.body) { (try? WireReader.value($0.bytes)) ?? .empty } }

    /// In the order in which they were given.
    public var attributes: Attributes { item.attributes(OTLPSchema.LogRecord.attributes) }

    /// Attributes that were left out because there were too many.
    public var droppedAttributeCount: Int { Int(clamping: item.number(OTLPSchema.LogRecord.droppedAttributesCount)) }

    /// The flags of the trace: sampled, random.
    public var traceFlags: TraceFlags { TraceFlags(rawValue: UInt8(truncatingIfNeeded: item.number(OTLPSchema.LogRecord.flags))) }

    /// The trace that the record belongs to; invalid when there is none.
    public var traceID: TraceID { item.traceID(OTLPSchema.LogRecord.traceID) }

    /// The span that the record belongs to; invalid when there is none.
    public var spanID: SpanID { item.spanID(OTLPSchema.LogRecord.spanID) }

    /// Names the kind of event; nil for a record that is none.
    public var eventName: String? { text(OTLPSchema.LogRecord.eventName) }

    /// The library or module that the record comes from.
    public var instrumentationScope: InstrumentationScope { item.recordedScope.scope }
    /// The source of the record: the service and its process.
    public var resource: Resource { item.recordedScope.resource.resource }

    private func text(_ field: OTLPField) -> String? {
        let text = item.text(field)
        return text.isEmpty ? nil : text
    }
}
