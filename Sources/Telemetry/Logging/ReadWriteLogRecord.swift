// The record that log processors get.

/// A log record on its way through the processors: each sees the changes of those before it.
///
/// A value: a processor that needs it later keeps a copy. (Specification: logs SDK, "ReadWriteLogRecord".)
public struct ReadWriteLogRecord: Sendable {
    private var content: LogContent
    /// All given attributes; the limits apply when the record is encoded.
    public var attributes: Attributes
    /// The context that the record was emitted in, or that it was given.
    public let context: Context
    let recordedScope: ScopeReference
    let limits: LogEncodingLimits

    init(
        _ content: LogContent, _ attributes: Attributes, context: Context, scope: ScopeReference, limits: LogEncodingLimits
    ) {
        self.content = content
        self.attributes = attributes
        self.context = context
        recordedScope = scope
        self.limits = limits
    }

    /// The message: text, or any structure.
    public var body: AttributeValue? {
        get { content.body }
        set { content.body = newValue }
    }

    /// How severe it is.
    public var severity: LogSeverity {
        get { content.severity }
        set { content.severity = newValue }
    }

    /// The source's own name of the severity; nil without one.
    public var severityText: String? {
        get { content.severityText.isEmpty ? nil : content.severityText }
        set { content.severityText = newValue ?? "" }
    }

    /// When it happened; nil where the source does not tell.
    public var timestamp: Timestamp? {
        get { content.timestamp == 0 ? nil : Timestamp(nanosecondsSinceEpoch: content.timestamp) }
        set { content.timestamp = newValue?.nanosecondsSinceEpoch ?? 0 }
    }

    /// When it was observed.
    public var observedTimestamp: Timestamp {
        get { Timestamp(nanosecondsSinceEpoch: content.observedTimestamp) }
        set { content.observedTimestamp = newValue.nanosecondsSinceEpoch }
    }

    /// Names the kind of event; nil for a record that is none.
    public var eventName: String? {
        get { content.eventName.isEmpty ? nil : content.eventName }
        set { content.eventName = newValue ?? "" }
    }

    /// The trace that the record belongs to; invalid when there is none.
    public var traceID: TraceID {
        get { content.trace.traceID }
        set { content.trace.traceID = newValue }
    }

    /// The span that the record belongs to; invalid when there is none.
    public var spanID: SpanID {
        get { content.trace.spanID }
        set { content.trace.spanID = newValue }
    }

    /// The flags of the trace: sampled, random.
    public var traceFlags: TraceFlags {
        get { content.trace.flags }
        set { content.trace.flags = newValue }
    }

    /// The library or module that the record comes from.
    public var instrumentationScope: InstrumentationScope { recordedScope.scope.scope }
    /// The source of the record: the service and its process.
    public var resource: Resource { recordedScope.scope.resource.resource }

    /// The record as it is now, as an exporter will see it: its attributes within the limits.
    public var snapshot: ReadableLogRecord {
        var message: [UInt8] = []
        _ = LogEncoding.encode(content, attributes, limits) { size, write in
            message = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                if let base = buffer.baseAddress {
                    var cursor = WireCursor(UnsafeMutableRawPointer(base))
                    let start = cursor.pointer
                    write(&cursor)
                    assert(cursor.pointer == start + size, "A record is written as long as it was sized.")
                    count = size
                }
            }
        }
        return ReadableLogRecord(EncodedItem(bytes: message, scope: recordedScope))
    }

    /// Appends the record to the queue of a pipeline.
    func append(to pipeline: ExportPipeline) {
        let droppedCount = LogEncoding.encode(content, attributes, limits) { size, write in
            pipeline.append(recordedScope, lane: ProcessorLane.anywhere.current, recordOfSize: size, write)
        }
        if droppedCount > 0 { LogDiscards.report(instrumentationScope) }
    }
}

/// Reports log records with more attributes than their limit.
enum LogDiscards {
    /// Once in a while for each scope. (Specification: common, "Attribute Limits": a message at most once for a record.)
    @inline(never)
    static func report(_ scope: InstrumentationScope) {
        Diagnostics.report(
            .warning, topic: "log.limits.\(scope.name)",
            "A log record of \"\(scope.name)\" was given more attributes than its limit allows; what was too much is dropped and counted."
                + " Record less, or raise the limit: LogRecordLimits, or OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT.")
    }
}
