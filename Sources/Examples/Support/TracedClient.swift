// What a service needs to call another one: span, metrics and trace context around a transport.

package import Telemetry

/// Calls other services; each call is a client span, whose trace the called service continues unless it is one of others.
package struct TracedClient: Sendable {
    package let telemetry: ServiceTelemetry
    package let transport: any Transport
    private let spanPrefix: String
    private let propagates: Bool

    /// - Parameters:
    ///   - spanPrefix: what the names of spans without a template have before the method; the conventions have nothing there.
    ///   - propagates: whether requests carry trace context and baggage; false for services of other organizations.
    package init(_ telemetry: ServiceTelemetry, transport: any Transport, spanPrefix: String = "HTTP ", propagates: Bool = true) {
        self.telemetry = telemetry
        self.transport = transport
        self.spanPrefix = spanPrefix
        self.propagates = propagates
    }

    /// Sends a request, with a body unless that is nil: JSON where the header fields do not say otherwise.
    ///
    /// - Parameters:
    ///   - template: the path for the name of the span, `POST /items/:id`; without one the span is named `HTTP POST`.
    ///   - headers: header fields beside those of the body and of the trace context.
    package func send(
        _ method: String, _ url: String, template: String? = nil, headers: HTTPHeaders = [:], json body: String? = nil
    ) async throws -> ServiceResponse {
        let outgoing = HTTPClientRequest(method: method, url: url, protocolVersion: "1.1", urlTemplate: template)
        return try await telemetry.tracer.withHTTPClientSpan(
            outgoing, metrics: telemetry.clientMetrics, statusCode: { (response: ServiceResponse) in response.status }
        ) { client in
            if template == nil, !spanPrefix.isEmpty { client.span.updateName("\(spanPrefix)\(method)") }
            var headers = headers
            if headers["Accept"] == nil { headers.add("Accept", "application/json") }
            if body != nil, headers["Content-Type"] == nil { headers.add("Content-Type", "application/json") }
            if propagates { telemetry.injectContext(client.context, into: &headers) }
            return try await transport.send(method, url, headers: headers, body: Array((body ?? "").utf8))
        }
    }
}
