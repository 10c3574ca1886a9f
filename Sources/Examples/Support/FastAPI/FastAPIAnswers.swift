// What FastAPI does with requests that no route fits.

import Telemetry

/// Answers requests without a route in FastAPI's words, redirects with 307 alone, and names JSON's media type without parameters.
package struct FastAPIAnswers: RequestLayer {
    package init() {}

    package func respond(to request: ServiceRequest, next: Handler) async -> ServiceResponse {
        var response = await next(request)
        switch response.status {
        case 404 where response.body.elementsEqual(Router.notFoundText.utf8):
            response.body = Array(#"{"detail":"Not Found"}"#.utf8)
            response.headers["Content-Type"] = "application/json"
        case 405 where response.body.elementsEqual(Router.methodNotAllowedText.utf8):
            response.body = Array(#"{"detail":"Method Not Allowed"}"#.utf8)
            response.headers["Content-Type"] = "application/json"
        case 301: response.status = 307
        default:
            if response.headers["Content-Type"]?.hasPrefix("application/json;") == true {
                response.headers["Content-Type"] = "application/json"
            }
        }
        return response
    }
}
