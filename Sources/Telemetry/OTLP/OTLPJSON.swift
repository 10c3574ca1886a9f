// Turns OTLP's protobuf bytes into its JSON, field by field, without decoding what they mean.

/// Writes the bytes of OTLP messages as OTLP/JSON, with the tables of ``OTLPMessage``.
///
/// What differs from protobuf's own JSON mapping: identifiers are hexadecimal, enumerations are numbers. (OTLP specification,
/// "JSON Protobuf Encoding".)
struct OTLPJSON {
    enum Failure: Error, Equatable {
        case unreadable(WireError)
        case tooLarge
    }

    /// Messages in messages that are written: three for each of the nested values that recording lets through.
    private static let maximumDepth = 420

    private var writer = JSONWriter()
    /// The fields of all messages that are being written, innermost last.
    private var fields: [WireField] = []
    private var maximumBytes = Int.max

    /// The text that was written last.
    var text: [UInt8] { writer.bytes }

    /// Writes a message.
    ///
    /// - Throws: ``Failure/tooLarge`` soon after the text has outgrown the limit.
    mutating func write(_ message: OTLPMessage, _ bytes: [UInt8], maximumBytes: Int = .max) throws(Failure) {
        try bytes.withUnsafeBytes { bytes -> Result<Void, Failure> in
            do throws(Failure) {
                return .success(try write(message, bytes, maximumBytes: maximumBytes))
            } catch {
                return .failure(error)
            }
        }.get()
    }

    private mutating func write(_ message: OTLPMessage, _ bytes: UnsafeRawBufferPointer, maximumBytes: Int) throws(Failure) {
        writer.removeAll()
        fields.removeAll(keepingCapacity: true)
        self.maximumBytes = maximumBytes
        try write(message, bytes, depth: 0)
        guard writer.bytes.count <= maximumBytes else { throw .tooLarge }
    }

    private mutating func write(_ message: OTLPMessage, _ bytes: UnsafeRawBufferPointer, depth: Int) throws(Failure) {
        guard depth < Self.maximumDepth else { throw .unreadable(.nestedTooDeep) }
        guard writer.bytes.count <= maximumBytes else { throw .tooLarge }
        let start = fields.count
        defer { fields.removeLast(fields.count - start) }
        // Protobuf may mix the elements of repeated fields, JSON has each key once: so they are gathered first.
        var numbers: UInt64 = 0
        do throws(WireError) {
            var reader = WireReader(bytes)
            while let field = try reader.next() {
                guard message.field(field.number) != nil else { continue }
                fields.append(field)
                numbers |= 1 << UInt64(field.number)
            }
        } catch {
            throw .unreadable(error)
        }
        let end = fields.count
        writer.beginObject()
        while numbers != 0 {
            let number = numbers.trailingZeroBitCount
            numbers &= numbers - 1
            guard let field = message.field(number) else { continue }
            writer.key(field.key)
            if field.isRepeated {
                writer.beginArray()
                for index in start..<end where fields[index].number == number { try write(elementsOf: fields[index], field, depth: depth) }
                writer.endArray()
            } else if let last = fields[start..<end].last(where: { $0.number == number }) {
                try write(last, field.kind, depth: depth)
            }
        }
        writer.endObject()
    }

    /// Writes one element, or all those that are packed into one field: writers of protobuf are free to do either.
    private mutating func write(elementsOf field: WireField, _ known: OTLPMessage.Field, depth: Int) throws(Failure) {
        guard let type = known.packed, case .bytes(let bytes) = field.value else { return try write(field, known.kind, depth: depth) }
        var reader = WireReader(bytes)
        do throws(WireError) {
            while let value = try reader.nextPacked(type) { write(value.number64, known.kind) }
        } catch {
            throw .unreadable(error)
        }
    }

    private mutating func write(_ field: WireField, _ kind: OTLPMessage.Kind, depth: Int) throws(Failure) {
        switch kind {
        case .text: writer.value(text: field.bytes)
        case .identifier: writer.value(hexadecimal: field.bytes)
        case .base64: writer.value(base64: field.bytes)
        case .message(let message): try write(message, field.bytes, depth: depth + 1)
        case .bool, .number, .zigzag, .signed64, .unsigned64, .double: write(field.number64, kind)
        }
    }

    private mutating func write(_ number: UInt64, _ kind: OTLPMessage.Kind) {
        switch kind {
        case .bool: writer.value(number != 0)
        case .number: writer.value(UInt32(truncatingIfNeeded: number))
        case .zigzag:
            let folded = UInt32(truncatingIfNeeded: number)
            writer.value(Int32(bitPattern: folded >> 1) ^ -Int32(bitPattern: folded & 1))
        case .signed64: writer.value(Int64(bitPattern: number), isQuoted: true)
        case .unsigned64: writer.value(number, isQuoted: true)
        case .double: writer.value(Double(bitPattern: number))
        case .text, .identifier, .base64, .message: break
        }
    }
}
