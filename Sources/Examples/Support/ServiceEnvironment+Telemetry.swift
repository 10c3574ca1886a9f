// Starts a service's telemetry as its environment variables say.

package import Telemetry

extension ServiceEnvironment {
    /// Starts the telemetry of a service: span batches to `OTEL_LOCATION`, metrics for Prometheus, and log lines in JSON.
    ///
    /// Log lines go to standard output or to the file in `LOG_FILE`. `OTEL_METRICS_EXPORTER=otlp` and `OTEL_LOGS_EXPORTER=otlp` send
    /// metrics and log records to the receiver as well. `LOG_LEVEL` is the lowest severity that is written, `ACCESS_LOG=off` leaves out
    /// the line of each request. Sampler, propagators and limits are the SDK's: its variables, or its defaults.
    package func startTelemetry(for service: String) throws -> ServiceTelemetry {
        let required = try required([
            "NAMESPACE": "the namespace of the service, as \"local\"",
            "INSTANCE_NAME": "the name of this instance, as \"\(service)-1\"",
            "OTEL_LOCATION": "where spans are sent by OTLP/HTTP, as \"localhost:4318\"",
        ])
        let location = try receiver("OTEL_LOCATION")
        // The service's own `/metrics` serves the page, so the reader needs no endpoint and reports none as missing.
        var readers: [any MetricReader] = [.prometheus(hasEndpoint: false)]
        if try words("OTEL_METRICS_EXPORTER", among: ["otlp", "prometheus", "none"]).contains("otlp") {
            readers.append(.periodic(.otlp(endpoint: location)))
        }
        var logs = [logLines]
        if try words("OTEL_LOGS_EXPORTER", among: ["otlp", "none"]).contains("otlp") { logs.append(.batch(.otlp(endpoint: location))) }
        let (severity, logsRequests) = (try minimumSeverity, try logsRequests)
        let system = try startSystem { variables in
            try TelemetrySystem.start(
                resource: .service(
                    service, version: self["VERSION"] ?? "No-Version-No-Hash", namespace: required[0], instanceID: required[1]),
                spans: [.batch(.otlp(endpoint: location))], metrics: readers, logs: logs,
                logOptions: LogOptions(configurator: .minimumSeverity(severity)), environment: variables)
        }
        return ServiceTelemetry(service, system, logsRequests: logsRequests)
    }

    /// Starts telemetry with these variables; any problem with a variable that telemetry reads is a start failure.
    ///
    /// - Parameter start: receives the variables; nil for those of the process.
    package func startSystem(_ start: ([String: String]?) throws -> TelemetrySystem) throws -> TelemetrySystem {
        let (system, complaints) = try EnvironmentComplaints.collect { try start(variables) }
        guard complaints.isEmpty else { throw StartFailure(.configuration, complaints.joined(separator: "\n")) }
        return system
    }

    /// Whether each request writes a log line, as `ACCESS_LOG` says.
    package var logsRequests: Bool {
        get throws(StartFailure) { try choice("ACCESS_LOG", "on", or: "off", default: true) }
    }

    /// The processor that writes log lines in JSON to standard output, or to the file in `LOG_FILE`.
    ///
    /// Lines of a tenth of a second are written together: a service that is busy would spend more on waking a thread for each.
    package var logLines: any LogProcessor {
        // A batch is all that waits, so that lines are in the order of their times.
        let options = BatchOptions(maxQueueSize: 16_384, maxExportBatchSize: 16_384, scheduleDelay: .milliseconds(100))
        return .batch(.jsonLines(self["LOG_FILE"].map { .file($0) } ?? .standardOutput, format: .flat), options: options)
    }

    private var minimumSeverity: LogSeverity {
        get throws(StartFailure) {
            guard let name = self["LOG_LEVEL"] else { return .info }
            guard let severity = LogSeverity(name: name) else {
                throw StartFailure(.configuration, "LOG_LEVEL is \"\(name)\"; it must be trace, debug, info, warn, error or fatal.")
            }
            return severity
        }
    }
}
