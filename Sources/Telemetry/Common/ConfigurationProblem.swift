// What is wrong in a configuration file, and where.

/// One mistake in a declarative configuration: its place, the property, and what would be right.
public struct ConfigurationProblem: Sendable, Hashable, CustomStringConvertible {
    /// The file, or the name that its text was given.
    public let file: String
    /// The line, from 1; nil if no place in a file belongs to the problem.
    public let line: Int?
    /// The column in characters, from 1.
    public let column: Int?
    /// The property, as `tracer_provider.processors[0].batch.schedule_delay`; empty for the whole file.
    public let property: String
    /// What is wrong, and what would be right.
    public let message: String

    public init(file: String, line: Int? = nil, column: Int? = nil, property: String = "", message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.property = property
        self.message = message
    }

    /// The place and the message as compilers write them: `otel.yaml:3:5: log_level: …`.
    public var description: String { text(kind: nil) }

    /// Returns the place and the message, with a kind as `error` between them.
    package func text(kind: String?) -> String {
        let place = [file, line.map(String.init), column.map(String.init)].compactMap { $0 }.joined(separator: ":")
        return [place, kind, property.isEmpty ? nil : property, message].compactMap { $0 }.joined(separator: ": ")
    }
}
