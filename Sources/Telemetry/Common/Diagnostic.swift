// What a diagnostics handler receives.

/// A message of the SDK about its own operation.
public struct Diagnostic: Sendable, Hashable {
    public enum Severity: Int, Sendable, Hashable, Comparable {
        case debug, info, warning, error

        public static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
    }

    public let severity: Severity
    /// One or two sentences for a person: what happened, where, and what would help.
    public let message: String

    public init(severity: Severity, message: String) {
        self.severity = severity
        self.message = message
    }
}
