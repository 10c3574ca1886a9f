// Hot: the set of attributes of a span or log record under construction.

/// Encodes attributes into the bytes of a span or log record; each key occurs once, with its last value.
struct AttributeRecorder {
    /// The tag of the item's field for attributes.
    private let tag: UInt8
    /// A bit for each of 64 classes of keys that occur: if the bit of a key is clear, the key is new.
    private var keyClasses: UInt64 = 0
    private var count: Int32 = 0
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
        let isSet: Bool?
        switch value {
        case .string(let text): isSet = addText(key, text, &bytes, countLimit, limits.length)
        case .int(let number): isSet = addNumber(key, OTLPSchema.AnyValue.int.tag, UInt64(bitPattern: number), &bytes, countLimit)
        case .bool(let truth): isSet = addNumber(key, OTLPSchema.AnyValue.bool.tag, truth ? 1 : 0, &bytes, countLimit)
        default: isSet = false
        }
        return isSet == true || setAny(key, value, &bytes, countLimit, limits)
    }

    /// Adds a new key with a text if both are short and there is room; returns false or nil if it added nothing.
    @inline(__always)
    private mutating func addText(
        _ key: String, _ text: String, _ bytes: inout ItemBytes, _ countLimit: Int32, _ lengthLimit: Int
    ) -> Bool? {
        return key.utf8.withContiguousStorageIfAvailable { key in
            text.utf8.withContiguousStorageIfAvailable { text in
                let size = key.count &+ text.count &+ 8
                guard size < 128, text.count <= lengthLimit, bytes.hasRoom(for: size), addKey(key, countLimit) else { return false }
                // Every length takes one byte.
                var cursor = bytes.reserve(size)
                cursor.fourBytes(tag, size &- 2, OTLPSchema.KeyValue.key.tag, key.count)
                cursor.shortCopy(key)
                cursor.fourBytes(OTLPSchema.KeyValue.value.tag, text.count &+ 2, OTLPSchema.AnyValue.string.tag, text.count)
                cursor.shortCopy(text)
                bytes.assertIsFilled(by: cursor)
                return true
            } ?? false
        }
    }

    /// Adds a new key with a number if there is room; returns false or nil if it added nothing.
    ///
    /// - Parameter valueTag: the tag of the number in `AnyValue`.
    @inline(__always)
    private mutating func addNumber(
        _ key: String, _ valueTag: UInt8, _ number: UInt64, _ bytes: inout ItemBytes, _ countLimit: Int32
    ) -> Bool? {
        return key.utf8.withContiguousStorageIfAvailable { key in
            let numberSize = WireSize.varint(number)
            let size = key.count &+ numberSize &+ 7
            guard size < 128, bytes.hasRoom(for: size), addKey(key, countLimit) else { return false }
            var cursor = bytes.reserve(size)
            cursor.fourBytes(tag, size &- 2, OTLPSchema.KeyValue.key.tag, key.count)
            cursor.shortCopy(key)
            cursor.twoBytes(OTLPSchema.KeyValue.value.tag, UInt8(truncatingIfNeeded: numberSize &+ 1))
            cursor.byte(valueTag)
            cursor.varint(number)
            bytes.assertIsFilled(by: cursor)
            return true
        }
    }

    /// Counts a key if it is certainly new and within the limit.
    @inline(__always)
    private mutating func addKey(_ key: UnsafeBufferPointer<UInt8>, _ countLimit: Int32) -> Bool {
        let keyClass = Self.keyClass(of: key)
        guard keyClass != 0, keyClasses & keyClass == 0, count < countLimit else { return false }
        keyClasses |= keyClass
        count &+= 1
        return true
    }

    /// One bit that depends on the key's length and three of its bytes; none for an empty key.
    @inline(__always)
    private static func keyClass(of key: UnsafeBufferPointer<UInt8>) -> UInt64 {
        guard let base = key.baseAddress, key.count > 0 else { return 0 }
        let (first, middle, last) = (base[0], base[key.count >> 1], base[key.count &- 1])
        return 1 << UInt64((UInt8(truncatingIfNeeded: key.count) &* 5 ^ first &* 3 ^ last &* 7 ^ middle) & 63)
    }

    /// Sets any key to any value, within any limit.
    @inline(never)
    private mutating func setAny(
        _ key: String, _ value: AttributeValue, _ bytes: inout ItemBytes, _ countLimit: Int32, _ limits: AttributeValueLimits
    ) -> Bool {
        guard !key.isEmpty else { return true }
        var key = key
        let keyClass = key.withUTF8 { Self.keyClass(of: $0) }
        if keyClasses & keyClass != 0, replace(key, value, &bytes, limits) { return true }
        guard count < countLimit else {
            droppedCount &+= 1
            return false
        }
        keyClasses |= keyClass
        count &+= 1
        let size = AttributeWire.size(key: key, value: value, limits: limits)
        bytes.append(1 + WireSize.lengthDelimited(size)) { write(key, value, size, limits, to: &$0) }
        return true
    }

    private func replace(_ key: String, _ value: AttributeValue, _ bytes: inout ItemBytes, _ limits: AttributeValueLimits) -> Bool {
        guard let found = find(key, in: bytes.bytes) else { return false }
        let size = AttributeWire.size(key: key, value: value, limits: limits)
        bytes.replace(found.range, with: 1 + WireSize.lengthDelimited(size)) { write(key, value, size, limits, to: &$0) }
        return true
    }

    private func write(
        _ key: String, _ value: AttributeValue, _ size: Int, _ limits: AttributeValueLimits, to cursor: inout WireCursor
    ) {
        cursor.byte(tag)
        cursor.varint(UInt64(size))
        AttributeWire.write(key: key, value: value, limits: limits, to: &cursor)
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
                    // Something else than an attribute, which is rare.
                    var reader = WireReader(UnsafeRawBufferPointer(rebasing: bytes[position...]))
                    guard let other = try? reader.next() else { return nil }
                    position += other.range.upperBound
                    continue
                }
                let message = UnsafeRawBufferPointer(rebasing: bytes[field])
                if Self.hasKey(key, message) { return (message, position..<field.upperBound) }
                position = field.upperBound
            }
            return nil
        }
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
            return key.indices.allSatisfy { message[$0 + 2] == key[$0] }
        }
        var reader = WireReader(message)
        guard let field = try? reader.next(), field.bytes.count == key.count else { return false }
        return key.indices.allSatisfy { field.bytes[$0] == key[$0] }
    }
}
