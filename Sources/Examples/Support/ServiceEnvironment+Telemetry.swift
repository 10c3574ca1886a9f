// Starts a service's telemetry as its environment variables say.

import Glibc
package import Telemetry

extension JSONLineFormat {
    /// The names that winston gives to the fields of its lines, and the identifiers of trace and span.
    package static let winston: JSONLineFormat = [
        .level("level", .lowercase), .body("message"), .resourceAttribute("service.name", as: "service"),
        .time("timestamp", .rfc3339(fractionDigits: 3)), .traceID("trace_id"), .spanID("span_id"), .attributes,
    ]
}

extension PrometheusOptions {
    /// Returns the usual options, but for metrics that keep their names as they are.
    package static func plain(_ names: Set<String>) -> PrometheusOptions {
        var options = PrometheusOptions()
        options.namesWithoutSuffixes = names
        return options
    }
}

extension ServiceEnvironment {
    /// Starts the telemetry of a service: span batches to `OTEL_LOCATION`, metrics for Prometheus, and log lines in JSON.
    ///
    /// Log lines go to standard output or to the file in `LOG_FILE`. `OTEL_METRICS_EXPORTER=otlp` and `OTEL_LOGS_EXPORTER=otlp` send
    /// metrics and log records to the receiver as well. `LOG_LEVEL` is the lowest severity that is written, `ACCESS_LOG=off` leaves out
    /// the line of each request, `SELF_METRICS=on` adds the metrics of the SDK about itself. Sampler, propagators and limits are the SDK's:
    /// its variables, or its defaults. Without `OTEL_LOCATION` the SDK's variables say where all three signals go (``ServiceDestination``).
    ///
    /// - Parameters:
    ///   - name: `service.name`, where that is not the name of the program.
    ///   - version: `service.version`, where `VERSION` does not say.
    ///   - lines: what writes the log lines, where that is not ``logLines``; none writes none.
    ///   - writesAccessLines: false for a service that writes the line of each request itself.
    ///   - plainNames: names of metrics that get no suffixes on the page for Prometheus.
    ///   - additionalReaders: metric readers beside those of the environment.
    ///   - views: the views of the service's metrics.
    package func startTelemetry(
        for service: String, name: String? = nil, version: String = "No-Version-No-Hash", lines: [any LogProcessor]? = nil,
        writesAccessLines: Bool = true, plainNames: Set<String> = [],
        readers additionalReaders: [any MetricReader] = [], views: [MetricView] = []
    ) throws -> ServiceTelemetry {
        let destination = try ServiceDestination(
            self, for: service, name: name ?? service, version: self["VERSION"] ?? version)
        // The service's own `/metrics` serves the page, so the reader needs no endpoint and reports none as missing.
        var readers = [.prometheus(hasEndpoint: false, options: .plain(plainNames))] + additionalReaders
        if try words("OTEL_METRICS_EXPORTER", default: destination.standardExporter, among: ["otlp", "prometheus", "none"]).contains("otlp")
        {
            readers.append(.periodic(.otlp(endpoint: destination.endpoint)))
        }
        var logs = lines ?? [logLines]
        if try words("OTEL_LOGS_EXPORTER", default: destination.standardExporter, among: ["otlp", "none"]).contains("otlp") {
            logs.append(BatchLogProcessor(exporters: [.otlp(endpoint: destination.endpoint)], sizes: .large))
        }
        let (severity, logsRequests) = (try minimumSeverity, try logsRequests)
        let selfMetrics = try choice("SELF_METRICS", "on", or: "off", default: false)
        let spans: [any SpanProcessor]? =
            destination.isInjected ? nil : [BatchSpanProcessor(exporters: [.otlp(endpoint: destination.endpoint)], sizes: .large)]
        let system = try startSystem { variables in
            try TelemetrySystem.start(
                resource: destination.resource, detectors: destination.detectors, spans: spans, metrics: readers, views: views, logs: logs,
                logOptions: LogOptions(configurator: .minimumSeverity(severity)), selfMetrics: selfMetrics, environment: variables)
        }
        return ServiceTelemetry(service, system, logsRequests: logsRequests && writesAccessLines)
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

    /// The processor that writes log lines in JSON to standard output, or to the file in `LOG_FILE`; `off` is no file, as for winston.
    package var logLines: any LogProcessor { logLines(.flat) }

    /// Returns the processor that writes log lines of that form, to standard output or to the file in `LOG_FILE`.
    package func logLines(_ format: JSONLineFormat) -> any LogProcessor {
        let file = self["LOG_FILE"].flatMap { $0 == "off" ? nil : $0 }
        return Self.lines([.jsonLines(file.map { .file($0) } ?? .standardOutput, format: format)])
    }

    /// Returns the processors that write log lines in the form of winston to standard output, and to the file in `LOG_FILE`, with the log
    /// fields of the request.
    ///
    /// - Parameter folder: where the file `SERVICE.log` is unless `LOG_FILE` names another one; it is made if it is missing. `LOG_FILE=off`
    ///   leaves the file out.
    package func winstonLines(for service: String, folder: String = "logs") -> [any LogProcessor] {
        let console = JSONLinesLogExporter(.standardOutput, format: .winston)
        guard self["LOG_FILE"] != "off" else { return [.contextFields, Self.lines([console])] }
        if self["LOG_FILE"] == nil { mkdir(folder, 0o755) }
        let file = JSONLinesLogExporter(.file(self["LOG_FILE"] ?? "\(folder)/\(service).log"), format: .winston)
        return [.contextFields, Self.lines([console, file])]
    }

    /// Returns a processor that writes the lines of a second together, the specification's delay for log records, or a thousand as soon as
    /// there are that many: a service would spend more on waking a thread for each, and to write many thousand at a time would keep the
    /// processor from its requests for milliseconds. Where a hundred services share two processors, waking the thread of one for some twenty
    /// lines took 250 µs, in which nearly all that it needs had to come back into the caches.
    private static func lines(_ exporters: [JSONLinesLogExporter]) -> any LogProcessor {
        // A batch is all that waits, so that lines are in the order of their times.
        var options = BatchOptions(maxQueueSize: 16_384, maxExportBatchSize: 16_384, scheduleDelay: .seconds(1))
        options.promptCount = 1024
        return BatchLogProcessor(exporters: exporters, options: options)
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
