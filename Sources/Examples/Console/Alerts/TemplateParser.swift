// The parser of the actions in templates.

import ExampleSupport

/// Reads one action: terms, calls of functions, and pipelines.
struct TemplateParser {
    typealias SyntaxError = AlertTemplate.SyntaxError
    typealias Term = AlertTemplate.Term

    private enum Token: Equatable {
        /// A variable, field or function: `$labels.job`, `.Value`, `humanize`.
        case word(String)
        case text(String)
        case number(Double)
        case symbol(Character)
    }

    private static let maximumDepth = 16

    private var tokens: [Token]
    private var place = 0
    private let source: String

    static func action(_ text: Substring) throws(SyntaxError) -> Term {
        var parser = TemplateParser(tokens: try tokens(of: text), source: String(text))
        guard !parser.tokens.isEmpty else { throw SyntaxError(reason: "an action {{}} is empty") }
        let term = try parser.pipeline(depth: 0)
        guard parser.place == parser.tokens.count else { throw parser.error("does not end where it could") }
        return term
    }

    private init(tokens: [Token], source: String) {
        self.tokens = tokens
        self.source = source
    }

    private func error(_ reason: String) -> SyntaxError { SyntaxError(reason: "the action {{ \(source.prefix(200)) }} \(reason)") }

    private var next: Token? { place < tokens.count ? tokens[place] : nil }

    private mutating func pipeline(depth: Int) throws(SyntaxError) -> Term {
        guard depth <= Self.maximumDepth else { throw error("is nested too deep") }
        var term = try command(nil, depth: depth)
        while next == .symbol("|") {
            place += 1
            term = try command(term, depth: depth)
        }
        return term
    }

    /// Reads a term or a call; the value that is piped into a call is its last argument.
    private mutating func command(_ piped: Term?, depth: Int) throws(SyntaxError) -> Term {
        if case .word(let name)? = next, !name.hasPrefix("$"), !name.hasPrefix(".") {
            place += 1
            guard let function = TemplateFunction(rawValue: name) else {
                let known = TemplateFunction.allCases.map(\.rawValue).joined(separator: ", ")
                throw error("uses \(name), which templates of this console do not have; they have $labels.NAME, $value and \(known)")
            }
            var arguments: [Term] = []
            while let token = next, token != .symbol("|"), token != .symbol(")") { arguments.append(try operand(depth: depth)) }
            if let piped { arguments.append(piped) }
            guard function.arity.contains(arguments.count) else {
                throw error("gives \(name) \(arguments.count) arguments; it takes \(function.usage)")
            }
            return .call(function, arguments)
        }
        guard piped == nil else { throw error("pipes a value into something that is no function") }
        return try operand(depth: depth)
    }

    private mutating func operand(depth: Int) throws(SyntaxError) -> Term {
        guard let token = next else { throw error("ends too early") }
        place += 1
        switch token {
        case .text(let text): return .text(text)
        case .number(let number): return .number(number)
        case .symbol("("):
            let inner = try pipeline(depth: depth + 1)
            guard next == .symbol(")") else { throw error("has a ( without )") }
            place += 1
            return inner
        case .symbol(let symbol): throw error("has a \(symbol) where a value should be")
        case .word(let word): return try variable(word)
        }
    }

    private func variable(_ word: String) throws(SyntaxError) -> Term {
        switch word {
        case "$value", ".Value": return .value
        case "$labels", ".Labels": return .labels
        case "$externalURL", ".ExternalURL": return .externalURL
        default: break
        }
        for prefix in ["$labels.", ".Labels."] where word.hasPrefix(prefix) {
            let name = String(word.dropFirst(prefix.count))
            if YAMLFileReader.isLabelName(name) { return .label(name) }
        }
        // The console adds no labels to what it sends.
        for prefix in ["$externalLabels.", ".ExternalLabels."] where word.hasPrefix(prefix) { return .text("") }
        throw error("has \(word), which is no variable; there are $labels.NAME, $value, $externalURL and $externalLabels.NAME")
    }

    // MARK: Tokens

    private static func tokens(of text: Substring) throws(SyntaxError) -> [Token] {
        var tokens: [Token] = []
        let scalars = Array(text.unicodeScalars)
        var place = 0
        while place < scalars.count {
            let scalar = scalars[place]
            if scalar.properties.isWhitespace {
                place += 1
            } else if scalar == "\"" || scalar == "`" {
                tokens.append(.text(try quoted(scalars, &place)))
            } else if "|()=,".unicodeScalars.contains(scalar) {
                tokens.append(.symbol(Character(scalar)))
                place += 1
            } else {
                let start = place
                while place < scalars.count, !scalars[place].properties.isWhitespace, !"|()\"`,".unicodeScalars.contains(scalars[place]) {
                    place += 1
                }
                var word = String.UnicodeScalarView()
                word.append(contentsOf: scalars[start..<place])
                let written = String(word)
                if let number = Double(written), written.first?.isLetter == false {
                    tokens.append(.number(number))
                } else {
                    tokens.append(.word(written))
                }
            }
        }
        return tokens
    }

    private static func quoted(_ scalars: [Unicode.Scalar], _ place: inout Int) throws(SyntaxError) -> String {
        let quote = scalars[place]
        var result = String.UnicodeScalarView()
        place += 1
        while place < scalars.count, scalars[place] != quote {
            if scalars[place] == "\\", quote == "\"" {
                place += 1
                guard place < scalars.count else { break }
                switch scalars[place] {
                case "n": result.append("\n")
                case "t": result.append("\t")
                case "\"", "\\": result.append(scalars[place])
                default:
                    result.append("\\")
                    result.append(scalars[place])
                }
            } else {
                result.append(scalars[place])
            }
            place += 1
        }
        guard place < scalars.count else { throw SyntaxError(reason: "a quoted text in an action does not end") }
        place += 1
        return String(result)
    }
}
