// The error of starting telemetry with an invalid setting.

/// A setting given in code that cannot be used, or a configuration file: which, its value, and what would be right.
///
/// Environment variables never cause it, but for `OTEL_CONFIG_FILE`: a value that does not parse is reported and its default is used.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The name of the setting, as it is written in code.
    public let setting: String
    public let value: String
    /// What would be right.
    public let expected: String
    /// Everything that is wrong with a configuration file, in the order of its lines; empty for a setting given in code.
    public let problems: [ConfigurationProblem]

    public init(setting: String, value: String, expected: String, problems: [ConfigurationProblem] = []) {
        self.setting = setting
        self.value = value
        self.expected = expected
        self.problems = problems
    }

    /// A sentence; a configuration file has one more line for each problem.
    public var description: String {
        let sentence = "\(setting): \"\(value)\" cannot be used; expected \(expected)."
        return ([sentence] + problems.map { $0.text(kind: "error") }).joined(separator: "\n")
    }
}
