// Calls other services, each call inside its client span, and counts the calls.

package import Telemetry

/// Sends one request and brings the response: over a socket, or made up by a test.
package protocol Transport: Sendable {
    func send(_ method: String, _ url: String, headers: HTTPHeaders, body: [UInt8]) async throws -> ServiceResponse
}

/// Calls other services. Each call is a client span, and the called service continues the trace.
package struct TracedClient: Sendable {
    package let telemetry: ServiceTelemetry
    package let transport: any Transport

    package init(_ telemetry: ServiceTelemetry, transport: any Transport) {
        self.telemetry = telemetry
        self.transport = transport
    }

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
