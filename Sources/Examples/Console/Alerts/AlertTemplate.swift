// The texts of labels and annotations, with what they say of the alert.

/// A text with actions such as `{{ $labels.job }}` and `{{ $value | humanizePercentage }}`, as Prometheus' rules have them.
///
/// Of Go's templates it has variables, fields, functions and pipelines, but no control structures and no queries.
package struct AlertTemplate: Sendable {
    /// What a template speaks of.
    struct Context: Sendable {
        var labels: LabelSet
        var value: Double
        var externalURL = ""
    }

    /// Why a text is no template.
    struct SyntaxError: Error, Equatable {
        let reason: String
    }

    /// A part of an action.
    indirect enum Term: Sendable {
        case text(String)
        case number(Double)
        case labels
        case label(String)
        case value
        case externalURL
        case call(TemplateFunction, [Term])
    }

    private enum Part: Sendable {
        case text(String)
        case action(Term)
    }

    private let parts: [Part]
    let source: String

    init(literal: String) {
        source = literal
        parts = [.text(literal)]
    }

    init(_ text: String) throws(SyntaxError) {
        source = text
        var parts: [Part] = []
        var rest = Substring(text)
        while let open = rest.firstRange(of: "{{") {
            var before = rest[..<open.lowerBound]
            rest = rest[open.upperBound...]
            guard let close = Self.end(of: rest) else { throw SyntaxError(reason: "a {{ has no }}") }
            var inner = rest[..<close]
            rest = rest[rest.index(close, offsetBy: 2)...]
            if inner.hasPrefix("-"), inner.dropFirst().first?.isWhitespace == true {
                inner = inner.dropFirst()
                while before.last?.isWhitespace == true { before = before.dropLast() }
            }
            if inner.hasSuffix("-"), inner.dropLast().last?.isWhitespace == true {
                inner = inner.dropLast()
                rest = rest.drop { $0.isWhitespace }
            }
            if !before.isEmpty { parts.append(.text(String(before))) }
            while inner.first?.isWhitespace == true { inner = inner.dropFirst() }
            while inner.last?.isWhitespace == true { inner = inner.dropLast() }
            if inner.hasPrefix("/*"), inner.hasSuffix("*/") { continue }
            parts.append(.action(try TemplateParser.action(inner)))
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
        self.parts = parts
    }

    /// Returns the place of the `}}` that ends an action, outside of quoted texts.
    private static func end(of text: Substring) -> Substring.Index? {
        var quote: Character?
        var place = text.startIndex
        while place < text.endIndex {
            let character = text[place]
            if let open = quote {
                if character == "\\", open == "\"" { place = text.index(after: place) } else if character == open { quote = nil }
                guard place < text.endIndex else { return nil }
            } else if character == "\"" || character == "`" {
                quote = character
            } else if text[place...].hasPrefix("}}") {
                return place
            }
            place = text.index(after: place)
        }
        return nil
    }

    /// The longest text that a template makes, in characters.
    private static let maximumLength = 16_384

    /// Returns the text; an action that cannot be carried out leaves its reason in it, as in Prometheus.
    func expanded(_ context: Context) -> String {
        var result = ""
        for part in parts {
            switch part {
            case .text(let text): result += text
            case .action(let term):
                do throws(SyntaxError) { result += try TemplateEvaluation(context).value(of: term).text } catch {
                    return "<error expanding template: \(error.reason)>"
                }
            }
            if result.utf8.count > Self.maximumLength { return String(result.prefix(Self.maximumLength)) + "…" }
        }
        return result
    }
}
