// The JSON that services read and write, without Foundation.

/// A JSON value. Whole numbers differ from other ones, and members keep their order.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

/// The members of a JSON object in their order, with unique keys.
package struct JSONObject: Sendable, Hashable {
    package struct Member: Sendable, Hashable {
        package let key: String
        package var value: JSONValue

        package init(key: String, value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    package private(set) var members: [Member]

    /// Creates an object; of members with the same key the last one is kept.
    package init(_ members: [Member] = []) {
        self.members = members
        var seen: Set<String> = []
        guard !members.allSatisfy({ seen.insert($0.key).inserted }) else { return }
        seen = []
        self.members = members.reversed().filter { seen.insert($0.key).inserted }.reversed()
    }

    package subscript(key: String) -> JSONValue? {
        members.first { $0.key == key }?.value
    }

    /// The object with its keys in alphabetical order, at every depth.
    fileprivate var sorted: JSONObject {
        JSONObject(members.map { Member(key: $0.key, value: $0.value.withSortedKeys) }.sorted { $0.key < $1.key })
    }
}

extension JSONValue {
    /// The member of an object; nil without such a member, or if the value is no object.
    package subscript(key: String) -> JSONValue? {
        if case .object(let object) = self { object[key] } else { nil }
    }

    /// The element of an array; nil beyond its end, or if the value is no array.
    package subscript(index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    package var stringValue: String? { if case .string(let text) = self { text } else { nil } }
    package var integerValue: Int? { if case .integer(let number) = self { Int(exactly: number) } else { nil } }
    package var arrayValue: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }

    /// The value with the keys of every object in alphabetical order.
    package var withSortedKeys: JSONValue {
        switch self {
        case .array(let elements): .array(elements.map(\.withSortedKeys))
        case .object(let object): .object(object.sorted)
        default: self
        }
    }

    /// The kind of the value in an error message: `a string`, `the number 1.5`.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a truth value"
        case .integer, .number: "the number \(self)"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements.map { JSONObject.Member(key: $0.0, value: $0.1) }))
    }
}

extension JSONValue: CustomStringConvertible {
    /// The value as compact JSON.
    package var description: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += Self.text(of: value)
        case .string(let value): Self.write(value, to: &text)
        case .array(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += "," }
                element.write(to: &text)
            }
            text += "]"
        case .object(let object):
            text += "{"
            for (index, member) in object.members.enumerated() {
                if index > 0 { text += "," }
                Self.write(member.key, to: &text)
                text += ":"
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20:
                text += scalar.value < 0x10 ? "\\u000" : "\\u00"
                text += String(scalar.value, radix: 16)
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    /// Returns the shortest digits that are parsed as the same number, as Go writes them: `56.99`, `17` for 17.0, `1e+21`.
    private static func text(of value: Double) -> String {
        // JSON has no form for infinity and NaN, so the parser never makes one.
        guard value.isFinite else { return "null" }
        let (digits, exponent) = shortestDigits(of: value.magnitude)
        let sign = value.sign == .minus ? "-" : ""
        if value != 0, exponent < -6 || exponent >= 21 {
            let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
            return "\(sign)\(digits.prefix(1))\(fraction)e\(exponent < 0 ? "-" : "+")\(abs(exponent))"
        }
        if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
        let whole = digits.prefix(exponent + 1) + String(repeating: "0", count: max(0, exponent + 1 - digits.count))
        let fraction = digits.dropFirst(exponent + 1)
        return sign + whole + (fraction.isEmpty ? "" : "." + fraction)
    }

    /// Returns the significant digits without zeros at either end, and the power of ten of the first one.
    private static func shortestDigits(of value: Double) -> (digits: String, exponent: Int) {
        let parts = value.description.split(separator: "e")
        let number = parts[0].split(separator: ".")
        let (whole, fraction) = (number[0], number.count > 1 ? number[1] : "")
        var exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + whole.count - 1
        var digits = Substring(whole + fraction)
        while digits.first == "0", digits.count > 1 {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.last == "0", digits.count > 1 { digits.removeLast() }
        return digits == "0" ? ("0", 0) : (String(digits), exponent)
    }
}
