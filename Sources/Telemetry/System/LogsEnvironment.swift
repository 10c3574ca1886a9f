// Logging's settings in the environment: limits, exporters, and where thrown errors go.

extension LogRecordLimits {
    /// The limits that the environment names; those for log records come before those for all attributes.
    init(_ environment: EnvironmentReader) {
        self.init(
            attributeCount: environment.limit("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT") ?? 128,
            attributeValueLength: environment.limit("OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"))
    }
}

enum LogsEnvironment {
    /// The processors that `OTEL_LOGS_EXPORTER` names.
    static func processors(_ environment: EnvironmentReader) -> [any LogProcessor] {
        let variable = "OTEL_LOGS_EXPORTER"
        let names = environment.list(variable) ?? ["otlp"]
        var processors: [any LogProcessor] = []
        var unknown: [String] = []
        for name in names {
            switch name {
            case "otlp": processors.append(.batch(.otlp()))
            case "otlp/stdout": processors.append(.batch(.otlpFile(.standardOutput)))
            case "console": processors.append(.console())
            case "none": break
            default: unknown.append(name)
            }
        }
        let fallsBack = processors.isEmpty && !names.contains("none")
        let fallback = fallsBack ? "; otlp is used" : ""
        for name in unknown {
            environment.report(variable, name, "otlp, otlp/stdout, console or none, several separated by commas\(fallback)")
        }
        return fallsBack ? [.batch(.otlp())] : processors
    }

    /// Where errors go that leave the operations of spans: `OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN`.
    static func exceptions(_ environment: EnvironmentReader) -> ExceptionSignal {
        let variable = "OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN"
        guard let name = environment.text(variable) else { return .spanEvents }
        switch name.lowercased() {
        case "logs": return .logs
        case "logs/dup": return .spanEventsAndLogs
        default:
            environment.report(variable, name, "logs or logs/dup; errors become events of their spans")
            return .spanEvents
        }
    }
}

extension ExceptionRecording {
    /// - Parameter logging: makes the log records, where there are to be any.
    init(_ signal: ExceptionSignal, _ logging: LoggerProvider) {
        // Where nobody takes records, an error had better be an event than nothing.
        becomeEvents = signal != .logs || !logging.hasProcessors
        if signal != .spanEvents && logging.hasProcessors { report = { exception in logging.log(exception) } }
    }
}

extension LoggerProvider {
    /// Says that an error has left the operation of a span. (Semantic conventions: exceptions in logs.)
    fileprivate func log(_ exception: SpanException) {
        logger(exception.scope).emit(
            LogRecord(
                .string("\(exception.operation) failed"), severity: exception.isExpected ? .warn : .error, eventName: "exception",
                exception: exception.error, context: exception.context))
    }
}
