// The severities of the logs data model.

/// The severity of a log record: six ranges of four, from `trace` to `fatal4`.
///
/// The raw values are OTLP's. A source with one level in a range uses the first of it. (Specification: logs data model,
/// "Field: SeverityNumber".)
public enum LogSeverity: UInt8, Sendable, Hashable, CaseIterable, Comparable {
    /// Not given; such a record passes any minimum.
    case unspecified = 0
    case trace, trace2, trace3, trace4
    case debug, debug2, debug3, debug4
    case info, info2, info3, info4
    case warn, warn2, warn3, warn4
    case error, error2, error3, error4
    case fatal, fatal2, fatal3, fatal4

    public static func < (left: LogSeverity, right: LogSeverity) -> Bool { left.rawValue < right.rawValue }

    /// The display name, as `INFO` or `WARN2`; empty for `unspecified`. (Logs data model, "Displaying Severity".)
    public var shortName: String {
        switch self {
        case .unspecified: ""
        case .trace: "TRACE"
        case .trace2: "TRACE2"
        case .trace3: "TRACE3"
        case .trace4: "TRACE4"
        case .debug: "DEBUG"
        case .debug2: "DEBUG2"
        case .debug3: "DEBUG3"
        case .debug4: "DEBUG4"
        case .info: "INFO"
        case .info2: "INFO2"
        case .info3: "INFO3"
        case .info4: "INFO4"
        case .warn: "WARN"
        case .warn2: "WARN2"
        case .warn3: "WARN3"
        case .warn4: "WARN4"
        case .error: "ERROR"
        case .error2: "ERROR2"
        case .error3: "ERROR3"
        case .error4: "ERROR4"
        case .fatal: "FATAL"
        case .fatal2: "FATAL2"
        case .fatal3: "FATAL3"
        case .fatal4: "FATAL4"
        }
    }

    /// The severity of a name, in capitals or not, as `info` or `WARN2`; nil for any other text.
    public init?(name: some StringProtocol) {
        let name = name.uppercased()
        guard !name.isEmpty, let severity = Self.allCases.first(where: { $0.shortName == name }) else { return nil }
        self = severity
    }
}

extension LogSeverity: CustomStringConvertible {
    public var description: String { self == .unspecified ? "unspecified" : shortName }
}
