// What Go's Fiber does with requests that no route fits.

import Telemetry

/// Answers requests without a route in Fiber's words.
package struct FiberAnswers: RequestLayer {
    package init() {}

    package func respond(to request: ServiceRequest, next: Handler) async -> ServiceResponse {
        var response = await next(request)
        switch response.status {
        case 404 where response.body.elementsEqual(Router.notFoundText.utf8):
            response.body = Array("Cannot \(request.method) \(request.path)".utf8)
        case 405 where response.body.elementsEqual(Router.methodNotAllowedText.utf8):
            response.body = Array("Method Not Allowed".utf8)
        default: return response
        }
        response.headers["Content-Type"] = "text/plain; charset=utf-8"
        return response
    }
}
