// What a service records, and the page on which Prometheus finds the metrics.

package import Telemetry

/// The telemetry of one service: spans and metrics of its requests, and what its process uses.
package struct ServiceTelemetry: Sendable {
    package let tracer: Tracer
    package let meter: Meter
    package let propagator: any Propagator
    /// Where requests count that the service answers.
    package let serverMetrics: HTTPServerMetrics
    /// Where requests count that the service sends.
    package let clientMetrics: HTTPClientMetrics
    private let system: TelemetrySystem

    /// - Parameter system: one whose metrics `.prometheus` reads.
    package init(_ service: String, _ system: TelemetrySystem) {
        tracer = system.tracer(service)
        meter = system.meter(service)
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
    /// Starts the telemetry of a service as its contract has it: everything sampled, batches to the OTLP receiver at
    /// `OTEL_LOCATION`, trace context without baggage, and metrics for whoever asks for the page. `OTEL_METRICS_EXPORTER=otlp` sends
    /// them to the receiver as well.
    package func startTelemetry(for service: String) throws -> ServiceTelemetry {
        let required = try required([
            "NAMESPACE": "the namespace of the service, as \"local\"",
            "INSTANCE_NAME": "the name of this instance, as \"\(service)-1\"",
            "OTEL_LOCATION": "where spans are sent by OTLP/HTTP, as \"localhost:4318\"",
        ])
        let location = try receiver("OTEL_LOCATION")
        // Metrics wait to be asked for; that nobody takes them elsewhere must not be reported again and again.
        var readers: [any MetricReader] = [.prometheus(hasEndpoint: false)]
        if self["OTEL_METRICS_EXPORTER"]?.contains("otlp") == true { readers.append(.periodic(.otlp(endpoint: location))) }
        let system = try TelemetrySystem.start(
            resource: .service(
                service, version: self["VERSION"] ?? "No-Version-No-Hash", namespace: required[0], instanceID: required[1]),
            sampler: .alwaysOn, spans: [.batch(.otlp(endpoint: location))],
            propagators: [.traceContext], metrics: readers)
        return ServiceTelemetry(service, system)
    }
}
