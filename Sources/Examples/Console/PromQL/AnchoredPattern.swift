// Regular expressions of label matchers.

/// A pattern that must match a whole text, as all patterns of PromQL do.
package struct AnchoredPattern: Sendable {
    private enum Form: Sendable {
        case any
        case nonEmpty
        /// One of a few texts, the most frequent form by far.
        case literals(Set<String>)
        case program
    }

    package let text: String
    private let form: Form
    private let program: PatternProgram

    init(_ text: String) throws(PatternError) {
        self.text = text
        program = try PatternParser.compile(text)
        let isPlain = !text.unicodeScalars.contains { "\\.+*?()[]{}^$".unicodeScalars.contains($0) }
        switch text {
        case ".*": form = .any
        case ".+": form = .nonEmpty
        default:
            form = isPlain ? .literals(Set(text.split(separator: "|", omittingEmptySubsequences: false).map(String.init))) : .program
        }
    }

    func matches(_ text: String) -> Bool {
        switch form {
        case .any: true
        case .nonEmpty: !text.isEmpty
        case .literals(let texts): texts.contains(text)
        case .program: program.match(text, wantsGroups: false) != nil
        }
    }

    /// Returns the template with `$1`, `${1}`, `$name` and `${name}` replaced by the groups; nil unless the text matches.
    func expanding(_ template: String, with text: String) -> String? {
        program.match(text, wantsGroups: true).map { program.expand(template, $0, of: text) }
    }
}
