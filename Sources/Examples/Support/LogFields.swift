// Gives all log records of a request the attributes that its context has for them.

package import Telemetry

extension Context {
    fileprivate static let logFieldsKey = ContextKey<Attributes>("log fields", default: [:])

    /// The attributes of all log records in this context.
    package var logFields: Attributes { self[Self.logFieldsKey] }

    /// Returns the context with more attributes for its log records.
    package func adding(logFields fields: Attributes) -> Context { with(logFields.merging(fields), for: Self.logFieldsKey) }
}

extension LogProcessor where Self == ContextLogAttributes {
    /// Adds the log fields of the context to each record; an attribute of the record itself is kept.
    package static var contextFields: Self { ContextLogAttributes(Context.logFieldsKey) }
}
