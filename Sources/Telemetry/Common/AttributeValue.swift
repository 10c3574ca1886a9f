// All kinds of values that OTLP's AnyValue has.

/// The value of an attribute: text, a number, a truth value, bytes, or a nesting of those.
///
/// Literals of Swift become values by themselves: `"text"`, `42`, `1.5`, `true`, `["a", 1]`, `["key": "value"]`.
/// (Specification: common, "AnyValue".)
public enum AttributeValue: Sendable, Hashable {
    case string(String)
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case bytes([UInt8])
    case array([AttributeValue])
    case map([String: AttributeValue])
    /// A value that is present but null. What a receiver makes of it is not defined: leave out an attribute that has no value.
    case empty
}

extension AttributeValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    public init(stringLiteral value: String) { self = .string(value) }
}

extension AttributeValue: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int64) { self = .int(value) }
}

extension AttributeValue: ExpressibleByFloatLiteral {
    public init(floatLiteral value: Double) { self = .double(value) }
}

extension AttributeValue: ExpressibleByBooleanLiteral {
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension AttributeValue: ExpressibleByArrayLiteral {
    public init(arrayLiteral elements: AttributeValue...) { self = .array(elements) }
}

extension AttributeValue: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, AttributeValue)...) {
        self = .map(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}

extension AttributeValue {
    /// The text, if the value is text.
    public var stringValue: String? { if case .string(let value) = self { value } else { nil } }

    /// The whole number, if the value is one and an `Int` holds it, as it does all of them on 64-bit machines.
    public var intValue: Int? { if case .int(let value) = self { Int(exactly: value) } else { nil } }

    /// The floating-point number, if the value is one.
    public var doubleValue: Double? { if case .double(let value) = self { value } else { nil } }

    /// The truth value, if the value is one.
    public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The bytes, if the value is bytes.
    public var bytesValue: [UInt8]? { if case .bytes(let value) = self { value } else { nil } }

    /// The elements, if the value is an array.
    public var arrayValue: [AttributeValue]? { if case .array(let values) = self { values } else { nil } }

    /// The entries, if the value is a map.
    public var mapValue: [String: AttributeValue]? { if case .map(let entries) = self { entries } else { nil } }
}

extension AttributeValue: CustomStringConvertible {
    /// The value as a person would write it: text bare at the top and quoted inside arrays and maps.
    public var description: String {
        if case .string(let text) = self { return text }
        return nestedDescription
    }

    private var nestedDescription: String {
        switch self {
        case .string(let text): "\"\(text)\""
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        case .bytes(let bytes): "\(bytes.count) bytes"
        case .array(let values): "[\(values.map(\.nestedDescription).joined(separator: ", "))]"
        case .map(let entries):
            "{\(entries.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.nestedDescription)" }.joined(separator: ", "))}"
        case .empty: "null"
        }
    }
}
