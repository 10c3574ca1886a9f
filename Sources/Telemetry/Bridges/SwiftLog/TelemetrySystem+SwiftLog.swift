// Creates log handlers for the labels of swift-log.

#if SwiftLog
    public import Logging

    extension TelemetrySystem {
        /// The name of the scope for loggers without a label.
        static let swiftLogScope = "swift-log"

        /// Creates the handler of a `Logger` of swift-log: `LoggingSystem.bootstrap(telemetry.swiftLogHandler)`.
        ///
        /// Labels are names of instrumentation scopes and should be few. Past 10,000 of them, records have a scope without a name and their
        /// label as the attribute `swift_log.label`.
        public func swiftLogHandler(label: String) -> SwiftLogHandler {
            swiftLogHandler(label: label, metadataProvider: LoggingSystem.metadataProvider)
        }

        /// Creates the handler with a metadata provider:
        /// `LoggingSystem.bootstrap(telemetry.swiftLogHandler, metadataProvider: provider)`.
        public func swiftLogHandler(label: String, metadataProvider: Logger.MetadataProvider?) -> SwiftLogHandler {
            let emitter = logger(label.isEmpty ? Self.swiftLogScope : label)
            let isNamed = label.isEmpty || emitter.instrumentationScope.name == label
            if !isNamed && emitter.isEnabled(.fatal4) { Self.reportLabels(label) }
            return SwiftLogHandler(emitter, label: isNamed ? nil : label, metadataProvider)
        }

        private static func reportLabels(_ label: String) {
            Diagnostics.report(
                .warning, topic: "bridges.swift-log.labels",
                "There are too many labels of swift-log: records of \"\(label)\" and of all further ones have a scope without a name, and the"
                    + " label as the attribute swift_log.label. Labels should name modules: put what varies into metadata.")
        }
    }
#endif
