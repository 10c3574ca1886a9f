// The decoder of OTLP/JSON, to protobuf bytes like those that other senders send.

import Telemetry

/// Transcodes OTLP messages from JSON to protobuf by the table of ``OTLPSchema``; any bytes give a message or an error, never a trap.
///
/// Unknown keys are skipped, null counts as omitted, and 64-bit numbers are read with and without quotes. Identifiers are hexadecimal and
/// may have any length. (OTLP specification, "JSON Protobuf Encoding".)
struct OTLPJSONReader {
    private let maximumBytes: Int
    private let maximumValueDepth: Int
    private var scanner: JSONScanner
    private var writer = NestedWireWriter()

    /// Returns the protobuf bytes of a message.
    ///
    /// - Parameter maximumValueDepth: levels of values in values that are read; a deeper value becomes an empty element.
    /// - Throws: if the text is not such a message, or if it gives more than `maximumBytes`.
    static func protobuf(
        _ json: [UInt8], _ message: OTLPMessage, maximumBytes: Int, maximumValueDepth: Int
    ) throws(OTLPRequestError) -> [UInt8] {
        var reader = OTLPJSONReader(scanner: JSONScanner(json), maximumBytes: maximumBytes, maximumValueDepth: maximumValueDepth)
        do throws(JSONError) {
            try reader.object(message, depth: 0)
            try reader.scanner.end()
        } catch {
            switch error {
            case .malformed(let reason, let offset, _): throw .invalidJSON(reason: reason, offset: offset)
            case .tooLarge: throw .tooLarge(limit: maximumBytes)
            case .notUTF8, .numberOutOfRange, .nestedTooDeep: throw .invalidJSON(reason: "\(error)", offset: reader.scanner.offset)
            }
        }
        return reader.writer.bytes
    }

    private init(scanner: JSONScanner, maximumBytes: Int, maximumValueDepth: Int) {
        self.scanner = scanner
        self.maximumBytes = maximumBytes
        self.maximumValueDepth = maximumValueDepth
    }

    private mutating func object(_ message: OTLPMessage, depth: Int) throws(JSONError) {
        try scanner.begin(UInt8(ascii: "{"), "an object")
        var key: [UInt8] = []
        while try scanner.nextKey(into: &key) {
            guard writer.count <= maximumBytes else { throw .tooLarge }
            guard let field = message.field(named: key) else {
                try scanner.skipValue()
                continue
            }
            if try scanner.takeNull() { continue }
            guard field.isRepeated else {
                try value(field, depth: depth)
                continue
            }
            try scanner.begin(UInt8(ascii: "["), "an array")
            if let type = field.packedType {
                let mark = writer.begin(field.number)
                while try scanner.nextElement() { try packedValue(field.type, type) }
                writer.end(mark)
            } else {
                while try scanner.nextElement() { try value(field, depth: depth) }
            }
        }
    }

    private mutating func value(_ field: OTLPField, depth: Int) throws(JSONError) {
        let number = field.number
        guard writer.count <= maximumBytes else { throw .tooLarge }
        switch field.type {
        case .message(let inner): try nested(number, inner, depth: depth)
        case .string:
            let mark = writer.begin(number)
            try scanner.string { writer.append($0) }
            writer.end(mark)
        case .identifier:
            let bytes = try hexadecimal(try scanner.string())
            let mark = writer.begin(number)
            writer.append(bytes)
            writer.end(mark)
        case .bytes:
            guard let bytes = Base64.decode(try scanner.string()) else { throw scanner.failure("expecting base64") }
            let mark = writer.begin(number)
            writer.append(bytes)
            writer.end(mark)
        case .bool: writer.field(number, varint: try scanner.bool() ? 1 : 0)
        case .double: writer.field(number, fixed64: try double().bitPattern)
        case .fixed32: writer.field(number, fixed32: UInt32(truncatingIfNeeded: try integer(field.type)))
        case .fixed64, .sfixed64: writer.field(number, fixed64: try integer(field.type))
        case .uint32, .enumeration, .sint32, .int64, .uint64: writer.field(number, varint: try integer(field.type))
        }
    }

    private mutating func nested(_ number: Int, _ inner: OTLPMessage, depth: Int) throws(JSONError) {
        var depth = depth
        switch inner {
        case .arrayValue, .keyValueList:
            guard depth <= maximumValueDepth else {
                try scanner.skipValue()
                // The element has no value, but it shows that there was one.
                let mark = writer.begin(number)
                writer.end(writer.begin(OTLPSchema.ArrayValue.values.number))
                return writer.end(mark)
            }
            depth += 1
        default: break
        }
        // An element that is null has no value, but it is counted.
        let mark = writer.begin(number)
        if try !scanner.takeNull() { try object(inner, depth: depth) }
        writer.end(mark)
    }

    private mutating func packedValue(_ type: OTLPField.ValueType, _ wireType: WireType) throws(JSONError) {
        guard writer.count <= maximumBytes else { throw .tooLarge }
        let number = if case .double = type { try double().bitPattern } else { try integer(type) }
        if case .fixed64 = wireType { writer.append(fixed64: number) } else { writer.varint(number) }
    }

    // MARK: Numbers and bytes

    /// Reads an integer; returns the number that protobuf has for it.
    private mutating func integer(_ type: OTLPField.ValueType) throws(JSONError) -> UInt64 {
        let text = try scanner.numberOrString()
        switch type {
        case .uint64, .fixed64: if let number = UInt64(text) ?? whole(text).flatMap({ UInt64(exactly: $0) }) { return number }
        case .int64, .sfixed64:
            if let number = Int64(text) ?? whole(text).flatMap({ Int64(exactly: $0) }) { return UInt64(bitPattern: number) }
        case .sint32:
            if let number = Int32(text) ?? whole(text).flatMap({ Int32(exactly: $0) }) {
                return UInt64(UInt32(bitPattern: number << 1 ^ number >> 31))
            }
        default:
            // Enumerations are signed; counts and flags are not.
            if let number = UInt32(text) ?? Int32(text).map({ UInt32(bitPattern: $0) }) ?? whole(text).flatMap({ UInt32(exactly: $0) }) {
                return UInt64(number)
            }
            if let number = OTLPMessage.enumerationValue(named: text) { return number }
        }
        throw scanner.failure("expecting a whole number")
    }

    /// Returns the value of an integer that is written with a point or an exponent; nil for a text that is none.
    private func whole(_ text: String) -> Double? {
        guard let number = Double(text), number == number.rounded(), number.magnitude < 0x1p64 else { return nil }
        return number
    }

    private mutating func double() throws(JSONError) -> Double {
        let text = try scanner.numberOrString()
        switch text {
        case "NaN": return .nan
        case "Infinity": return .infinity
        case "-Infinity": return -.infinity
        default:
            guard let number = Double(text), number.isFinite else { throw scanner.failure("expecting a number") }
            return number
        }
    }

    private func hexadecimal(_ digits: [UInt8]) throws(JSONError) -> [UInt8] {
        var bytes: [UInt8] = []
        guard digits.count.isMultiple(of: 2) else { throw scanner.failure("expecting pairs of hexadecimal digits") }
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard let high = Character(Unicode.Scalar(digits[place])).hexDigitValue,
                let low = Character(Unicode.Scalar(digits[place + 1])).hexDigitValue
            else { throw scanner.failure("expecting hexadecimal digits") }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}
