// What a sidecar records: spans, metrics and an access log.

import ExampleSupport
import Telemetry

/// The instruments that all requests share.
final class SidecarTelemetry {
    let service: ServiceTelemetry
    private let fields: [String]
    private let retries: Counter<Int>
    private let openedBreakers: Counter<Int>
    private let refusals: Counter<Int>
    private let connections: UpDownCounter<Int>
    private let closings: Counter<Int>

    init(_ service: ServiceTelemetry) {
        self.service = service
        fields = service.propagator.fields
        retries = service.meter.counter("sidecar.retries", unit: "{retry}", description: "Requests that were sent to an upstream again.")
        openedBreakers = service.meter.counter(
            "sidecar.circuit_breaker.openings", unit: "{opening}", description: "Circuit breakers that opened.")
        refusals = service.meter.counter(
            "sidecar.refusals", unit: "{request}", description: "Requests that were refused because they are malformed.")
        connections = service.meter.upDownCounter(
            "sidecar.connections", unit: "{connection}", description: "Open connections of clients.")
        closings = service.meter.counter(
            "sidecar.connections.refused", unit: "{connection}", description: "Connections that were closed as soon as they were accepted.")
    }

    /// Starts the server span of a request.
    func begin(_ request: RequestHead, _ client: ClientConnection) -> ExchangeTelemetry {
        let listener = client.listener
        let parent: Context =
            listener.configuration.trustsTrace ? service.propagator.extract(from: request.head.headers, into: .root) : .root
        var description = HTTPServerRequest(
            method: request.head.method, target: request.head.target, headers: request.head.headers, peerAddress: client.peer.host,
            peerPort: client.peer.port, route: request.route?.prefix)
        if listener.configuration.tls != nil { description.scheme = "https" }
        if request.head.minorVersion == 0 { description.protocolVersion = "1.0" }
        let span = service.tracer.startHTTPServerSpan(
            description, parent: parent, conventions: listener.conventions, metrics: service.serverMetrics)
        // What an untrusted client says of traces goes no further, whatever propagators are set.
        let replaced = listener.configuration.trustsTrace ? fields : fields + ["traceparent", "tracestate", "baggage"]
        return ExchangeTelemetry(service, span, request, listener: listener.configuration.name, replacedFields: replaced)
    }

    func countRetry(_ upstream: Upstream?, _ failure: SidecarFailure) {
        retries.add(1, ["sidecar.upstream": .string(upstream?.configuration.name ?? ""), "error.type": .string(failure.reason)])
    }

    func breakerOpened(_ upstream: Upstream, _ endpoint: Endpoint) {
        openedBreakers.add(1, ["sidecar.upstream": .string(upstream.configuration.name), "server.address": .string(endpoint.host)])
        service.log.warn(
            "circuit breaker opened", ["upstream": .string(upstream.configuration.name), "endpoint": .string(endpoint.origin)])
    }

    func countRefusal(_ listener: Listener, _ status: Int) {
        refusals.add(1, ["sidecar.listener": .string(listener.configuration.name), "http.response.status_code": AttributeValue(status)])
    }

    func countClosing(_ listener: Listener, _ reason: String) {
        closings.add(1, ["sidecar.listener": .string(listener.configuration.name), "error.type": .string(reason)])
    }

    func countConnection(_ change: Int, _ listener: Listener) {
        connections.add(change, ["sidecar.listener": .string(listener.configuration.name)])
    }
}

/// The spans of one request.
struct ExchangeTelemetry {
    /// What is known of a request at its end.
    struct Summary {
        let upstream: String?
        let attempts: Int
        let requestBytes: Int
        let responseBytes: Int
    }

    private let service: ServiceTelemetry
    private let server: HTTPServerSpan
    private let method: String
    private let target: String
    private let listener: String
    private var client: HTTPClientSpan?
    /// The names of the fields that the trace context replaces.
    let replacedFields: [String]

    init(_ service: ServiceTelemetry, _ server: HTTPServerSpan, _ request: RequestHead, listener: String, replacedFields: [String]) {
        self.service = service
        self.server = server
        self.listener = listener
        self.replacedFields = replacedFields
        (method, target) = (request.head.method, request.head.target)
    }

    /// Starts the client span of an attempt, which lasts from the wait for a connection to the end of the answer.
    mutating func beginAttempt(_ request: RequestHead, _ endpoint: Endpoint, number: Int) {
        client = service.tracer.startHTTPClientSpan(
            HTTPClientRequest(
                method: method, url: endpoint.origin + target, protocolVersion: "1.1", urlTemplate: request.route?.prefix,
                resendCount: number),
            parent: server.context, metrics: service.clientMetrics)
    }

    /// Records the address of the endpoint. A peer without telemetry of its own has its place on the map by that.
    func connected(to connection: UpstreamConnection) {
        guard let client, client.span.isRecording else { return }
        if let address = connection.peerAddress { client.setPeer(address: address, port: connection.endpoint.port) }
        client.span[SemanticAttributes.Service.peerName] = .string(connection.upstream.configuration.name)
    }

    /// Returns the fields by which the upstream continues the trace.
    func carriedFields() -> HTTPHeaders {
        var fields: HTTPHeaders = [:]
        if let client { service.propagator.inject(client.context, into: &fields) }
        return fields
    }

    mutating func endAttempt(status: Int?, error: SidecarFailure?) {
        client?.finish(statusCode: status, error: error.flatMap { if case .clientGone = $0 { CancellationError() } else { $0 } })
        client = nil
    }

    /// Ends the server span, and writes the line of the access log.
    func end(status: Int?, error: SidecarFailure?, _ summary: Summary) {
        server.setBodySizes(request: summary.requestBytes, response: summary.responseBytes)
        if service.logsRequests {
            let status = status ?? error?.status ?? 0
            let severity: LogSeverity = status >= 500 || (error != nil && status < 400) ? .error : status >= 400 ? .warn : .info
            server.context.run {
                service.log.emit(
                    severity, severityText: severity.shortName, body: "request passed on",
                    attributes: AccessLine(
                        method: method, path: target, status: status, listener: listener, latency: server.nanosecondsSinceStart,
                        error: error,
                        summary: summary))
            }
        }
        server.finish(statusCode: status, error: error.flatMap { if case .clientGone = $0 { CancellationError() } else { $0 } })
    }
}

/// The attributes of a line of the access log.
private struct AccessLine: AttributeSource {
    let method: String
    let path: String
    let status: Int
    let listener: String
    let latency: UInt64
    let error: SidecarFailure?
    let summary: ExchangeTelemetry.Summary

    func forEachEntry(_ body: (String, AttributeValue) -> Void) {
        body("method", .string(method))
        // Queries may hold secrets.
        body("path", .string(String(path.prefix { $0 != "?" })))
        body("status", .int(Int64(status)))
        body("latency", .double(Double(latency) / 1e6))
        body("listener", .string(listener))
        if let upstream = summary.upstream { body("upstream", .string(upstream)) }
        body("attempts", .int(Int64(summary.attempts)))
        body("request_bytes", .int(Int64(summary.requestBytes)))
        body("response_bytes", .int(Int64(summary.responseBytes)))
        if let error { body("reason", .string(error.reason)) }
    }
}
