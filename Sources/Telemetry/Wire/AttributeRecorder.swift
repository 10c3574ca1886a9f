// Hot: adds attributes to the bytes of an item under construction, so that a key stands in them once.

/// Adds attributes to the bytes of a span or a log record; a key stands in them once, and its last value counts.
struct AttributeRecorder {
    /// The tag of the item's field for attributes.
    private let tag: UInt8
    /// One bit for each of 64 classes of keys that occur: a clear bit says that a key is new without looking.
    private var keyClasses: UInt64 = 0
    private var count: Int32 = 0
    /// Attributes that were left out because there were too many.
    private(set) var droppedCount: Int32 = 0

    @inline(__always)
    init(tag: UInt8) {
        self.tag = tag
    }

    /// Adds an attribute, or replaces the value of one that is there; past the limit new keys are dropped and counted, and the answer
    /// is false.
    @inline(__always)
    mutating func set(
        _ key: String, _ value: AttributeValue, in bytes: inout ItemBytes, countLimit: Int32, _ limits: AttributeValueLimits
    ) -> Bool {
        let isSet: Bool?
        switch value {
        case .string(let text): isSet = addText(key, text, &bytes, countLimit, limits.length)
        case .int(let number): isSet = addNumber(key, 0x18, UInt64(bitPattern: number), &bytes, countLimit)
        case .bool(let truth): isSet = addNumber(key, 0x10, truth ? 1 : 0, &bytes, countLimit)
        default: isSet = false
        }
        return isSet == true || setAny(key, value, &bytes, countLimit, limits)
    }

    /// Adds a new key with a text when both are short and there is room; otherwise does nothing and says so.
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
                cursor.fourBytes(tag, size &- 2, 0x0A, key.count)
                cursor.shortCopy(key)
                cursor.fourBytes(0x12, text.count &+ 2, 0x0A, text.count)
                cursor.shortCopy(text)
                return true
            } ?? false
        }
    }

    /// Adds a new key with a number when there is room; otherwise does nothing and says so.
    @inline(__always)
    private mutating func addNumber(
        _ key: String, _ type: UInt8, _ number: UInt64, _ bytes: inout ItemBytes, _ countLimit: Int32
    ) -> Bool? {
        return key.utf8.withContiguousStorageIfAvailable { key in
            let numberSize = WireSize.varint(number)
            let size = key.count &+ numberSize &+ 7
            guard size < 128, bytes.hasRoom(for: size), addKey(key, countLimit) else { return false }
            var cursor = bytes.reserve(size)
            cursor.fourBytes(tag, size &- 2, 0x0A, key.count)
            cursor.shortCopy(key)
            cursor.twoBytes(0x12, UInt8(truncatingIfNeeded: numberSize &+ 1))
            cursor.byte(type)
            cursor.varint(number)
            return true
        }
    }

    /// Takes note of a key if it is certainly new and within the limit.
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

    /// Any key, value and limit.
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

    /// The value of an attribute, read back from its bytes.
    func value(of key: String, in bytes: borrowing ItemBytes) -> AttributeValue? {
        guard let found = find(key, in: bytes.bytes) else { return nil }
        return (try? WireReader.attribute(found.bytes))?.value
    }

    /// All attributes, read back from their bytes, in the order in which they were first set.
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

    /// The attribute with a key: its `KeyValue` message, and where the whole field lies.
    private func find(_ key: String, in bytes: UnsafeRawBufferPointer) -> (bytes: UnsafeRawBufferPointer, range: Range<Int>)? {
        var key = key
        let number = Int(tag >> 3)
        return key.withUTF8 { key in
            var reader = WireReader(bytes)
            while let field = try? reader.next() {
                guard field.number == number, Self.hasKey(key, field.bytes) else { continue }
                return (field.bytes, field.range)
            }
            return nil
        }
    }

    /// Whether a `KeyValue` message that we wrote, its key first, has that key.
    private static func hasKey(_ key: UnsafeBufferPointer<UInt8>, _ message: UnsafeRawBufferPointer) -> Bool {
        var reader = WireReader(message)
        guard let field = try? reader.next(), field.number == 1, field.bytes.count == key.count else { return false }
        for index in 0..<key.count where field.bytes[index] != key[index] { return false }
        return true
    }
}
