// The encoder of OTLP/JSON, from the protobuf bytes that were recorded.

/// Transcodes OTLP messages from protobuf to JSON field by field, by the table of ``OTLPSchema``.
///
/// OTLP/JSON differs from protobuf's JSON mapping: identifiers are hexadecimal, and enumerations are numbers. (OTLP specification,
/// "JSON Protobuf Encoding".)
package struct OTLPJSON {
    package enum Failure: Error, Equatable {
        case unreadable(WireError)
        case tooLarge
    }

    /// Levels of messages in messages that are written: three for each level of values that recording keeps.
    private static let maximumDepth = 420

    private var writer = JSONWriter()
    /// The fields of all messages that are being written; those of the innermost message come last.
    private var fields: [WireField] = []
    private var maximumBytes = Int.max

    package init() {}

    /// The JSON that was written last.
    package var text: [UInt8] { writer.bytes }

    /// Writes a message, in place of the text that was written before.
    ///
    /// - Throws: ``Failure/tooLarge`` soon after the text exceeds the limit.
    package mutating func write(_ message: OTLPMessage, _ bytes: [UInt8], maximumBytes: Int = .max) throws(Failure) {
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
        // Protobuf may interleave the elements of repeated fields, and JSON has each key once. So all fields are gathered first.
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
                try write(last, field.type, depth: depth)
            }
        }
        writer.endObject()
    }

    /// Writes one element, or all elements that are packed into one field; protobuf allows both.
    private mutating func write(elementsOf field: WireField, _ known: OTLPField, depth: Int) throws(Failure) {
        guard let type = known.packedType, case .bytes(let bytes) = field.value else { return try write(field, known.type, depth: depth) }
        var reader = WireReader(bytes)
        do throws(WireError) {
            while let value = try reader.nextPacked(type) { write(value.number64, known.type) }
        } catch {
            throw .unreadable(error)
        }
    }

    private mutating func write(_ field: WireField, _ type: OTLPField.ValueType, depth: Int) throws(Failure) {
        switch type {
        case .string: writer.value(text: field.bytes)
        case .identifier: writer.value(hexadecimal: field.bytes)
        case .bytes: writer.value(base64: field.bytes)
        case .message(let message): try write(message, field.bytes, depth: depth + 1)
        case .bool, .uint32, .fixed32, .enumeration, .sint32, .int64, .sfixed64, .uint64, .fixed64, .double: write(field.number64, type)
        }
    }

    private mutating func write(_ number: UInt64, _ type: OTLPField.ValueType) {
        switch type {
        case .bool: writer.value(number != 0)
        case .uint32, .fixed32, .enumeration: writer.value(UInt32(truncatingIfNeeded: number))
        case .sint32:
            let folded = UInt32(truncatingIfNeeded: number)
            writer.value(Int32(bitPattern: folded >> 1) ^ -Int32(bitPattern: folded & 1))
        case .int64, .sfixed64: writer.value(Int64(bitPattern: number), isQuoted: true)
        case .uint64, .fixed64: writer.value(number, isQuoted: true)
        case .double: writer.value(Double(bitPattern: number))
        case .string, .identifier, .bytes, .message: break
        }
    }
}
