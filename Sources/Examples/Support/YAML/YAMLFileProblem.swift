// What is wrong with a configuration file in YAML.

/// One error of a file, at its line.
package struct YAMLFileProblem: Error, Hashable, CustomStringConvertible {
    package let file: String
    /// From 1; 0 if the error belongs to the whole file.
    package let line: Int
    package let message: String

    package init(file: String, line: Int, message: String) {
        (self.file, self.line, self.message) = (file, line, message)
    }

    package var description: String { line > 0 ? "\(file):\(line): \(message)" : "\(file): \(message)" }
}

/// All errors of the files of a setting.
package struct YAMLFileProblems: Error, CustomStringConvertible {
    /// Errors that are named; of more only the number is.
    private static let shown = 50

    package let problems: [YAMLFileProblem]

    package init(problems: [YAMLFileProblem]) {
        self.problems = problems
    }

    package var description: String {
        let lines = problems.prefix(Self.shown).map { "  \($0)" }
        let rest = problems.count > Self.shown ? ["  … and \(problems.count - Self.shown) more"] : []
        return (lines + rest).joined(separator: "\n")
    }
}
