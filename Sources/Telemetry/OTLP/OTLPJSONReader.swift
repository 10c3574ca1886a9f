// Turns OTLP's JSON into its protobuf bytes, field by field, without decoding what they mean.

/// Reads OTLP/JSON that may come from anywhere with the tables of ``OTLPMessage``; any bytes give a message or an error, never a trap.
///
/// Unknown keys are passed over, null counts as left out, 64-bit numbers may stand with quotes or without. Identifiers are hexadecimal,
/// whatever their length is. (OTLP specification, "JSON Protobuf Encoding".)
struct OTLPJSONReader {
    private let maximumBytes: Int
    private let maximumValueDepth: Int
    private var scanner: JSONScanner
    private var writer = NestedWireWriter()

    /// The protobuf bytes of a message, at most so many.
    ///
    /// - Parameter maximumValueDepth: values in values that are read; of what lies deeper nothing but that it is there.
    static func protobuf(
        _ json: [UInt8], _ message: OTLPMessage, maximumBytes: Int, maximumValueDepth: Int
    ) throws(OTLPRequestError) -> [UInt8] {
        var reader = OTLPJSONReader(scanner: JSONScanner(json), maximumBytes: maximumBytes, maximumValueDepth: maximumValueDepth)
        try reader.object(message, depth: 0)
        try reader.scanner.end()
        return reader.writer.bytes
    }

    private init(scanner: JSONScanner, maximumBytes: Int, maximumValueDepth: Int) {
        self.scanner = scanner
        self.maximumBytes = maximumBytes
        self.maximumValueDepth = maximumValueDepth
    }

    private mutating func object(_ message: OTLPMessage, depth: Int) throws(OTLPRequestError) {
        try scanner.begin(UInt8(ascii: "{"), "an object")
        var key: [UInt8] = []
        while try scanner.nextKey(into: &key) {
            guard writer.count <= maximumBytes else { throw .tooLarge(limit: maximumBytes) }
            guard let (number, field) = message.field(named: key) else {
                try scanner.skipValue()
                continue
            }
            if scanner.takeNull() { continue }
            guard field.isRepeated else {
                try value(number, field.kind, depth: depth)
                continue
            }
            try scanner.begin(UInt8(ascii: "["), "an array")
            if let type = field.packed {
                let mark = writer.begin(number)
                while try scanner.nextElement() { try packedValue(field.kind, type) }
                writer.end(mark)
            } else {
                while try scanner.nextElement() { try value(number, field.kind, depth: depth) }
            }
        }
    }

    private mutating func value(_ number: Int, _ kind: OTLPMessage.Kind, depth: Int) throws(OTLPRequestError) {
        guard writer.count <= maximumBytes else { throw .tooLarge(limit: maximumBytes) }
        switch kind {
        case .message(let inner): try nested(number, inner, depth: depth)
        case .text:
            let mark = writer.begin(number)
            try scanner.string { writer.append($0) }
            writer.end(mark)
        case .identifier:
            let bytes = try hexadecimal(try scanner.string())
            let mark = writer.begin(number)
            writer.append(bytes)
            writer.end(mark)
        case .base64:
            guard let bytes = Base64.decode(try scanner.string()) else { throw scanner.failure("expecting base64") }
            let mark = writer.begin(number)
            writer.append(bytes)
            writer.end(mark)
        case .bool: writer.field(number, varint: try scanner.bool() ? 1 : 0)
        case .double: writer.field(number, fixed64: try double().bitPattern)
        case .number, .zigzag, .signed64, .unsigned64: writer.field(number, varint: try integer(kind))
        }
    }

    private mutating func nested(_ number: Int, _ inner: OTLPMessage, depth: Int) throws(OTLPRequestError) {
        var depth = depth
        switch inner {
        case .arrayValue, .keyValueList:
            guard depth <= maximumValueDepth else {
                try scanner.skipValue()
                // An element without a value, so that it shows that there was something.
                let mark = writer.begin(number)
                writer.end(writer.begin(1))
                return writer.end(mark)
            }
            depth += 1
        default: break
        }
        // An element that is null has no value, but it is there.
        let mark = writer.begin(number)
        if !scanner.takeNull() { try object(inner, depth: depth) }
        writer.end(mark)
    }

    private mutating func packedValue(_ kind: OTLPMessage.Kind, _ type: WireType) throws(OTLPRequestError) {
        guard writer.count <= maximumBytes else { throw .tooLarge(limit: maximumBytes) }
        let number = if case .double = kind { try double().bitPattern } else { try integer(kind) }
        if case .fixed64 = type { writer.append(fixed64: number) } else { writer.varint(number) }
    }

    // MARK: Numbers and bytes

    /// A whole number as protobuf has it.
    private mutating func integer(_ kind: OTLPMessage.Kind) throws(OTLPRequestError) -> UInt64 {
        let text = try scanner.numberOrString()
        switch kind {
        case .unsigned64: if let number = UInt64(text) ?? whole(text).flatMap({ UInt64(exactly: $0) }) { return number }
        case .signed64:
            if let number = Int64(text) ?? whole(text).flatMap({ Int64(exactly: $0) }) { return UInt64(bitPattern: number) }
        case .zigzag:
            if let number = Int32(text) ?? whole(text).flatMap({ Int32(exactly: $0) }) {
                return UInt64(UInt32(bitPattern: number << 1 ^ number >> 31))
            }
        default:
            // Enumerations are signed, counts and flags are not.
            if let number = UInt32(text) ?? Int32(text).map({ UInt32(bitPattern: $0) }) ?? whole(text).flatMap({ UInt32(exactly: $0) }) {
                return UInt64(number)
            }
            if let number = OTLPMessage.enumerationValue(named: text) { return number }
        }
        throw scanner.failure("expecting a whole number")
    }

    /// A whole number that is written with a point or an exponent.
    private func whole(_ text: String) -> Double? {
        guard let number = Double(text), number == number.rounded(), number.magnitude < 0x1p64 else { return nil }
        return number
    }

    private mutating func double() throws(OTLPRequestError) -> Double {
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

    private func hexadecimal(_ digits: [UInt8]) throws(OTLPRequestError) -> [UInt8] {
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
