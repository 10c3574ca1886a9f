// The values that a path has for the parameters of its route's pattern.

/// The decoded parameters of a path. Routes have few, so that they are searched one by one.
package struct PathParameters: Sendable, ExpressibleByDictionaryLiteral {
    /// A type of its own: the runtime takes far longer to copy and free an array of tuples.
    private struct Entry {
        let name: String
        let value: String
    }

    private var entries: [Entry] = []

    package init() {}

    package init(dictionaryLiteral elements: (String, String)...) {
        entries = elements.map { Entry(name: $0, value: $1) }
    }

    mutating func add(_ name: String, _ value: String) {
        entries.append(Entry(name: name, value: value))
    }

    package subscript(name: String) -> String? {
        entries.first { $0.name == name }?.value
    }
}
