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
        // Comparing a few keys is quicker than making a table of them.
        if members.count <= 8, members.indices.allSatisfy({ place in !members[..<place].contains { $0.key == members[place].key } }) {
            return
        }
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
    package var description: String { String(decoding: bytes, as: UTF8.self) }

    /// The bytes of the value as compact JSON.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        write(to: &bytes)
        return bytes
    }

    private func write(to bytes: inout [UInt8]) {
        switch self {
        case .null: Self.append("null", to: &bytes)
        case .bool(let value): Self.append(value ? "true" : "false", to: &bytes)
        case .integer(let value): Self.append(String(value), to: &bytes)
        case .number(let value): Self.append(Self.text(of: value), to: &bytes)
        case .string(let value): Self.write(value, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                element.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in object.members.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.write(member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ string: String, to bytes: inout [UInt8]) {
        var string = string
        bytes.append(UInt8(ascii: "\""))
        string.withUTF8 { text in
            guard text.contains(where: needsEscape) else { return bytes.append(contentsOf: text) }
            for byte in text { if needsEscape(byte) { bytes += escape(byte).utf8 } else { bytes.append(byte) } }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends a text in one piece, where appending its UTF-8 view would go byte by byte.
    private static func append(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func escape(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "\""): "\\\""
        case UInt8(ascii: "\\"): "\\\\"
        case UInt8(ascii: "\n"): "\\n"
        case UInt8(ascii: "\r"): "\\r"
        case UInt8(ascii: "\t"): "\\t"
        default: (byte < 0x10 ? "\\u000" : "\\u00") + String(byte, radix: 16)
        }
    }

    /// Returns the shortest digits that are parsed as the same number, as Go writes them: `56.99`, `17` for 17.0, `1e+21`.
    private static func text(of value: Double) -> String {
        // JSON has no form for infinity and NaN, so the parser never makes one.
        guard value.isFinite else { return "null" }
        // Without an exponent it is written as Swift writes it, but for the fraction of a whole number.
        let written = value.description
        if !written.utf8.contains(UInt8(ascii: "e")) { return written.hasSuffix(".0") ? String(written.dropLast(2)) : written }
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
