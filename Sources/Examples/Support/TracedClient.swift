// What a service needs to call another one: span, metrics and trace context around a transport.

import Telemetry

/// Calls other services; each call is a client span whose trace the called service continues.
package struct TracedClient: Sendable {
    package let telemetry: ServiceTelemetry
    package let transport: any Transport

    package init(_ telemetry: ServiceTelemetry, transport: any Transport) {
        self.telemetry = telemetry
        self.transport = transport
    }

    /// Sends a request, with a JSON body unless that is nil; the span is named `HTTP` and the method.
    package func send(_ method: String, _ url: String, json body: String? = nil) async throws -> ServiceResponse {
        let outgoing = HTTPClientRequest(method: method, url: url, protocolVersion: "1.1")
        return try await telemetry.tracer.withHTTPClientSpan(
            outgoing, metrics: telemetry.clientMetrics, statusCode: { (response: ServiceResponse) in response.status }
        ) { client in
            client.span.updateName("HTTP \(method)")
            var headers: HTTPHeaders = ["Accept": "application/json"]
            if body != nil { headers["Content-Type"] = "application/json" }
            telemetry.propagator.inject(.current, into: &headers)
            return try await transport.send(method, url, headers: headers, body: Array((body ?? "").utf8))
        }
    }
}
