// Hot: takes what is logged with swift-log.

#if SwiftLog
    public import Logging

    /// Stands behind a `Logger` of swift-log: what is logged becomes log records of Telemetry, which carry the current span by themselves.
    ///
    /// ```swift
    /// LoggingSystem.bootstrap(telemetry.swiftLogHandler)
    /// ```
    ///
    /// | swift-log | becomes |
    /// | --- | --- |
    /// | label | the name of the instrumentation scope |
    /// | message | the body |
    /// | `trace`, `debug`, `info`, `notice`, `warning`, `error`, `critical` | severity 1, 5, 9, 10, 13, 17, 21; the level's own name is the severity text |
    /// | metadata | attributes: dictionaries are maps, and numbers and truth values that were given as such stay what they are |
    /// | error | the attributes `exception.type` and `exception.message`, unless metadata has them |
    /// | file, line, function and source | nothing, unless ``recordsSourceLocation`` says so |
    ///
    /// Of metadata with one key, that of the call counts more than what a metadata provider gives, and that more than the logger's own.
    public struct SwiftLogHandler: LogHandler {
        /// What each record of the logger has among its attributes.
        public var metadata: Logger.Metadata
        /// Gives further metadata, depending on the task.
        public var metadataProvider: Logger.MetadataProvider?
        /// Whether records tell where in the source they come from: `code.file.path`, `code.line.number` and `code.function.name`, with the
        /// source of swift-log, which is the module, before the name of the function.
        public var recordsSourceLocation = false

        private let emitter: TelemetryLogger
        /// The label, where the emitter goes by another name.
        private let label: String?
        private var ownLevel = Logger.Level.info

        /// Hands what is logged to an emitter: for a module whose scope has a version or attributes.
        public init(_ emitter: TelemetryLogger, metadataProvider: Logger.MetadataProvider? = LoggingSystem.metadataProvider) {
            self.init(emitter, label: nil, metadataProvider)
        }

        init(_ emitter: TelemetryLogger, label: String?, _ metadataProvider: Logger.MetadataProvider?) {
            self.emitter = emitter
            self.label = label
            self.metadataProvider = metadataProvider
            metadata = [:]
        }

        /// What the logger lets pass: `info` and above if nobody says otherwise, and never more than the ``LoggerConfigurator`` does.
        ///
        /// What that does not let pass is thus not even made. It may be replaced while the program runs: with all loggers at `trace`,
        /// it alone decides.
        public var logLevel: Logger.Level {
            get { ownLevel.severity.rawValue >= emitter.leastSeverity ? ownLevel : Logger.Level(atLeast: emitter.leastSeverity) }
            set { ownLevel = newValue }
        }

        public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        /// Takes what was logged. Nothing happens once telemetry is shut down.
        public func log(event: LogEvent) {
            emitter.emit(
                event.level.severity, severityText: event.level.rawValue, body: event.message.description,
                attributes: SwiftLogAttributes(
                    event: event, metadata: metadata, provider: metadataProvider, label: label, hasSourceLocation: recordsSourceLocation))
        }
    }

    extension Logger.Level {
        /// A level that is alone in its range has the range's lowest number; `notice` is the next above `info`, as in syslog. (Specification:
        /// logs data model, "Mapping of SeverityNumber", and appendix B.)
        var severity: LogSeverity {
            switch self {
            case .trace: .trace
            case .debug: .debug
            case .info: .info
            case .notice: .info2
            case .warning: .warn
            case .error: .error
            case .critical: .fatal
            }
        }

        /// The first level that is at least as severe; `critical` where none is.
        init(atLeast severity: UInt8) {
            self = Self.allCases.first { $0.severity.rawValue >= severity } ?? .critical
        }
    }
#endif
