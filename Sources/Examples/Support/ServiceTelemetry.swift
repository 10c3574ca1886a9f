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

    /// - Parameters:
    ///   - system: the system that records and exports; one of its metric readers is `.prometheus`.
    ///   - logsRequests: whether each request writes a log line.
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
