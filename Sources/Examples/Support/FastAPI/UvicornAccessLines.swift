// The access log of FastAPI's server.

package import Telemetry

/// Writes Uvicorn's line for each request: `127.0.0.1:40854 - "POST /dock HTTP/1.1" 400`.
package struct UvicornAccessLines: RequestLayer {
    private let log: TelemetryLogger

    package init(_ log: TelemetryLogger) {
        self.log = log
    }

    package func respond(to request: ServiceRequest, next: Handler) async -> ServiceResponse {
        let response = await next(request)
        let peer = "\(request.peerAddress ?? "unknown"):\(request.peerPort ?? 0)"
        log.info("\(peer) - \"\(request.method) \(request.target) HTTP/1.1\" \(response.status)")
        return response
    }
}
