// Hot: the log handler for swift-log.

#if SwiftLog
    public import Logging

    /// A log handler that turns messages of swift-log into log records with the current span.
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
    /// | metadata | attributes: dictionaries are maps, and numbers and Booleans keep their types |
    /// | error | the attributes `exception.type` and `exception.message`, unless metadata has them |
    /// | file, line, function and source | nothing, unless ``recordsSourceLocation`` is set |
    ///
    /// Metadata of the call takes precedence over that of a metadata provider, and that over the logger's own.
    public struct SwiftLogHandler: LogHandler {
        /// The metadata of the logger, which each of its records has as attributes.
        public var metadata: Logger.Metadata
        /// The provider of task-dependent metadata.
        public var metadataProvider: Logger.MetadataProvider?
        /// Whether records have their source location: `code.file.path`, `code.line.number` and `code.function.name`, with the
        /// source of swift-log, which is the module, before the name of the function.
        public var recordsSourceLocation = false

        private let emitter: TelemetryLogger
        /// The label, if the scope has another name.
        private let label: String?
        private var ownLevel = Logger.Level.info

        /// Creates a handler for a logger, for a module whose scope has a version or attributes.
        public init(_ emitter: TelemetryLogger, metadataProvider: Logger.MetadataProvider? = LoggingSystem.metadataProvider) {
            self.init(emitter, label: nil, metadataProvider)
        }

        init(_ emitter: TelemetryLogger, label: String?, _ metadataProvider: Logger.MetadataProvider?) {
            self.emitter = emitter
            self.label = label
            self.metadataProvider = metadataProvider
            metadata = [:]
        }

        /// The minimum level, by default `info`; the minimum of the ``LoggerConfigurator`` applies in addition.
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

        /// Records a message; after the shutdown it has no effect.
        public func log(event: LogEvent) {
            emitter.emit(
                event.level.severity, severityText: event.level.rawValue, body: event.message.description,
                attributes: SwiftLogAttributes(
                    event: event, metadata: metadata, provider: metadataProvider, label: label, hasSourceLocation: recordsSourceLocation))
        }
    }

    extension Logger.Level {
        /// Returns the severity of a level: a level that is alone in its range has the range's lowest number; `notice` is the next above `info`, as in syslog. (Specification:
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

        /// Returns the first level that is at least as severe, or `critical`.
        init(atLeast severity: UInt8) {
            self = Self.allCases.first { $0.severity.rawValue >= severity } ?? .critical
        }
    }
#endif
