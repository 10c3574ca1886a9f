// The container of header fields.

/// The header fields of an HTTP message, in order; names are compared without regard to case.
package struct HTTPHeaders: Sendable, ExpressibleByDictionaryLiteral {
    package typealias Element = (name: String, value: String)

    /// A type of its own: the runtime takes far longer to copy and free an array of tuples.
    fileprivate struct Field {
        let name: String
        let value: String
    }

    private var fields: [Field] = []

    package init() {}

    package init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { add(name, value) }
    }

    /// The value of the first field with that name. Setting replaces all of them, setting nil removes them.
    package subscript(name: String) -> String? {
        get { fields.first { HTTPGrammar.isSame($0.name, name) }?.value }
        set {
            remove(name)
            if let newValue { add(name, newValue) }
        }
    }

    /// Whether there is a field in which a proxy tells of the request that it was sent. (RFC 7239, and its forerunners.)
    var areForwarded: Bool {
        fields.contains { field in
            switch field.name.utf8.count {
            case 9: HTTPGrammar.isSame(field.name, "Forwarded")
            case 15: HTTPGrammar.isSame(field.name, "X-Forwarded-For")
            case 16: HTTPGrammar.isSame(field.name, "X-Forwarded-Host")
            case 17: HTTPGrammar.isSame(field.name, "X-Forwarded-Proto")
            default: false
            }
        }
    }

    /// The values of all fields with that name, in order.
    package func values(named name: String) -> [String] {
        // Most fields that are asked for are absent: nothing is allocated for them.
        var values: [String] = []
        for field in fields where HTTPGrammar.isSame(field.name, name) { values.append(field.value) }
        return values
    }

    /// The number of fields with that name.
    func count(named name: String) -> Int {
        fields.reduce(0) { HTTPGrammar.isSame($1.name, name) ? $0 + 1 : $0 }
    }

    /// Adds a field at the end. Drops a field whose name is not a token, or whose value has a line break or NUL:
    /// it would inject another field.
    package mutating func add(_ name: String, _ value: String) {
        guard HTTPGrammar.isToken(name.utf8), HTTPGrammar.isFieldValue(value.utf8) else { return }
        fields.append(Field(name: name, value: value))
    }

    /// Adds a field whose name and value were checked when they were read.
    mutating func addChecked(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    package mutating func remove(_ name: String) {
        fields.removeAll { HTTPGrammar.isSame($0.name, name) }
    }

    /// Returns whether a field has the word among its comma-separated elements, in any case.
    package func contains(_ word: String, in name: String) -> Bool {
        fields.contains { field in
            guard HTTPGrammar.isSame(field.name, name) else { return false }
            return field.value.utf8.split(separator: UInt8(ascii: ",")).contains { part in
                var part = part.drop(while: HTTPGrammar.isBlank)
                while let last = part.last, HTTPGrammar.isBlank(last) { part.removeLast() }
                return HTTPGrammar.isSame(part, word.utf8)
            }
        }
    }
}

extension HTTPHeaders: Sequence {
    package var count: Int { fields.count }

    package func makeIterator() -> Iterator { Iterator(fields: fields) }

    /// A type that other modules know: of an opaque one the runtime looks up the metadata for each loop.
    package struct Iterator: IteratorProtocol {
        fileprivate let fields: [Field]
        private var place = 0

        fileprivate init(fields: [Field]) { self.fields = fields }

        package mutating func next() -> (name: String, value: String)? {
            guard place < fields.count else { return nil }
            defer { place += 1 }
            return (fields[place].name, fields[place].value)
        }
    }
}
