// Hot: the set of attributes of a span or log record under construction.

/// Encodes attributes into the bytes of a span or log record; each key occurs once, with its last value.
struct AttributeRecorder {
    /// The tag of the item's field for attributes.
    private let tag: UInt8
    /// How often all attributes were compared with a key, up to a limit.
    private var searchCount: UInt8 = 0
    /// The classes of the keys that occur: a key with a class that does not is new.
    private(set) var keyClasses = KeyClasses()
    private(set) var count: Int32 = 0
    /// The number of attributes that were dropped because of the limit.
    private(set) var droppedCount: Int32 = 0

    @inline(__always)
    init(tag: UInt8) {
        self.tag = tag
    }

    /// Adds an attribute, or replaces the value of its key.
    ///
    /// - Returns: false if the attribute was dropped and counted, because its key is new and the limit is reached.
    @inline(__always)
    mutating func set(
        _ key: String, _ value: AttributeValue, in bytes: inout ItemBytes, countLimit: Int32, _ limits: AttributeValueLimits
    ) -> Bool {
        addShort(key, value, in: &bytes, countLimit: countLimit, lengthLimit: limits.length)
            || setAny(key, value, in: &bytes, countLimit: countLimit, limits)
    }

    /// Adds an attribute if its key is certainly new, both are short, and there is room; returns whether it did.
    ///
    /// What most attributes need, without a call of a function.
    @inline(__always)
    mutating func addShort(
        _ key: String, _ value: AttributeValue, in bytes: inout ItemBytes, countLimit: @autoclosure () -> Int32,
        lengthLimit: @autoclosure () -> Int
    ) -> Bool {
        // The value's text is extended where it is written: for the value itself, references would be counted.
        defer { withExtendedLifetime(key) {} }
        guard var attribute = ShortAttribute(key, bytes), !keyClasses.mayContain(attribute.hash), count < countLimit(),
            attribute.write(value, bytes, lengthLimit: lengthLimit())
        else { return false }
        attribute.finish(tag: tag, &bytes)
        keyClasses.insert(attribute.hash)
        count &+= 1
        return true
    }

    /// Adds attributes that were encoded before, if their keys are certainly new and no limit applies; returns whether it did.
    mutating func add(_ common: CommonAttributes, in bytes: inout ItemBytes, countLimit: Int32, lengthLimit: Int) -> Bool {
        guard !keyClasses.mayContainAny(of: common.keyClasses), common.count <= countLimit &- count, common.longestText <= lengthLimit
        else { return false }
        keyClasses.insert(common.keyClasses)
        count &+= common.count
        common.bytes.withUnsafeBytes { source in bytes.append(source.count) { $0.copy(source) } }
        return true
    }

    /// Adds a new key with valid UTF-8 if both are short and there is room; returns whether it did.
    mutating func addNew(
        _ key: String, utf8 text: UnsafeBufferPointer<UInt8>, in bytes: inout ItemBytes, countLimit: Int32, lengthLimit: Int
    ) -> Bool {
        defer { withExtendedLifetime(key) {} }
        guard text.count <= lengthLimit, var attribute = ShortAttribute(key, bytes), !keyClasses.mayContain(attribute.hash),
            count < countLimit, attribute.write(TextBytes(text), bytes)
        else { return false }
        attribute.finish(tag: tag, &bytes)
        keyClasses.insert(attribute.hash)
        count &+= 1
        return true
    }

    /// Sets any key to any value, within any limit; returns what ``set(_:_:in:countLimit:_:)`` does.
    @inline(never)
    private mutating func setAny(
        _ key: String, _ value: AttributeValue, in bytes: inout ItemBytes, countLimit: Int32, _ limits: AttributeValueLimits
    ) -> Bool {
        guard !key.isEmpty else { return true }
        var key = key
        let hash = key.withUTF8 { TextBytes($0).hash }
        if keyClasses.mayContain(hash), replace(key, hash, value, &bytes, limits) { return true }
        guard count < countLimit else {
            droppedCount &+= 1
            return false
        }
        keyClasses.insert(hash)
        count &+= 1
        let size = AttributeWire.size(key: key, value: value, limits: limits)
        bytes.append(1 + WireSize.lengthDelimited(size)) { write(key, value, size, limits, to: &$0) }
        return true
    }

    private mutating func replace(
        _ key: String, _ hash: UInt64, _ value: AttributeValue, _ bytes: inout ItemBytes, _ limits: AttributeValueLimits
    ) -> Bool {
        // To make an index takes as long as to compare a few keys with all others.
        let isSearched = count < AttributeIndex.leastCount || searchCount < AttributeIndex.leastSearches
        if isSearched { searchCount = min(searchCount &+ 1, AttributeIndex.leastSearches) }
        let index = isSearched ? nil : bytes.attributeIndex
        let found = index.map { position(of: key, hash, in: bytes.bytes, $0) } ?? find(key, in: bytes.bytes)?.range
        guard let found else { return false }
        let size = AttributeWire.size(key: key, value: value, limits: limits)
        let newSize = 1 + WireSize.lengthDelimited(size)
        bytes.replace(found, with: newSize) { write(key, value, size, limits, to: &$0) }
        index?.move(after: found.lowerBound, by: newSize - found.count)
        return true
    }

    /// Returns the range of the field of an attribute by the index, after what was appended has been added to it.
    private func position(of key: String, _ hash: UInt64, in bytes: UnsafeRawBufferPointer, _ index: AttributeIndex) -> Range<Int>? {
        index.update(to: bytes.count) { position in
            guard let message = attribute(at: position, in: bytes) else { return (nil, endOfField(at: position, in: bytes)) }
            return (Self.key(of: UnsafeRawBufferPointer(rebasing: bytes[message])).hash, message.upperBound)
        }
        var key = key
        return key.withUTF8 { key in
            var found: Range<Int>?
            _ = index.position(of: hash) { position in
                guard let message = attribute(at: position, in: bytes), Self.hasKey(key, UnsafeRawBufferPointer(rebasing: bytes[message]))
                else { return false }
                found = position..<message.upperBound
                return true
            }
            return found
        }
    }

    private func write(
        _ key: String, _ value: AttributeValue, _ size: Int, _ limits: AttributeValueLimits, to cursor: inout WireCursor
    ) {
        cursor.byte(tag)
        cursor.varint(UInt64(size))
        AttributeWire.write(key: key, value: value, limits: limits, to: &cursor)
    }

    /// Returns whether the key has been set.
    func contains(_ key: String, in bytes: borrowing ItemBytes) -> Bool {
        var key = key
        return keyClasses.mayContain(key.withUTF8 { TextBytes($0).hash }) && find(key, in: bytes.bytes) != nil
    }

    /// Returns the value of an attribute, decoded from the bytes.
    func value(of key: String, in bytes: borrowing ItemBytes) -> AttributeValue? {
        guard let found = find(key, in: bytes.bytes) else { return nil }
        return (try? WireReader.attribute(found.bytes))?.value
    }

    /// Returns all attributes, decoded from the bytes, in the order in which their keys were first set.
    func values(in bytes: borrowing ItemBytes) -> Attributes {
        var pairs: [(String, AttributeValue)] = []
        let number = Int(tag >> 3)
        var reader = WireReader(bytes.bytes)
        while let field = try? reader.next() {
            guard field.number == number, let pair = try? WireReader.attribute(field.bytes) else { continue }
            pairs.append((pair.key, pair.value))
        }
        return Attributes(unique: pairs)
    }

    /// Returns the attribute with a key: its `KeyValue` message, and the range of the whole field.
    private func find(_ key: String, in bytes: UnsafeRawBufferPointer) -> (bytes: UnsafeRawBufferPointer, range: Range<Int>)? {
        var key = key
        return key.withUTF8 { key in
            var position = 0
            while position < bytes.count {
                guard let field = attribute(at: position, in: bytes) else {
                    position = endOfField(at: position, in: bytes)
                    continue
                }
                let message = UnsafeRawBufferPointer(rebasing: bytes[field])
                if Self.hasKey(key, message) { return (message, position..<field.upperBound) }
                position = field.upperBound
            }
            return nil
        }
    }

    /// Returns where a field ends that is something else than an attribute, which is rare.
    private func endOfField(at position: Int, in bytes: UnsafeRawBufferPointer) -> Int {
        var reader = WireReader(UnsafeRawBufferPointer(rebasing: bytes[position...]))
        guard let other = try? reader.next() else { return bytes.count }
        return position + other.range.upperBound
    }

    /// Returns the key of a `KeyValue` message written here, which comes first.
    private static func key(of message: UnsafeRawBufferPointer) -> TextBytes {
        if message.count >= 2, message[1] < 0x80, message.count >= 2 + Int(message[1]) {
            return TextBytes(UnsafeRawBufferPointer(rebasing: message[2..<2 + Int(message[1])]).bindMemory(to: UInt8.self))
        }
        var reader = WireReader(message)
        let bytes = (try? reader.next())?.bytes ?? UnsafeRawBufferPointer(start: nil, count: 0)
        return TextBytes(bytes.bindMemory(to: UInt8.self))
    }

    /// Returns where the `KeyValue` message of an attribute lies whose field begins at a position; nil for another field.
    @inline(__always)
    private func attribute(at position: Int, in bytes: UnsafeRawBufferPointer) -> Range<Int>? {
        guard bytes[position] == tag else { return nil }
        var (length, shift, start) = (0, 0, position + 1)
        while true {
            let byte = bytes[start]
            start += 1
            length |= Int(byte & 0x7F) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        assert(length <= bytes.count - start, "What was written here is whole.")
        return start..<start + length
    }

    /// Returns whether a `KeyValue` message written here, its key first, has the key.
    @inline(__always)
    private static func hasKey(_ key: UnsafeBufferPointer<UInt8>, _ message: UnsafeRawBufferPointer) -> Bool {
        if key.count < 128 {
            guard message.count >= key.count + 2, message[0] == OTLPSchema.KeyValue.key.tag, Int(message[1]) == key.count else {
                return false
            }
            // The keys of an item often begin alike: their ends are compared first, eight bytes at once.
            if key.count >= 8 {
                let last = UnsafeRawBufferPointer(key).loadUnaligned(fromByteOffset: key.count - 8, as: UInt64.self)
                guard message.loadUnaligned(fromByteOffset: key.count - 6, as: UInt64.self) == last else { return false }
            }
            return key.indices.allSatisfy { message[$0 + 2] == key[$0] }
        }
        var reader = WireReader(message)
        guard let field = try? reader.next(), field.bytes.count == key.count else { return false }
        return key.indices.allSatisfy { field.bytes[$0] == key[$0] }
    }
}

/// Attributes in the bytes of an item's field, to be copied into each item that has them.
///
/// Five attributes of a server span take 60 instructions so, where setting them one by one takes 900.
struct CommonAttributes: Sendable {
    let bytes: [UInt8]
    let keyClasses: KeyClasses
    let count: Int32
    /// The length of the longest text, for which a limit may apply.
    let longestText: Int

    /// Encodes attributes, each under a key of its own.
    ///
    /// - Parameter tag: the tag of the item's field for attributes.
    init(_ attributes: [(String, AttributeValue)], tag: UInt8) {
        var storage = InlineItemStorage()
        (bytes, keyClasses, count) = withUnsafeMutablePointer(to: &storage) { storage in
            var bytes = ItemBytes()
            bytes.use(storage)
            var recorder = AttributeRecorder(tag: tag)
            for (key, value) in attributes {
                _ = recorder.set(key, value, in: &bytes, countLimit: .max, AttributeValueLimits())
            }
            return (Array(bytes.bytes), recorder.keyClasses, recorder.count)
        }
        longestText = attributes.reduce(0) { max($0, $1.1.stringValue?.utf8.count ?? 0) }
    }
}

/// Which keys may occur, by two classes of 64 for each: of thirty spans with ten attributes of the conventions, one takes a key for another.
struct KeyClasses: Sendable {
    private var first: UInt64 = 0
    private var second: UInt64 = 0

    /// Returns false for the hash of a key that certainly does not occur.
    ///
    /// Two tests of one bit, the second of which is seldom made: together they would take twice the instructions.
    @inline(__always)
    func mayContain(_ hash: UInt64) -> Bool { first & (1 &<< (hash &>> 58)) != 0 && second & (1 &<< (hash &>> 52)) != 0 }

    /// Returns false if certainly no key of the others occurs.
    func mayContainAny(of others: KeyClasses) -> Bool { first & others.first != 0 && second & others.second != 0 }

    mutating func insert(_ others: KeyClasses) {
        first |= others.first
        second |= others.second
    }

    @inline(__always)
    mutating func insert(_ hash: UInt64) {
        // A shift counts modulo 64.
        first |= 1 &<< (hash &>> 58)
        second |= 1 &<< (hash &>> 52)
    }
}
