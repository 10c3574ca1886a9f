// JSON documents as values, for answers of servers and for tests.

/// A JSON document as a value. Integers that fit into 64 bits have a case of their own.
enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    /// If members have the same key, the last one counts.
    case object([String: JSONValue])

    /// The member of an object; nil if the object has no such key, or if the value is no object.
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

    /// The value of a number, or of a string that spells one, as protobuf's JSON mapping allows for every number.
    var number: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        case .string(let text): Double(text).flatMap { $0.isFinite ? $0 : nil }
        default: nil
        }
    }

    /// The value of an integer, or of a string that spells one: protobuf's JSON mapping writes 64-bit integers as strings.
    var integer: Int64? {
        switch self {
        case .integer(let integer): integer
        case .number(let number): Int64(exactly: number)
        case .string(let text): Int64(text)
        default: nil
        }
    }
}
