// The values that a path has for the parameters of its route's pattern.

/// The decoded parameters of a path. Routes have few, so that they are searched one by one.
package struct PathParameters: Sendable, ExpressibleByDictionaryLiteral {
    private var entries: [(name: String, value: String)] = []

    package init() {}

    package init(dictionaryLiteral elements: (String, String)...) {
        entries = elements.map { (name: $0, value: $1) }
    }

    mutating func add(_ name: String, _ value: String) {
        entries.append((name, value))
    }

    package subscript(name: String) -> String? {
        entries.first { $0.name == name }?.value
    }
}
