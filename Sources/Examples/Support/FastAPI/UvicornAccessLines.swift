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
        log.info(Self.line(of: request, response.status))
        return response
    }

    /// Returns `127.0.0.1:40854 - "POST /dock HTTP/1.1" 400`. Appended: an interpolation takes three times as long.
    private static func line(of request: ServiceRequest, _ status: Int) -> String {
        var line = ""
        line.reserveCapacity(96)
        line += request.peerAddress ?? "unknown"
        line += ":"
        line += String(request.peerPort ?? 0)
        line += " - \""
        line += request.method
        line += " "
        line += request.target
        line += " HTTP/1.1\" "
        line += String(status)
        return line
    }
}
