// The model of logs.

extension TelemetryConfiguration {
    /// The logger provider.
    public struct LoggerProvider: Sendable, Equatable {
        public var processors: [LogProcessor]
        /// The limits of a log record; nil stands for those of all attributes, or the specification's default.
        public var limits = AttributeLimits()
        /// Which loggers are on, from which severity; nil for all.
        public var configurator: ScopeRules<LoggerConfiguration>?

        public init(processors: [LogProcessor]) {
            self.processors = processors
        }
    }

    /// A processor of log records.
    public enum LogProcessor: Sendable, Equatable {
        case batch(Batch)
        case simple(Exporter)
        /// `event_to_span_event_bridge/development`: adds each event to the current span too.
        case spanEvents
        /// A processor that code registers.
        case component(Component)
    }
}
