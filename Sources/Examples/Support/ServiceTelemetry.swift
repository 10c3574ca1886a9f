// What a service records and says, and the page on which Prometheus finds the metrics.

package import Telemetry

/// The telemetry of one service: spans, metrics and log lines of its requests, and what its process uses.
package struct ServiceTelemetry: Sendable {
    package let tracer: Tracer
    package let meter: Meter
    package let log: TelemetryLogger
    package let propagator: any Propagator
    /// Where requests count that the service answers.
    package let serverMetrics: HTTPServerMetrics
    /// Where requests count that the service sends.
    package let clientMetrics: HTTPClientMetrics
    /// Whether a line is written for each request.
    let logsRequests: Bool
    private let system: TelemetrySystem

    /// - Parameters:
    ///   - system: one whose metrics `.prometheus` reads.
    ///   - logsRequests: whether a line is written for each request.
    package init(_ service: String, _ system: TelemetrySystem, logsRequests: Bool = true) {
        tracer = system.tracer(service)
        meter = system.meter(service)
        log = system.logger(service)
        self.logsRequests = logsRequests
        propagator = system.propagator
        serverMetrics = HTTPServerMetrics(meter, recording: .activeRequests)
        clientMetrics = HTTPClientMetrics(meter)
        self.system = system
        ProcessMetrics.register(on: meter)
    }

    /// Delivers what was recorded, and ends; false when something was lost.
    package func stop(within duration: Duration) async -> Bool {
        await system.shutdown(within: duration) == .completed
    }

    /// The metrics, in the format that the request asks for.
    package func page(for request: ServiceRequest) async -> ServiceResponse {
        let page = await system.prometheus.page(
            accept: Self.joined(request.headers, "Accept"), acceptEncoding: Self.joined(request.headers, "Accept-Encoding"))
        var response = ServiceResponse(status: page.status, contentType: page.contentType, body: page.body)
        if page.status == 200 { response.spanStatus = .ok }
        response.headers["Content-Encoding"] = page.contentEncoding
        response.headers["Vary"] = "Accept, Accept-Encoding"
        return response
    }

    private static func joined(_ headers: HTTPHeaders, _ name: String) -> String? {
        let values = headers.values(named: name)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }
}

extension ServiceEnvironment {
    /// Starts the telemetry of a service: batches to the OTLP receiver at `OTEL_LOCATION`, metrics for whoever asks for the page, and log
    /// lines in JSON on standard output or in the file that `LOG_FILE` names. `OTEL_METRICS_EXPORTER=otlp` and `OTEL_LOGS_EXPORTER=otlp`
    /// send metrics and log records to the receiver as well. `LOG_LEVEL` says from which severity on there are lines, `ACCESS_LOG=off`
    /// leaves out those for each request. Sampler, propagators and limits are the SDK's: its variables, or its defaults.
    package func startTelemetry(for service: String) throws -> ServiceTelemetry {
        let required = try required([
            "NAMESPACE": "the namespace of the service, as \"local\"",
            "INSTANCE_NAME": "the name of this instance, as \"\(service)-1\"",
            "OTEL_LOCATION": "where spans are sent by OTLP/HTTP, as \"localhost:4318\"",
        ])
        let location = try receiver("OTEL_LOCATION")
        // Metrics wait to be asked for; that nobody takes them elsewhere must not be reported again and again.
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

    /// Starts telemetry, given the variables where they are not those of the process. Whatever is wrong with a variable that telemetry
    /// reads is a reason not to start.
    package func startSystem(_ start: ([String: String]?) throws -> TelemetrySystem) throws -> TelemetrySystem {
        let (system, complaints) = try EnvironmentComplaints.collect { try start(variables) }
        guard complaints.isEmpty else { throw StartFailure(.configuration, complaints.joined(separator: "\n")) }
        return system
    }

    /// Whether `ACCESS_LOG` wants a line for each request.
    package var logsRequests: Bool {
        get throws(StartFailure) { try choice("ACCESS_LOG", "on", or: "off", default: true) }
    }

    /// Lines of JSON on standard output, or in the file that `LOG_FILE` names.
    package var logLines: any LogProcessor {
        .simple(.jsonLines(self["LOG_FILE"].map { .file($0) } ?? .standardOutput, format: .flat))
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
