// Numbers and texts as Go's package fmt writes them.

import Glibc

/// The formats that templates use.
enum GoFormat {
    /// The widest field and the longest fraction.
    private static let maximumWidth = 64

    /// Returns a number as `%v` does: the shortest digits, with an exponent below 1e-4 and from 1e6 on.
    static func shortest(_ value: Double) -> String {
        if !value.isFinite { return GoNumber.text(value) }
        if value == 0 { return value.sign == .minus ? "-0" : "0" }
        let power = power(of: value.magnitude)
        return power < -4 || power >= 6 ? exponent(value) : GoNumber.text(value)
    }

    /// Returns a number with four significant digits, as `%.4g` does.
    static func significant(_ value: Double) -> String {
        value.isFinite ? formatted("%.4g", value) : GoNumber.text(value)
    }

    private static func power(of value: Double) -> Int {
        let text = formatted("%.17e", value)
        return text.lastIndex(of: "e").flatMap { Int(text[text.index(after: $0)...].drop { $0 == "+" }) } ?? 0
    }

    /// Returns the shortest digits with an exponent, as `%e` without a precision does.
    static func exponent(_ value: Double) -> String {
        guard value.isFinite else { return GoNumber.text(value) }
        for precision in 0...17 {
            let text = formatted("%.\(precision)e", value)
            if Double(text) == value { return text }
        }
        return formatted("%.17e", value)
    }

    private static func formatted(_ format: String, _ value: Double) -> String {
        var buffer = [CChar](repeating: 0, count: 512)
        let count = withVaList([value]) { vsnprintf(&buffer, buffer.count, format, $0) }
        return String(decoding: buffer.prefix(Int(max(0, min(count, 511)))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Writes values by a format with the verbs `%s %v %q %f %g %e %d %%`, as Go's printf does.
    static func printf(_ format: String, _ values: [TemplateEvaluation.Value]) -> String {
        var result = ""
        var values = values[...]
        var rest = Substring(format)
        while let percent = rest.firstIndex(of: "%") {
            result += rest[..<percent]
            rest = rest[rest.index(after: percent)...]
            let flags = rest.prefix { "+-# 0123456789.".contains($0) }
            rest = rest[flags.endIndex...]
            guard let verb = rest.first else { return result + "%!(NOVERB)" }
            rest = rest.dropFirst()
            if verb == "%" {
                result += "%"
                continue
            }
            guard let value = values.popFirst() else {
                result += "%!\(verb)(MISSING)"
                continue
            }
            result += text(value, verb, String(flags))
        }
        result += rest
        if !values.isEmpty { result += "%!(EXTRA " + values.map { "\(kind($0))=\($0.text)" }.joined(separator: ", ") + ")" }
        return result
    }

    private static func kind(_ value: TemplateEvaluation.Value) -> String {
        switch value {
        case .text: "string"
        case .number: "float64"
        case .labels: "map[string]string"
        }
    }

    private static func text(_ value: TemplateEvaluation.Value, _ verb: Character, _ flags: String) -> String {
        let sizes = flags.split(whereSeparator: { !$0.isNumber })
        guard sizes.allSatisfy({ (Int($0) ?? .max) <= maximumWidth }) else { return "%!(BADWIDTH)" }
        switch (verb, value) {
        case ("f", .number(let number)), ("g", .number(let number)), ("e", .number(let number)), ("F", .number(let number)):
            if verb == "g", !flags.contains(".") { return padded(shortest(number), flags) }
            return number.isFinite ? formatted("%\(flags)\(verb)", number) : padded(GoNumber.text(number), flags)
        case ("v", _), ("s", .text), ("s", .labels): return padded(value.text, flags)
        case ("q", .text(let text)):
            return padded("\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined() + "\"", flags)
        default: return "%!\(verb)(\(kind(value))=\(value.text))"
        }
    }

    private static func padded(_ text: String, _ flags: String) -> String {
        guard let width = flags.split(separator: ".").first.map({ $0.filter(\.isNumber) }).flatMap({ Int($0) }), width > text.count else {
            return text
        }
        let space = String(repeating: " ", count: width - text.count)
        return flags.hasPrefix("-") ? text + space : space + text
    }
}
