// The plain JSON of attributes, for log lines and text formats.

/// Writes OTLP's `AnyValue` and `KeyValue` messages as plain JSON: text as text, a map as an object, an array as an array.
///
/// Bytes become base64, an empty value becomes null, and numbers that JSON lacks become `"NaN"`, `"Infinity"` or `"-Infinity"`. An object
/// has each key once: if members have the same key, the last one counts. Any input gives valid JSON.
struct AttributeJSON: Sendable {
    /// Levels of values in values that are written. Deeper ones become null, so that hostile input cannot exhaust the stack.
    static let maximumDepth = 132
    /// The number of members up to which each is compared with each.
    private static let maximumComparedMembers = 32

    var writer = JSONWriter()
    /// The members of all objects that are being written; those of the innermost object come last.
    private var members: [Member] = []

    // Unchecked: members point into the message and exist only while an object is being written; between objects, when the writer may pass
    // to another thread, it has none.
    private struct Member: @unchecked Sendable {
        let key: UnsafeRawBufferPointer
        let value: UnsafeRawBufferPointer
        let hash: UInt64
        /// False for a key that may equal another one only after its bytes are repaired to UTF-8.
        let isASCII: Bool
    }

    // MARK: Values

    /// The numbers of the values of `AnyValue`, of which a message has one.
    @inline(__always)
    private static var valueNumbers: ClosedRange<Int> { OTLPSchema.AnyValue.string.number...OTLPSchema.AnyValue.bytes.number }

    /// Writes an `AnyValue` message.
    mutating func value(_ message: UnsafeRawBufferPointer, depth: Int = 0) {
        guard depth <= Self.maximumDepth else { return writer.null() }
        if let text = Self.shortContent(of: message, OTLPSchema.AnyValue.string.tag) { return writer.value(text: text) }
        var reader = WireReader(message)
        var last: RawWireField?
        // The last of several values counts. Of a damaged message the fields before the damage are used.
        while let field = reader.nextRaw() {
            if Self.valueNumbers.contains(field.number) { last = field }
        }
        guard let field = last else { return writer.null() }
        switch field.number {
        case OTLPSchema.AnyValue.string.number: writer.value(text: field.bytes)
        case OTLPSchema.AnyValue.bool.number: writer.value(field.number64 != 0)
        case OTLPSchema.AnyValue.int.number: writer.value(Int64(bitPattern: field.number64))
        case OTLPSchema.AnyValue.double.number: writer.value(Double(bitPattern: field.number64))
        case OTLPSchema.AnyValue.array.number: array(field.bytes, depth: depth + 1)
        case OTLPSchema.AnyValue.keyValueList.number: map(field.bytes, depth: depth + 1)
        default: writer.value(base64: field.bytes)
        }
    }

    /// Returns the content of a message that consists of one short field with that tag, as nearly all texts do; nil for any other.
    ///
    /// Looking for further fields takes ten times the instructions.
    @inline(__always)
    private static func shortContent(of message: UnsafeRawBufferPointer, _ tag: UInt8) -> UnsafeRawBufferPointer? {
        guard message.count >= 2, message[0] == tag, message[1] < 0x80, Int(message[1]) == message.count &- 2 else { return nil }
        return UnsafeRawBufferPointer(rebasing: message[2...])
    }

    private mutating func array(_ message: UnsafeRawBufferPointer, depth: Int) {
        var reader = WireReader(message)
        writer.beginArray()
        while let field = try? reader.next() {
            if field.number == OTLPSchema.ArrayValue.values.number { value(field.bytes, depth: depth) }
        }
        writer.endArray()
    }

    private mutating func map(_ message: UnsafeRawBufferPointer, depth: Int) {
        var reader = WireReader(message)
        let start = beginMembers()
        while let field = try? reader.next() {
            if field.number == OTLPSchema.KeyValueList.values.number { addMember(field.bytes) }
        }
        writer.beginObject()
        writeMembers(from: start, depth: depth)
        endMembers(from: start)
        writer.endObject()
    }

    /// Returns the JSON of one value.
    static func encoded(_ value: AttributeValue) -> [UInt8] {
        var message = WireWriter()
        message.field(OTLPSchema.KeyValueList.values.number, attributes: ["value": value])
        return message.bytes.withUnsafeBytes { bytes in
            var json = AttributeJSON()
            let start = json.beginMembers()
            var reader = WireReader(bytes)
            while let field = try? reader.next() { json.addMember(field.bytes) }
            for member in json.members[start...] { json.value(member.value) }
            return json.writer.bytes
        }
    }

    // MARK: Members of an object

    /// Begins to gather the members of an object; returns the place of the first.
    func beginMembers() -> Int { members.count }

    /// Returns whether any member was gathered since that place.
    func hasMembers(from start: Int) -> Bool { members.count > start }

    /// Adds a `KeyValue` message.
    mutating func addMember(_ message: UnsafeRawBufferPointer) {
        let (key, value) = Self.shortMember(message) ?? Self.anyMember(message)
        let (hash, isASCII) = key.keyHash
        members.append(Member(key: key, value: value, hash: hash, isASCII: isASCII))
    }

    /// Returns key and value of a message that has a short key, a short value behind it and nothing else; nil for any other.
    @inline(__always)
    private static func shortMember(
        _ message: UnsafeRawBufferPointer
    ) -> (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer)? {
        guard message.count >= 4, message[0] == OTLPSchema.KeyValue.key.tag, message[1] < 0x80 else { return nil }
        let end = 2 &+ Int(message[1])
        guard end < message.count,
            let value = shortContent(of: UnsafeRawBufferPointer(rebasing: message[end...]), OTLPSchema.KeyValue.value.tag)
        else { return nil }
        return (UnsafeRawBufferPointer(rebasing: message[2..<end]), value)
    }

    private static func anyMember(_ message: UnsafeRawBufferPointer) -> (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        var reader = WireReader(message)
        var key = UnsafeRawBufferPointer(start: nil, count: 0)
        var value = key
        while let field = try? reader.next() {
            switch field.number {
            case OTLPSchema.KeyValue.key.number: key = field.bytes
            case OTLPSchema.KeyValue.value.number: value = field.bytes
            default: break
            }
        }
        return (key, value)
    }

    /// Removes the members that were gathered since that place.
    mutating func endMembers(from start: Int) { members.removeLast(members.count - start) }

    /// Writes the members that were gathered since that place into an object that has begun.
    ///
    /// - Parameter reserved: keys that the object has already or gets later.
    mutating func writeMembers(from start: Int, depth: Int = 0, reserved: ReservedKeys? = nil) {
        let end = members.count
        guard needsNoRepair(start..<end, reserved) else { return writeRepairing(start..<end, depth: depth, reserved) }
        for index in start..<end where !isOverwritten(index, before: end) {
            let member = members[index]
            writer.key(text: member.key)
            value(member.value, depth: depth)
        }
    }

    /// Returns whether the keys are few, valid and not reserved, so that they are written as they are.
    private func needsNoRepair(_ range: Range<Int>, _ reserved: ReservedKeys?) -> Bool {
        guard range.count <= Self.maximumComparedMembers else { return false }
        for index in range {
            guard members[index].isASCII, reserved?.mayContain(members[index].hash) != true else { return false }
        }
        return true
    }

    private func isOverwritten(_ index: Int, before end: Int) -> Bool {
        let (key, hash) = (members[index].key, members[index].hash)
        for later in index + 1..<max(end, index + 1) where members[later].hash == hash {
            if members[later].key.elementsEqual(key) { return true }
        }
        return false
    }

    /// Writes any members: many, with keys that are not UTF-8, or with reserved keys.
    @inline(never)
    private mutating func writeRepairing(_ range: Range<Int>, depth: Int, _ reserved: ReservedKeys?) {
        let keys = range.map { index in
            let key = ExactText(String(decoding: members[index].key, as: UTF8.self))
            return reserved?.replacement(for: key) ?? key
        }
        var last: [ExactText: Int] = [:]
        for (key, index) in zip(keys, range) { last[key] = index }
        for (key, index) in zip(keys, range) where last[key] == index {
            writer.key(text: key.text)
            value(members[index].value, depth: depth)
        }
    }
}
