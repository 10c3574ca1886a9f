// Regular expressions that are looked for in texts.

import Telemetry

/// A pattern that may match anywhere in a text, in the syntax of RE2: a dot is no line break.
struct SearchPattern: Sendable {
    let text: String
    private let program: PatternProgram

    init(_ text: String) throws(PatternError) {
        self.text = text
        program = try PatternParser.compile(text, dotMatchesAll: false)
    }

    /// - Parameter deadline: the time after which a long text is searched no further, and nothing is found.
    func isFound(in text: String, until deadline: Deadline = .never) -> Bool {
        program.match(text, wantsGroups: false, isAnchored: false, until: deadline) != nil
    }

    /// The leftmost match in a text.
    struct Match {
        private let program: PatternProgram
        private let groups: [Range<Int>?]
        private let text: String

        fileprivate init(_ program: PatternProgram, _ groups: [Range<Int>?], _ text: String) {
            (self.program, self.groups, self.text) = (program, groups, text)
        }

        /// Returns the template with `$1`, `${1}`, `$name` and `${name}` replaced by the groups.
        func expanding(_ template: String) -> String { program.expand(template, groups, of: text) }
    }

    func match(in text: String) -> Match? {
        program.match(text, wantsGroups: true, isAnchored: false).map { Match(program, $0, text) }
    }
}
