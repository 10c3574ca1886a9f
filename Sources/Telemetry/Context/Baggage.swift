// Name-value pairs that travel with a request: W3C baggage.

/// Name-value pairs that travel with a request, immutable and case-sensitive.
///
/// Any text can be a value, any but the empty one a name; which of them a header can carry is the propagator's business.
/// (Specification: baggage API.)
public struct Baggage: Sendable, Hashable {
    /// One pair and what was noted beside it.
    public struct Entry: Sendable, Hashable {
        public let name: String
        public let value: String
        /// Properties in the form of the header, `key=value;flag`, as one opaque text; empty when there are none.
        public let metadata: String

        public init(name: String, value: String, metadata: String = "") {
            self.name = name
            self.value = value
            self.metadata = metadata
        }
    }

    /// No entries is nil, so that requests without baggage cost nothing.
    private let storage: Storage?

    private final class Storage: Sendable {
        let entries: [Entry]

        init(_ entries: [Entry]) {
            self.entries = entries
        }
    }

    /// Takes entries with names that are not empty and differ.
    init(uniqueEntries entries: [Entry]) {
        storage = entries.isEmpty ? nil : Storage(entries)
    }

    /// No entries.
    public static let empty = Baggage(uniqueEntries: [])

    /// Whether there are no entries.
    public var isEmpty: Bool { storage == nil }

    /// The entries, in the order in which their names were first set.
    public var entries: [Entry] { storage?.entries ?? [] }

    /// The value for a name.
    public subscript(name: String) -> String? {
        storage?.entries.first { $0.name == name }?.value
    }

    /// This baggage with a value for a name, in place of the one that it had. An empty name is reported and changes nothing.
    public func setting(_ name: String, to value: String, metadata: String = "") -> Baggage {
        guard !name.isEmpty else {
            Diagnostics.report(.warning, topic: "baggage.name", "A baggage entry was left out: its name must not be empty.")
            return self
        }
        var entries = entries
        entries.update(Entry(name: name, value: value, metadata: metadata))
        return Baggage(uniqueEntries: entries)
    }

    /// This baggage without a name.
    public func removing(_ name: String) -> Baggage {
        guard self[name] != nil else { return self }
        return Baggage(uniqueEntries: entries.filter { $0.name != name })
    }

    public static func == (left: Baggage, right: Baggage) -> Bool {
        left.storage === right.storage || left.entries == right.entries
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(entries)
    }
}

extension [Baggage.Entry] {
    /// Takes an entry in, in place of the one of its name.
    mutating func update(_ entry: Baggage.Entry) {
        if let place = firstIndex(where: { $0.name == entry.name }) {
            self[place] = entry
        } else {
            append(entry)
        }
    }
}
