// The types of plain scalars in YAML 1.2.

/// Tells the types of scalars by the core schema of YAML 1.2: `no` and `012` are a text and the number 12.
///
/// <https://yaml.org/spec/1.2.2/#103-core-schema>
enum YAMLCoreSchema {
    /// Returns what a plain scalar is.
    static func content(ofPlain text: String) -> ConfigurationNode.Content {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .boolean(true)
        case "false", "False", "FALSE": return .boolean(false)
        case ".nan", ".NaN", ".NAN": return .number(.nan)
        default: break
        }
        // Most texts begin with a letter.
        guard let first = text.utf8.first, isDigit(first) || "+-.".utf8.contains(first) else { return .text(text) }
        return number(text) ?? .text(text)
    }

    /// Returns the content of a scalar with one of the schema's tags; nil if it has not the form of that type, or the tag is another.
    static func content(of text: String, tag: String) -> ConfigurationNode.Content? {
        switch (tag, content(ofPlain: text)) {
        case ("tag:yaml.org,2002:str", _): .text(text)
        case ("tag:yaml.org,2002:null", .null): .null
        case ("tag:yaml.org,2002:bool", .boolean(let value)): .boolean(value)
        case ("tag:yaml.org,2002:int", .integer(let value)): .integer(value)
        case ("tag:yaml.org,2002:float", .integer(let value)): .number(Double(value))
        case ("tag:yaml.org,2002:float", .number(let value)): .number(value)
        default: nil
        }
    }

    private static func number(_ text: String) -> ConfigurationNode.Content? {
        for (prefix, radix) in [("0x", 16), ("0o", 8)] where text.hasPrefix(prefix) {
            let digits = text.dropFirst(2)
            guard digits.utf8.first.map({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) ?? false else { return nil }
            return Int(digits, radix: radix).map { .integer($0) }
        }
        let isSigned = text.utf8.first.map { "+-".utf8.contains($0) } ?? false
        let magnitude = isSigned ? text.dropFirst() : text[...]
        let isNegative = text.utf8.first == UInt8(ascii: "-")
        if [".inf", ".Inf", ".INF"].contains(magnitude) { return .number(isNegative ? -.infinity : .infinity) }
        guard isDecimal(magnitude.utf8) else { return nil }
        if magnitude.utf8.allSatisfy(isDigit), let integer = Int(text) { return .integer(integer) }
        // Swift reads neither a leading nor a trailing point.
        let exponent = magnitude.firstIndex { $0 == "e" || $0 == "E" } ?? magnitude.endIndex
        var mantissa = String(magnitude[..<exponent])
        if mantissa.hasPrefix(".") { mantissa = "0" + mantissa }
        if mantissa.hasSuffix(".") { mantissa += "0" }
        return Double((isNegative ? "-" : "") + mantissa + magnitude[exponent...]).map { .number($0) }
    }

    /// Returns whether a text has the form `[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?`, or begins with a point and a digit.
    private static func isDecimal(_ text: Substring.UTF8View) -> Bool {
        var rest = text.drop(while: isDigit)
        var hasDigits = rest.startIndex > text.startIndex
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst()
            rest = fraction.drop(while: isDigit)
            hasDigits = hasDigits || rest.startIndex > fraction.startIndex
        }
        guard hasDigits else { return false }
        guard let letter = rest.first else { return true }
        guard letter == UInt8(ascii: "e") || letter == UInt8(ascii: "E") else { return false }
        rest = rest.dropFirst()
        if let sign = rest.first, "+-".utf8.contains(sign) { rest = rest.dropFirst() }
        return !rest.isEmpty && rest.allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
