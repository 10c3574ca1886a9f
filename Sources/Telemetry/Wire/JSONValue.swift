// A JSON document that some server answered, as a value.

/// A JSON document as a value. Whole numbers that fit into 64 bits are kept apart from all others.
enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    /// Of members with the same key the last one counts.
    case object([String: JSONValue])

    /// The member of an object; nil when it has none by that key, or is no object.
    subscript(key: String) -> JSONValue? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    /// The content of a string.
    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The elements of an array.
    var elements: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// A number, or a string that spells one, as protobuf's JSON mapping allows for every number.
    var number: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        case .string(let text): Double(text).flatMap { $0.isFinite ? $0 : nil }
        default: nil
        }
    }

    /// A whole number, or a string that spells one: protobuf's JSON mapping writes 64-bit integers as strings.
    var integer: Int64? {
        switch self {
        case .integer(let integer): integer
        case .number(let number): Int64(exactly: number)
        case .string(let text): Int64(text)
        default: nil
        }
    }
}

/// Why bytes are not a JSON document that is read here.
enum JSONError: Error, Equatable {
    /// The document ends in the middle of something.
    case truncated
    /// A byte that cannot stand at its place.
    case unexpectedByte(UInt8, offset: Int)
    case notUTF8(offset: Int)
    case numberOutOfRange(offset: Int)
    case nestedTooDeep
    case tooLarge
}

extension JSONError: CustomStringConvertible {
    var description: String {
        switch self {
        case .truncated: "the document ends too early"
        case .unexpectedByte(let byte, let offset): "byte \(byte) cannot stand at offset \(offset)"
        case .notUTF8(let offset): "the string before offset \(offset) is not UTF-8"
        case .numberOutOfRange(let offset): "the number before offset \(offset) is out of range"
        case .nestedTooDeep: "the document is nested too deep"
        case .tooLarge: "the document is too large"
        }
    }
}
