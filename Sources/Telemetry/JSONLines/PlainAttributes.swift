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
        var reader = WireReader(message)
        guard let key = reader.nextShort(), key.tag == UInt64(OTLPSchema.KeyValue.key.tag),
            let holder = reader.nextShort(), holder.tag == UInt64(OTLPSchema.KeyValue.value.tag), reader.position == message.count
        else { return nil }
        var content = WireReader(holder.bytes)
        guard let value = content.nextRaw(), content.position == holder.bytes.count else { return nil }
        switch value.tag {
        case UInt64(OTLPSchema.AnyValue.string.tag), UInt64(OTLPSchema.AnyValue.bool.tag), UInt64(OTLPSchema.AnyValue.int.tag),
            UInt64(OTLPSchema.AnyValue.double.tag):
            break
        default: return nil
        }
        self.key = key.bytes
        self.value = value
        hash = key.bytes.keyHash.hash
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
