// Writes OTLP's attributes and values as the JSON that a person would write for them.

/// Writes OTLP's `AnyValue` and `KeyValue` messages as plain JSON: text as text, a map as an object, an array as an array.
///
/// Bytes are base64, what is no number is `"NaN"`, `"Infinity"` or `"-Infinity"`, a value that says nothing is null. Objects have each
/// key once: of members with the same key the last one counts. Bytes may come from anywhere: whatever they are, what is written is JSON.
struct AttributeJSON: Sendable {
    /// Values in values that are written; deeper ones become null, so that hostile input cannot exhaust the stack.
    static let maximumDepth = 132
    /// Up to so many members are compared each with each.
    private static let fewMembers = 32

    var writer = JSONWriter()
    /// The members of all objects that are being written, innermost last.
    private var members: [Member] = []

    // Unchecked: members, which point into the message, are there only while an object is being written; what goes from one thread to
    // another between objects has none.
    private struct Member: @unchecked Sendable {
        let key: UnsafeRawBufferPointer
        let value: UnsafeRawBufferPointer
        let hash: UInt64
        /// Whether the key is ASCII: others may be equal only once they are repaired.
        let isASCII: Bool
    }

    // MARK: Values

    /// Writes an `AnyValue` message.
    mutating func value(_ message: UnsafeRawBufferPointer, depth: Int = 0) {
        guard depth <= Self.maximumDepth else { return writer.null() }
        var reader = WireReader(message)
        var last: WireField?
        // Of several values the last one counts; a damaged message is as good as what can be read of it.
        while let field = try? reader.next() {
            if (1...7).contains(field.number) { last = field }
        }
        guard let field = last else { return writer.null() }
        switch field.number {
        case 1: writer.value(text: field.bytes)
        case 2: writer.value(field.number64 != 0)
        case 3: writer.value(Int64(bitPattern: field.number64))
        case 4: writer.value(Double(bitPattern: field.number64))
        case 5: array(field.bytes, depth: depth + 1)
        case 6: map(field.bytes, depth: depth + 1)
        default: writer.value(base64: field.bytes)
        }
    }

    private mutating func array(_ message: UnsafeRawBufferPointer, depth: Int) {
        var reader = WireReader(message)
        writer.beginArray()
        while let field = try? reader.next() {
            if field.number == 1 { value(field.bytes, depth: depth) }
        }
        writer.endArray()
    }

    private mutating func map(_ message: UnsafeRawBufferPointer, depth: Int) {
        var reader = WireReader(message)
        let start = beginMembers()
        while let field = try? reader.next() {
            if field.number == 1 { addMember(field.bytes) }
        }
        writer.beginObject()
        writeMembers(from: start, depth: depth)
        endMembers(from: start)
        writer.endObject()
    }

    /// The JSON of one value.
    static func encoded(_ value: AttributeValue) -> [UInt8] {
        var message = WireWriter()
        message.field(1, attributes: ["value": value])
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

    /// Begins to gather the members of an object, which may come from several places.
    func beginMembers() -> Int { members.count }

    /// Whether there are any since that place.
    func hasMembers(from start: Int) -> Bool { members.count > start }

    /// Adds a `KeyValue` message.
    mutating func addMember(_ message: UnsafeRawBufferPointer) {
        var reader = WireReader(message)
        var key = UnsafeRawBufferPointer(start: nil, count: 0)
        var value = key
        while let field = try? reader.next() {
            switch field.number {
            case 1: key = field.bytes
            case 2: value = field.bytes
            default: break
            }
        }
        let (hash, isASCII) = key.keyHash
        members.append(Member(key: key, value: value, hash: hash, isASCII: isASCII))
    }

    /// Forgets the members that were gathered since that place.
    mutating func endMembers(from start: Int) { members.removeLast(members.count - start) }

    /// Writes the members that were gathered since that place, into an object that has been begun.
    ///
    /// - Parameter reserved: keys that the object has already, or will have.
    mutating func writeMembers(from start: Int, depth: Int = 0, reserved: ReservedKeys? = nil) {
        let end = members.count
        guard isSimple(start..<end, reserved) else { return writeCarefully(start..<end, depth: depth, reserved) }
        for index in start..<end where !isOverwritten(index, before: end) {
            let member = members[index]
            writer.key(text: member.key)
            value(member.value, depth: depth)
        }
    }

    /// Whether keys are few, and what is written of them is what they are.
    private func isSimple(_ range: Range<Int>, _ reserved: ReservedKeys?) -> Bool {
        guard range.count <= Self.fewMembers else { return false }
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

    /// Writes any members: many, with keys that are not UTF-8, or that the object has already.
    @inline(never)
    private mutating func writeCarefully(_ range: Range<Int>, depth: Int, _ reserved: ReservedKeys?) {
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

/// Keys that an object has besides those of attributes, and the keys that attributes of such names get instead.
struct ReservedKeys: Sendable {
    private let hashes: [UInt64]
    private let replacements: [ExactText: ExactText]

    /// - Parameter prefix: what is put before the name of such an attribute, once or as often as it takes.
    init(_ keys: [String], prefix: String) {
        let reserved = Set(keys.map(ExactText.init))
        hashes = reserved.map { key in Array(key.text.utf8).withUnsafeBytes { $0.keyHash.hash } }
        var replacements: [ExactText: ExactText] = [:]
        for key in reserved {
            var replacement = ExactText(prefix + key.text)
            while reserved.contains(replacement) { replacement = ExactText(prefix + replacement.text) }
            replacements[key] = replacement
        }
        self.replacements = replacements
    }

    fileprivate func mayContain(_ hash: UInt64) -> Bool { hashes.contains(hash) }

    fileprivate func replacement(for key: ExactText) -> ExactText? { replacements[key] }
}

extension UnsafeRawBufferPointer {
    /// A number that is the same for the same bytes and hardly ever for others, and whether all of them are ASCII.
    fileprivate var keyHash: (hash: UInt64, isASCII: Bool) {
        let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15
        var hash = UInt64(count)
        var all: UInt64 = 0
        var place = 0
        while count &- place >= 8 {
            let word = loadUnaligned(fromByteOffset: place, as: UInt64.self)
            all |= word
            hash = (hash ^ word) &* multiplier
            hash ^= hash >> 32
            place &+= 8
        }
        var rest: UInt64 = 0
        while place < count {
            rest = rest << 8 | UInt64(self[place])
            place &+= 1
        }
        all |= rest
        hash = (hash ^ rest) &* multiplier
        return (hash ^ hash >> 32, all & 0x8080_8080_8080_8080 == 0)
    }
}
