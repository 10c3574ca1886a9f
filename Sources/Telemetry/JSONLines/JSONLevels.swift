// The choices for severities in lines of JSON.

/// The names of the six ranges of severity, from `trace` to `fatal`: words or numbers.
public struct JSONLevels: Sendable, Hashable {
    public var trace: AttributeValue
    public var debug: AttributeValue
    public var info: AttributeValue
    public var warn: AttributeValue
    public var error: AttributeValue
    public var fatal: AttributeValue

    public init(
        trace: AttributeValue, debug: AttributeValue, info: AttributeValue, warn: AttributeValue, error: AttributeValue,
        fatal: AttributeValue
    ) {
        self.trace = trace
        self.debug = debug
        self.info = info
        self.warn = warn
        self.error = error
        self.fatal = fatal
    }

    /// `TRACE`, `DEBUG`, `INFO`, `WARN`, `ERROR`, `FATAL`.
    public static let uppercase = JSONLevels(trace: "TRACE", debug: "DEBUG", info: "INFO", warn: "WARN", error: "ERROR", fatal: "FATAL")

    /// `trace`, `debug`, `info`, `warn`, `error`, `fatal`.
    public static let lowercase = JSONLevels(trace: "trace", debug: "debug", info: "info", warn: "warn", error: "error", fatal: "fatal")

    /// All names, in the order of the ranges.
    var all: [AttributeValue] { [trace, debug, info, warn, error, fatal] }
}
