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

    /// Returns `127.0.0.1:40854 - "POST /dock HTTP/1.1" 400`.
    static func line(of request: ServiceRequest, _ status: Int) -> String {
        let (address, method, target) = (request.peerAddress ?? "unknown", request.method, request.target)
        // The other pieces have 17 bytes, and the numbers 20 at most.
        return String(room: address.utf8.count + method.utf8.count + target.utf8.count + 57) { line in
            line.append(address)
            line.append(":")
            line.append(request.peerPort ?? 0)
            line.append(" - \"")
            line.append(method)
            line.append(" ")
            line.append(target)
            line.append(" HTTP/1.1\" ")
            line.append(status)
        }
    }
}
