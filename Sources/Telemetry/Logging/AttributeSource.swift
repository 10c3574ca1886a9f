// The collections that log attributes are written from.

/// What the attributes of a record are encoded from: ``Attributes``, the collection of another package, or any value that has them.
package protocol AttributeSource {
    /// Calls the closure for each attribute; the last value of a repeated key counts, and an empty key nothing.
    func forEachEntry(_ body: (String, AttributeValue) -> Void)
    /// The same attributes for processors, which may change them.
    var canonical: Attributes { get }
}

extension AttributeSource {
    package var canonical: Attributes {
        var entries: [(key: String, value: AttributeValue)] = []
        forEachEntry { entries.append((key: $0, value: $1)) }
        return Attributes(entries).canonical
    }
}

extension Attributes: AttributeSource {}
