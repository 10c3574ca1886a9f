// The environment variables of logging: limits, exporters, and the exception signal.

extension LogRecordLimits {
    /// Reads the limits; variables for log records take precedence over those for all attributes.
    init(_ environment: EnvironmentReader) {
        self.init(
            attributeCount: environment.limit("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT", default: 128) ?? 128,
            attributeValueLength: environment.limit(
                "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", default: nil))
    }
}

enum LogsEnvironment {
    /// Returns the processors selected by `OTEL_LOGS_EXPORTER`.
    static func processors(_ environment: EnvironmentReader) -> [any LogProcessor] {
        environment.selection("OTEL_LOGS_EXPORTER", of: "otlp, otlp/stdout or console", default: "otlp") { name in
            switch name {
            case "otlp": .batch(.otlp())
            case "otlp/stdout": .batch(.otlpFile(.standardOutput))
            case "console": .console()
            default: nil
            }
        }
    }

    /// Returns the signal for errors thrown in spans: `OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN`.
    static func exceptions(_ environment: EnvironmentReader) -> ExceptionSignal {
        let variable = "OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN"
        guard let name = environment.text(variable) else { return .spanEvents }
        switch name.lowercased() {
        case "logs": return .logs
        case "logs/dup": return .spanEventsAndLogs
        default:
            environment.report(variable, name, expected: "logs or logs/dup", used: "errors become events of their spans")
            return .spanEvents
        }
    }
}

extension ExceptionRecording {
    /// - Parameter logging: the provider for log records of exceptions.
    init(_ signal: ExceptionSignal, _ logging: LoggerProvider) {
        // Without log processors an event is better than losing the error.
        becomeEvents = signal != .logs || !logging.hasProcessors
        if signal != .spanEvents && logging.hasProcessors { report = { exception in logging.log(exception) } }
    }
}

extension LoggerProvider {
    /// Emits a log record for an error thrown in a span. (Semantic conventions: exceptions in logs.)
    fileprivate func log(_ exception: SpanException) {
        logger(exception.scope).emit(
            LogRecord(
                .string("\(exception.operation) failed"), severity: exception.isExpected ? .warn : .error, eventName: "exception",
                exception: exception.error, context: exception.context))
    }
}
