// The baggage API.

/// Name-value pairs that are propagated with a request, immutable and case-sensitive.
///
/// Any string can be a value, and any but the empty one a name; a propagator drops those that its header cannot hold.
/// (Specification: baggage API.)
public struct Baggage: Sendable, Hashable {
    /// One pair and its metadata.
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

    /// Nil if there are no entries, so that requests without baggage cost nothing.
    private let storage: Storage?

    private final class Storage: Sendable {
        let entries: [Entry]

        init(_ entries: [Entry]) {
            self.entries = entries
        }
    }

    /// Takes entries whose names must be unique and not empty.
    init(uniqueEntries entries: [Entry]) {
        storage = entries.isEmpty ? nil : Storage(entries)
    }

    /// No entries.
    public static let empty = Baggage(uniqueEntries: [])

    /// Whether there are no entries.
    public var isEmpty: Bool { storage == nil }

    /// The entries, in the order in which their names were first set.
    public var entries: [Entry] { storage?.entries ?? [] }

    /// The value for a name; nil if there is none. Setting a value removes the metadata of the entry, and setting nil the entry.
    public subscript(name: String) -> String? {
        get { storage?.entries.first { $0.name == name }?.value }
        set { self = if let newValue { setting(name, to: newValue) } else { removing(name) } }
    }

    /// Returns the baggage with a value for a name, which replaces the previous one. An empty name is reported and ignored.
    public func setting(_ name: String, to value: String, metadata: String = "") -> Baggage {
        guard !name.isEmpty else {
            Self.reportEmptyName()
            return self
        }
        var entries = entries
        entries.update(Entry(name: name, value: value, metadata: metadata))
        return Baggage(uniqueEntries: entries)
    }

    /// Returns the baggage without a name.
    public func removing(_ name: String) -> Baggage {
        guard self[name] != nil else { return self }
        return Baggage(uniqueEntries: entries.filter { $0.name != name })
    }

    private static func reportEmptyName() {
        Diagnostics.report(.warning, topic: "baggage.name", "A baggage entry was left out: its name must not be empty.")
    }

    public static func == (left: Baggage, right: Baggage) -> Bool {
        left.storage === right.storage || left.entries == right.entries
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(entries)
    }
}

extension Baggage: ExpressibleByDictionaryLiteral {
    /// Takes pairs without metadata; of a repeated name the last value counts, and an empty name is reported and ignored.
    public init(dictionaryLiteral pairs: (String, String)...) {
        var entries: [Entry] = []
        entries.reserveCapacity(pairs.count)
        for (name, value) in pairs {
            if name.isEmpty { Self.reportEmptyName() } else { entries.update(Entry(name: name, value: value)) }
        }
        self.init(uniqueEntries: entries)
    }
}

extension Baggage {
    /// Takes the pairs of a dictionary, sorted by name, without metadata; an empty name is reported and ignored.
    public init(_ dictionary: [String: String]) {
        if dictionary[""] != nil { Self.reportEmptyName() }
        let pairs = dictionary.filter { !$0.key.isEmpty }.sorted { $0.key < $1.key }
        self.init(uniqueEntries: pairs.map { Entry(name: $0.key, value: $0.value) })
    }
}

extension Baggage: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { storage?.entries.count ?? 0 }
    public subscript(position: Int) -> Entry { entries[position] }
    public func makeIterator() -> IndexingIterator<[Entry]> { entries.makeIterator() }
}

extension [Baggage.Entry] {
    /// Appends an entry, or replaces the entry of its name.
    mutating func update(_ entry: Baggage.Entry) {
        if let place = firstIndex(where: { $0.name == entry.name }) {
            self[place] = entry
        } else {
            append(entry)
        }
    }
}
