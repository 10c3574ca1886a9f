// A log record as exporters see it, read from its bytes when somebody asks.

/// A log record as it is exported. Immutable; each property is decoded from the record's OTLP bytes when it is asked for.
///
/// (Specification: logs SDK, "ReadableLogRecord".)
public struct ReadableLogRecord: Sendable {
    let item: EncodedItem

    init(_ item: EncodedItem) {
        self.item = item
    }

    /// The same record with bytes of its own, so that it does not hold on to a whole chunk.
    var detached: ReadableLogRecord { ReadableLogRecord(item.detached) }

    /// Calls the closure with the OTLP `LogRecord` message.
    func withMessage<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result { item.withMessage(body) }
}

extension ReadableLogRecord {
    /// When it happened; nil where the source does not tell.
    public var timestamp: Timestamp? {
        let nanoseconds = item.number(OTLPSchema.LogRecord.time)
        return nanoseconds == 0 ? nil : Timestamp(nanosecondsSinceEpoch: nanoseconds)
    }

    /// When it was noticed.
    public var observedTimestamp: Timestamp { Timestamp(nanosecondsSinceEpoch: item.number(OTLPSchema.LogRecord.observedTime)) }

    /// When it happened, or else when it was noticed: the time to show to people.
    public var time: Timestamp { timestamp ?? observedTimestamp }

    /// How severe it is; unspecified for a number that the data model does not know.
    public var severity: LogSeverity {
        LogSeverity(rawValue: UInt8(clamping: item.number(OTLPSchema.LogRecord.severityNumber))) ?? .unspecified
    }

    /// What the source calls the severity.
    public var severityText: String { item.text(OTLPSchema.LogRecord.severityText) }

    /// What is said: text for people, or any structure.
    public var body: AttributeValue? { item.last(OTLPSchema.LogRecord.body) { (try? WireReader.value($0.bytes)) ?? .empty } }

    /// In the order in which they were given.
    public var attributes: Attributes { item.attributes(OTLPSchema.LogRecord.attributes) }

    /// Attributes that were left out because there were too many.
    public var droppedAttributeCount: Int { Int(clamping: item.number(OTLPSchema.LogRecord.droppedAttributesCount)) }

    /// Whether the trace is sampled, and what else `traceparent` says.
    public var traceFlags: TraceFlags { TraceFlags(rawValue: UInt8(truncatingIfNeeded: item.number(OTLPSchema.LogRecord.flags))) }

    /// The trace that the record belongs to; invalid when there is none.
    public var traceID: TraceID { item.traceID(OTLPSchema.LogRecord.traceID) }

    /// The span that the record belongs to; invalid when there is none.
    public var spanID: SpanID { item.spanID(OTLPSchema.LogRecord.spanID) }

    /// Names the kind of event; empty for a record that is none.
    public var eventName: String { item.text(OTLPSchema.LogRecord.eventName) }

    /// The library or module that the record comes from.
    public var instrumentationScope: InstrumentationScope { item.recordedScope.scope }
    /// What the record is about: the service and its process.
    public var resource: Resource { item.recordedScope.resource.resource }
}

/// Log records that are to be delivered together: a collection that decodes a record when it is looked at.
///
/// An exporter that sends OTLP takes the bytes as they are and decodes nothing.
public struct LogBatch: Sendable {
    let items: ItemBatch

    init(items: ItemBatch) {
        self.items = items
    }

    /// How many records there are.
    public var count: Int { items.itemCount }
}

extension LogBatch: Sequence {
    public func makeIterator() -> Iterator { Iterator(items) }

    /// Goes through the records in the order in which they were noticed, whatever their scopes.
    public struct Iterator: IteratorProtocol {
        private var items: OrderedLogRecords

        fileprivate init(_ items: ItemBatch) {
            self.items = OrderedLogRecords(items)
        }

        public mutating func next() -> ReadableLogRecord? { items.next().map { ReadableLogRecord($0) } }
    }
}
