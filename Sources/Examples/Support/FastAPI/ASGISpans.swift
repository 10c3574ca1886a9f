// The spans that a Python service has beside those of its requests, for traces that look like the original's.

package import Telemetry

/// Records the spans that Python's instrumentation of ASGI has below each server span: one where a body is received, and two where the
/// answer is sent, for its start and for its body.
package struct ASGISpans: RequestLayer {
    private let tracer: Tracer
    private let router: Router

    /// - Parameter router: knows the routes that the spans are named after.
    package init(_ tracer: Tracer, _ router: Router) {
        self.tracer = tracer
        self.router = router
    }

    package func respond(to request: ServiceRequest, next: Handler) async -> ServiceResponse {
        guard request.span.isRecording, case .found(let route, _) = router.match(request) else { return await next(request) }
        let name = "\(request.method) \(route.pattern)"
        if !request.body.isEmpty { record("\(name) http receive", ["asgi.event.type": "http.request"]) }
        let response = await next(request)
        record(
            "\(name) http send",
            ["asgi.event.type": "http.response.start", SemanticAttributes.HTTP.responseStatusCode: response.status])
        record("\(name) http send", ["asgi.event.type": "http.response.body"])
        return response
    }

    private func record(_ name: String, _ attributes: Attributes) { tracer.startSpan(name, attributes).end() }
}
