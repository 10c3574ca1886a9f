/// An ordered collection of attributes with unique keys; the last value of a repeated key counts.
///
/// Write it as a literal: `["album.id": album.id, "album.title": "Blue Train"]`, with any ``AttributeValueConvertible`` values, of which
/// nil leaves the key out. An attribute with an empty key is left out too (specification: common, "Attribute": the key
/// must be non-empty). Keys are compared by their bytes, as in receivers: `"é"` as one scalar and as two are two keys, though the Swift
/// strings are equal.
public struct Attributes: Sendable, ExpressibleByDictionaryLiteral {
    public typealias Element = (key: String, value: AttributeValue)

    /// In order of first insertion. Unless `hasUniqueKeys`, up to `uncheckedLimit` entries may hold repeated or empty keys.
    private var entries: [(String, AttributeValue)]
    private var hasUniqueKeys: Bool

    /// Longer collections remove repeated keys at once, so that access by position stays cheap.
    private static let uncheckedLimit = 16

    public init() {
        entries = []
        hasUniqueKeys = true
    }

    /// Inlinable, so that the literal's array is allocated on the stack.
    @inlinable
    public init(dictionaryLiteral elements: (String, any AttributeValueConvertible)...) {
        self = elements.withUnsafeBufferPointer { Attributes(converting: $0) }
    }

    @usableFromInline
    init(converting elements: UnsafeBufferPointer<(String, any AttributeValueConvertible)>) {
        self.init(unchecked: ConvertibleAttributes(elements: elements).entries())
    }

    /// Takes over entries that may have empty and repeated keys: nothing is copied or compared until they are read.
    init(unchecked elements: [(String, AttributeValue)]) {
        entries = elements
        hasUniqueKeys = elements.isEmpty
        if elements.count > Self.uncheckedLimit { makeKeysUnique() }
    }

    /// Takes attributes in order; the last value of a repeated key counts.
    public init(_ elements: some Sequence<Element>) {
        entries = elements.map { ($0.key, $0.value) }
        hasUniqueKeys = entries.isEmpty
        if entries.count > Self.uncheckedLimit { makeKeysUnique() }
    }

    /// Takes the values of a dictionary, of one type or of several, sorted by key; nil leaves a key out.
    @_disfavoredOverload
    public init(_ dictionary: [String: any AttributeValueConvertible]) {
        let entries = dictionary.sorted { $0.key < $1.key }.compactMap { key, value in value.attributeValue.map { (key, $0) } }
        self.init(unchecked: entries)
    }

    /// Takes over entries whose keys must be unique and not empty: nothing is copied or compared.
    init(unique entries: [(String, AttributeValue)]) {
        self.entries = entries
        hasUniqueKeys = true
    }

    /// The value for a key; setting nil removes the key.
    public subscript(key: String) -> AttributeValue? {
        get { key.isEmpty ? nil : entries.last { $0.0.hasSameBytes(as: key) }?.1 }
        set {
            makeKeysUnique()
            let place = entries.firstIndex { $0.0.hasSameBytes(as: key) }
            switch (place, newValue) {
            case (let place?, let value?): entries[place].1 = value
            case (let place?, nil): entries.remove(at: place)
            case (nil, let value?): if !key.isEmpty { entries.append((key, value)) }
            case (nil, nil): break
            }
        }
    }

    /// Sets the value for a key to anything convertible; nil removes the key.
    @_disfavoredOverload
    public subscript<Value: AttributeValueConvertible>(key: String) -> Value? {
        @available(*, unavailable, message: "An attribute is an AttributeValue: annotate it, use .stringValue, compare AttributeValue(x).")
        get { nil }
        set { self[key] = newValue?.attributeValue }
    }

    /// Sets the value for a key to an array or a map of several types: `attributes["list"] = [count, name]`.
    @_disfavoredOverload
    public subscript(key: String) -> MixedAttributeValue? {
        @available(*, unavailable, message: "An attribute is an AttributeValue: annotate it, use .stringValue, compare AttributeValue(x).")
        get { nil }
        set { self[key] = newValue?.value }
    }

    /// Adds other attributes; where both have a key, the other's value counts.
    public mutating func merge(_ other: Attributes) {
        guard !other.entries.isEmpty else { return }
        guard !entries.isEmpty else { return self = other }
        entries.append(contentsOf: other.entries)
        hasUniqueKeys = false
        makeKeysUnique()
    }

    /// These attributes and the other's; where both have a key, the other's value counts.
    public func merging(_ other: Attributes) -> Attributes {
        var merged = self
        merged.merge(other)
        return merged
    }

    private mutating func makeKeysUnique() {
        guard !hasUniqueKeys else { return }
        entries = Self.unique(entries)
        hasUniqueKeys = true
    }

    private static func unique(_ entries: [(String, AttributeValue)]) -> [(String, AttributeValue)] {
        // Comparing a few keys takes a fraction of the time of a table, and nearly always nothing has to be removed.
        if entries.count <= uncheckedLimit, entries.indices.allSatisfy({ isFirst(at: $0, of: entries) }) { return entries }
        var places: [ExactText: Int] = [:]
        var result: [(String, AttributeValue)] = []
        result.reserveCapacity(entries.count)
        for entry in entries where !entry.0.isEmpty {
            if let place = places[ExactText(entry.0)] {
                result[place].1 = entry.1
            } else {
                places[ExactText(entry.0)] = result.count
                result.append(entry)
            }
        }
        return result
    }
}

extension Attributes {
    /// Calls the closure for each entry as written, repeated and empty keys included: the recorder removes those itself.
    @inline(__always)
    package func forEachEntry(_ body: (String, AttributeValue) -> Void) {
        // A span borrows its elements, where iterating over an array copies them, which counts references.
        let entries = entries.span
        for place in entries.indices { body(entries[place].0, entries[place].1) }
    }

    /// Calls the closure with the entries as written, repeated and empty keys included.
    @inline(__always)
    func withEntries<Result>(_ body: (UnsafeBufferPointer<(String, AttributeValue)>) -> Result) -> Result {
        entries.withUnsafeBufferPointer { body($0) }
    }

    /// The same attributes, without empty and repeated keys.
    package var canonical: Attributes {
        var copy = self
        copy.makeKeysUnique()
        return copy
    }

    /// True if there are no entries at all, not even with empty keys; cheaper than `isEmpty`.
    @inline(__always)
    var hasNoEntries: Bool { entries.isEmpty }
}

extension Attributes: RandomAccessCollection {
    private var uniqueEntries: [(String, AttributeValue)] {
        hasUniqueKeys ? entries : Self.unique(entries)
    }

    public var startIndex: Int { 0 }

    public var endIndex: Int {
        hasUniqueKeys ? entries.count : entries.indices.count { Self.isFirst(at: $0, of: entries) }
    }

    public subscript(position: Int) -> Element {
        guard !hasUniqueKeys else { return (entries[position].0, entries[position].1) }
        // At most `uncheckedLimit` entries: comparing them is cheaper than making a table of them.
        let place = entries.indices.lazy.filter { Self.isFirst(at: $0, of: entries) }.dropFirst(position).first
        guard position >= 0, let place, let value = self[entries[place].0] else {
            preconditionFailure("A position lies within the attributes.")
        }
        return (entries[place].0, value)
    }

    /// Returns whether the key at a place is not empty and does not occur before it.
    private static func isFirst(at place: Int, of entries: [(String, AttributeValue)]) -> Bool {
        let key = entries[place].0
        return !key.isEmpty && !entries[..<place].contains { $0.0.hasSameBytes(as: key) }
    }

    /// The keys, in the order in which they were first set.
    public var keys: [String] { map(\.key) }

    public func makeIterator() -> some IteratorProtocol<(key: String, value: AttributeValue)> {
        uniqueEntries.lazy.map { (key: $0.0, value: $0.1) }.makeIterator()
    }
}

extension Attributes: Hashable {
    /// Collections are equal when they hold the same keys with the same values, in whatever order.
    public static func == (left: Attributes, right: Attributes) -> Bool {
        left.byKey == right.byKey
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(byKey)
    }

    /// The attributes by key, for comparing them without order.
    private var byKey: [ExactText: AttributeValue] {
        Dictionary(uniqueEntries.map { (ExactText($0.0), $0.1) }, uniquingKeysWith: { _, last in last })
    }
}

extension Attributes: CustomStringConvertible {
    public var description: String {
        "[\(map { "\($0.key): \($0.value)" }.joined(separator: ", "))]"
    }
}
