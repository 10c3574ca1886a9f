// Gives all log records of a request the attributes that its context has for them.

package import Telemetry

extension Context {
    private static let logFieldsKey = ContextKey<Attributes>("log fields", default: [:])

    /// The attributes of all log records in this context.
    package var logFields: Attributes { self[Self.logFieldsKey] }

    /// Returns the context with more attributes for its log records.
    package func adding(logFields fields: Attributes) -> Context { with(logFields.merging(fields), for: Self.logFieldsKey) }
}

/// Adds the log fields of the context to each record; an attribute of the record itself is kept.
package struct LogFields: LogProcessor {
    package init() {}

    package func onEmit(_ record: inout ReadWriteLogRecord) {
        let fields = record.context.logFields
        if !fields.isEmpty { record.attributes = fields.merging(record.attributes) }
    }
}
