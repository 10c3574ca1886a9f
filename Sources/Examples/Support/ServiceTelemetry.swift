// Groups what the handlers of one service record with, around one telemetry system.

package import Telemetry

/// The telemetry of one service: its tracer, meter and logger, HTTP metrics in both directions, and metrics of its process.
package struct ServiceTelemetry: Sendable {
    package let tracer: Tracer
    package let meter: Meter
    package let log: TelemetryLogger
    package let propagator: any Propagator
    /// Counts the requests that the service answers.
    package let serverMetrics: HTTPServerMetrics
    /// Counts the requests that the service sends.
    package let clientMetrics: HTTPClientMetrics
    /// Whether each request writes a log line.
    package let logsRequests: Bool
    private let system: TelemetrySystem
    /// Whether context travels as the W3C has it, the default.
    private let isW3C: Bool

    /// - Parameters:
    ///   - system: the system that records and exports; one of its metric readers is `.prometheus`.
    ///   - logsRequests: whether each request writes a log line.
    package init(_ service: String, _ system: TelemetrySystem, logsRequests: Bool = true) {
        tracer = system.tracer(service)
        meter = system.meter(service)
        log = system.logger(service)
        self.logsRequests = logsRequests
        propagator = system.propagator
        // Only the environment's OTEL_PROPAGATORS chooses propagators here, and only those of the SDK: these fields are the W3C's.
        isW3C = propagator.fields == W3CTraceContextPropagator().fields + W3CBaggagePropagator().fields
        serverMetrics = HTTPServerMetrics(meter, recording: .activeRequests)
        clientMetrics = HTTPClientMetrics(meter)
        self.system = system
        ProcessMetrics.register(on: meter)
    }

    /// Returns the context that a request has brought.
    ///
    /// The W3C's propagators are called as what they are, so that the compiler knows their accesses to the fields, which are looked up at
    /// run time for a propagator of any kind.
    package func extractContext(from headers: HTTPHeaders) -> Context {
        guard isW3C else { return propagator.extract(from: headers, into: .root) }
        let context = W3CTraceContextPropagator().extract(from: headers, into: .root)
        return headers["baggage"] == nil ? context : W3CBaggagePropagator().extract(from: headers, into: context)
    }

    /// Writes a context into the fields of a request that is sent.
    package func injectContext(_ context: Context, into headers: inout HTTPHeaders) {
        guard isW3C else { return propagator.inject(context, into: &headers) }
        W3CTraceContextPropagator().inject(context, into: &headers)
        if !context.baggage.isEmpty { W3CBaggagePropagator().inject(context, into: &headers) }
    }

    /// Exports what is recorded and shuts telemetry down; returns false if something was lost.
    package func stop(within duration: Duration) async -> Bool {
        await system.shutdown(within: duration) == .completed
    }

    /// Returns the metrics as Prometheus reads them, in the format and compression that the request accepts.
    package func metricsPage(for request: ServiceRequest) async -> ServiceResponse {
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
