// The error of starting telemetry with an invalid setting.

/// A setting given in code that cannot be used: which, its value, and what would be right.
///
/// Environment variables never cause it: a value that does not parse is reported and its default is used.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The name of the setting, as it is written in code.
    public let setting: String
    public let value: String
    /// What would be right.
    public let expected: String

    public init(setting: String, value: String, expected: String) {
        self.setting = setting
        self.value = value
        self.expected = expected
    }

    public var description: String { "\(setting): \"\(value)\" cannot be used; expected \(expected)." }
}
