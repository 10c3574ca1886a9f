// The conditions of routes, inhibitions and silences.

/// A condition on one label of an alert, as Alertmanager writes it: `severity="critical"`.
struct AlertMatcher: Sendable {
    let name: String
    let value: String
    let isRegex: Bool
    let isEqual: Bool
    private let pattern: AnchoredPattern?

    /// - Throws: the reason why the value is no regular expression.
    init(_ name: String, _ value: String, isRegex: Bool = false, isEqual: Bool = true) throws(PatternError) {
        (self.name, self.value, self.isRegex, self.isEqual) = (name, value, isRegex, isEqual)
        pattern = isRegex ? try AnchoredPattern(value) : nil
    }

    func matches(_ labels: LabelSet) -> Bool {
        let text = labels[name]
        return (pattern?.matches(text) ?? (text == value)) == isEqual
    }

    /// True if an alert without the label matches.
    var matchesEmpty: Bool { matches(LabelSet()) }

    private var symbol: String { isRegex ? (isEqual ? "=~" : "!~") : (isEqual ? "=" : "!=") }

    /// The order of matchers in the key of a route.
    static func isBefore(_ left: AlertMatcher, _ right: AlertMatcher) -> Bool {
        (left.name, left.value, left.symbol) < (right.name, right.value, right.symbol)
    }

    /// Returns matchers as the key of a route has them.
    static func text(_ matchers: [AlertMatcher]) -> String { "{" + matchers.map(\.description).joined(separator: ",") + "}" }
}

extension AlertMatcher: CustomStringConvertible {
    var description: String {
        let escaped = value.map { $0 == "\\" ? "\\\\" : $0 == "\"" ? "\\\"" : $0 == "\n" ? "\\n" : "\($0)" }.joined()
        return "\(name)\(symbol)\"\(escaped)\""
    }
}

extension AlertMatcher {
    /// Why a text is no matcher.
    struct SyntaxError: Error {
        let reason: String
    }

    /// Reads `{a="b", c=~"d.*"}` or a part of it.
    static func parse(_ text: String) throws(SyntaxError) -> [AlertMatcher] {
        var rest = Substring(text).drop { $0.isWhitespace }
        while rest.last?.isWhitespace == true { rest = rest.dropLast() }
        if rest.hasPrefix("{") {
            guard rest.hasSuffix("}") else { throw SyntaxError(reason: "\(text): a { has no }") }
            rest = rest.dropFirst().dropLast()
        }
        var matchers: [AlertMatcher] = []
        while true {
            rest = rest.drop { $0.isWhitespace }
            if rest.isEmpty { break }
            matchers.append(try next(&rest, of: text))
            rest = rest.drop { $0.isWhitespace }
            guard rest.isEmpty || rest.first == "," else {
                throw SyntaxError(reason: "\(text): a comma is missing before \(rest.prefix(40))")
            }
            rest = rest.dropFirst()
        }
        guard !matchers.isEmpty else { throw SyntaxError(reason: "\"\(text)\" has no matcher; one is severity=\"critical\"") }
        return matchers
    }

    private static func next(_ rest: inout Substring, of text: String) throws(SyntaxError) -> AlertMatcher {
        let name = rest.first == "\"" ? try quoted(&rest, text) : String(rest.prefix { !"=!~,{} \t\n".contains($0) })
        if text.isEmpty || name.isEmpty { throw SyntaxError(reason: "\(text): the name of a label is missing") }
        if rest.hasPrefix(name) { rest = rest.dropFirst(name.count) }
        rest = rest.drop { $0.isWhitespace }
        guard let symbol = ["=~", "!~", "!=", "="].first(where: { rest.hasPrefix($0) }) else {
            throw SyntaxError(reason: "\(text): after \(name) must come =, !=, =~ or !~")
        }
        rest = rest.dropFirst(symbol.count).drop { $0.isWhitespace }
        var value = ""
        if rest.first == "\"" {
            value = try quoted(&rest, text)
        } else {
            value = String(rest.prefix { $0 != "," })
            rest = rest.dropFirst(value.count)
            while value.last?.isWhitespace == true { value.removeLast() }
        }
        do throws(PatternError) {
            return try AlertMatcher(name, value, isRegex: symbol.contains("~"), isEqual: !symbol.hasPrefix("!"))
        } catch { throw SyntaxError(reason: "\(text): bad regular expression \"\(value)\": \(error)") }
    }

    private static func quoted(_ rest: inout Substring, _ text: String) throws(SyntaxError) -> String {
        var result = ""
        rest = rest.dropFirst()
        while let character = rest.first {
            rest = rest.dropFirst()
            if character == "\"" { return result }
            if character == "\\", let escaped = rest.first {
                rest = rest.dropFirst()
                result += escaped == "n" ? "\n" : escaped == "\\" || escaped == "\"" ? "\(escaped)" : "\\\(escaped)"
            } else {
                result.append(character)
            }
        }
        throw SyntaxError(reason: "\(text): a quotation mark is missing")
    }
}
