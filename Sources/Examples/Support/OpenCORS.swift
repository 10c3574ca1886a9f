// Lets web pages of every origin call a service.

import Telemetry

/// Allows cross-origin requests from everywhere, without credentials, as Express's `cors()` does. (Fetch standard, section 3.3.)
package struct OpenCORS: RequestLayer {
    private let readableHeaders: String

    /// - Parameter readableHeaders: the header fields of answers that pages may read beside the usual ones.
    package init(readableHeaders: [String] = []) {
        self.readableHeaders = readableHeaders.joined(separator: ", ")
    }

    package func respond(to request: ServiceRequest, next: Handler) async -> ServiceResponse {
        var response = request.method == "OPTIONS" ? Self.preflight(request) : await next(request)
        response.headers["Access-Control-Allow-Origin"] = "*"
        if !readableHeaders.isEmpty { response.headers["Access-Control-Expose-Headers"] = readableHeaders }
        return response
    }

    private static func preflight(_ request: ServiceRequest) -> ServiceResponse {
        var response = ServiceResponse(status: 204)
        response.headers["Access-Control-Allow-Methods"] = "GET,HEAD,PUT,PATCH,POST,DELETE"
        response.headers["Access-Control-Allow-Headers"] = request.headers["Access-Control-Request-Headers"]
        response.headers["Vary"] = "Access-Control-Request-Headers"
        return response
    }
}
