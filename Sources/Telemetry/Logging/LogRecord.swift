// The record that programs emit.

/// A log record to emit: one line of a log, or an event with a name.
///
/// Most programs need no more than `info` and its siblings of ``TelemetryLogger``. (Specification: logs data model, and
/// logs API, "Emit a LogRecord".)
public struct LogRecord: Sendable {
    /// The message: text, or any structure. It is kept whole, whatever the limits of attributes.
    public var body: AttributeValue?
    /// How severe it is; a record of unspecified severity passes any minimum.
    public var severity: LogSeverity
    /// The source's own name of the severity.
    public var severityText: String?
    /// When it happened; nil where the source does not tell.
    public var timestamp: Timestamp?
    /// When it was observed; nil stands for now.
    public var observedTimestamp: Timestamp?
    /// The part that varies between records of the same kind.
    public var attributes: Attributes
    /// Names the kind of event, with few different values; a record with a name is an event.
    public var eventName: String?
    /// An error that the record reports: its type and message become attributes, unless the record has them already.
    public var exception: (any Error)?
    /// The context whose span the record belongs to; nil stands for the current one.
    public var context: Context?

    public init(
        _ body: AttributeValue? = nil, severity: LogSeverity = .unspecified, severityText: String? = nil, timestamp: Timestamp? = nil,
        observedTimestamp: Timestamp? = nil, attributes: Attributes = [:], eventName: String? = nil, exception: (any Error)? = nil,
        context: Context? = nil
    ) {
        self.body = body
        self.severity = severity
        self.severityText = severityText
        self.timestamp = timestamp
        self.observedTimestamp = observedTimestamp
        self.attributes = attributes
        self.eventName = eventName
        self.exception = exception
        self.context = context
    }

    /// A record whose body is of any convertible type.
    @_disfavoredOverload
    public init(
        _ body: some AttributeValueConvertible, severity: LogSeverity = .unspecified, severityText: String? = nil,
        timestamp: Timestamp? = nil, observedTimestamp: Timestamp? = nil, attributes: Attributes = [:], eventName: String? = nil,
        exception: (any Error)? = nil, context: Context? = nil
    ) {
        self.init(
            body.attributeValue, severity: severity, severityText: severityText, timestamp: timestamp,
            observedTimestamp: observedTimestamp, attributes: attributes, eventName: eventName, exception: exception, context: context)
    }
}
