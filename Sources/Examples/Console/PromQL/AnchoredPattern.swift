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
        guard let groups = program.match(text, wantsGroups: true) else { return nil }
        let scalars = Array(text.unicodeScalars)
        let source = Array(template.unicodeScalars)
        var result = String.UnicodeScalarView()
        var place = 0
        while place < source.count {
            guard source[place] == "$", place + 1 < source.count else {
                result.append(source[place])
                place += 1
                continue
            }
            if source[place + 1] == "$" {
                result.append("$")
                place += 2
                continue
            }
            let isBraced = source[place + 1] == "{"
            var end = place + (isBraced ? 2 : 1)
            var name = ""
            while end < source.count, PatternClass.word.contains(source[end]) {
                name.unicodeScalars.append(source[end])
                end += 1
            }
            guard !name.isEmpty, !isBraced || (end < source.count && source[end] == "}") else {
                result.append(source[place])
                place += 1
                continue
            }
            if isBraced { end += 1 }
            if let group = Int(name) ?? program.groupNames[name], groups.indices.contains(group), let range = groups[group] {
                result.append(contentsOf: scalars[range])
            }
            place = end
        }
        return String(result)
    }
}
