// Hot: the attributes of log records whose lines are written in one piece.

/// An attribute whose key and value are written without looking further into them.
struct PlainAttribute {
    let key: UnsafeRawBufferPointer
    /// A text, a truth value or a number.
    let value: RawWireField
    let hash: UInt64

    /// Reads a `KeyValue` message; nil unless it has a key, a value of that kind behind it, and nothing else.
    @inline(__always)
    init?(_ message: UnsafeRawBufferPointer) {
        guard let known = Self.short(message) ?? Self.any(message) else { return nil }
        self = known
    }

    @inline(__always)
    private init(_ key: UnsafeRawBufferPointer, _ value: RawWireField) {
        self.key = key
        self.value = value
        hash = key.keyHash.hash
    }

    /// Returns key and value of a message whose lengths take one byte each, and whose value is a text, a number with a point or a short one.
    @inline(__always)
    private static func short(_ message: UnsafeRawBufferPointer) -> PlainAttribute? {
        guard message.count >= 6, message[0] == OTLPSchema.KeyValue.key.tag, message[1] < 0x80 else { return nil }
        let keyCount = Int(message[1])
        let place = 2 &+ keyCount
        // Tag and length of the value, and its own tag with one byte.
        let count = message.count &- place &- 2
        guard count >= 2, message[place] == OTLPSchema.KeyValue.value.tag, Int(message[place &+ 1]) == count, count < 0x80 else {
            return nil
        }
        let content = UnsafeRawBufferPointer(rebasing: message[(place &+ 2)...])
        var value = RawWireField(tag: UInt64(content[0]))
        switch content[0] {
        case OTLPSchema.AnyValue.string.tag:
            guard Int(content[1]) == count &- 2 else { return nil }
            value.bytes = UnsafeRawBufferPointer(rebasing: content[2...])
        case OTLPSchema.AnyValue.double.tag:
            guard count == 9 else { return nil }
            value.number64 = UInt64(littleEndian: content.loadUnaligned(fromByteOffset: 1, as: UInt64.self))
        case OTLPSchema.AnyValue.int.tag, OTLPSchema.AnyValue.bool.tag:
            guard count <= 3, content[count &- 1] < 0x80, count == 2 || content[1] >= 0x80 else { return nil }
            value.number64 = count == 2 ? UInt64(content[1]) : UInt64(content[1] & 0x7F) | UInt64(content[2]) << 7
        default: return nil
        }
        return PlainAttribute(UnsafeRawBufferPointer(rebasing: message[2..<place]), value)
    }

    /// Returns the same of a message with any lengths.
    @inline(never)
    private static func any(_ message: UnsafeRawBufferPointer) -> PlainAttribute? {
        var reader = WireReader(message)
        guard let key = reader.nextShort(), key.tag == UInt64(OTLPSchema.KeyValue.key.tag),
            let holder = reader.nextShort(), holder.tag == UInt64(OTLPSchema.KeyValue.value.tag), reader.position == message.count
        else { return nil }
        var content = WireReader(holder.bytes)
        guard let value = content.nextRaw(), content.position == holder.bytes.count else { return nil }
        switch value.tag {
        case UInt64(OTLPSchema.AnyValue.string.tag), UInt64(OTLPSchema.AnyValue.bool.tag), UInt64(OTLPSchema.AnyValue.int.tag),
            UInt64(OTLPSchema.AnyValue.double.tag):
            return PlainAttribute(key.bytes, value)
        default: return nil
        }
    }

    /// Returns the text of an `AnyValue` message that has one and nothing else.
    @inline(__always)
    static func text(of message: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        var reader = WireReader(message)
        guard let field = reader.nextShort(), field.tag == UInt64(OTLPSchema.AnyValue.string.tag), reader.position == message.count else {
            return nil
        }
        return field.bytes
    }
}

/// The attributes of a record, in memory that the caller lends.
struct PlainAttributes {
    private let memory: UnsafeMutableBufferPointer<PlainAttribute>
    private(set) var count = 0
    private var hasOther = false

    init(_ memory: UnsafeMutableBufferPointer<PlainAttribute>) {
        self.memory = memory
    }

    /// Adds a `KeyValue` message.
    @inline(__always)
    mutating func add(_ message: UnsafeRawBufferPointer) {
        guard count < memory.count, let attribute = PlainAttribute(message) else {
            hasOther = true
            return
        }
        memory.initializeElement(at: count, to: attribute)
        count &+= 1
    }

    @inline(__always)
    subscript(index: Int) -> PlainAttribute {
        assert(index >= 0 && index < count, "Only what was added is read.")
        return memory[index]
    }

    /// Whether all attributes are plain, and each key is certainly neither reserved nor another's.
    @inline(__always)
    func arePlain(beside reserved: ReservedKeys) -> Bool {
        guard !hasOther else { return false }
        for index in 0..<count {
            let hash = memory[index].hash
            if reserved.mayContain(hash) { return false }
            for later in index &+ 1..<max(count, index &+ 1) where memory[later].hash == hash { return false }
        }
        return true
    }
}
