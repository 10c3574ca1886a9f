// Answers requests by their routes, each inside its server span.

package import Telemetry

/// The routes of a service. Each request is answered inside a server span that continues the trace of the caller.
package struct TracedApplication: Sendable {
    package let tracer: Tracer
    package let propagator: any Propagator
    package let router: Router
    private let figures: ServiceFigures

    /// Adds `/status` and `/metrics` to the routes.
    package init(tracer: Tracer, propagator: any Propagator, router: Router, figures: ServiceFigures = ServiceFigures()) {
        var router = router
        router.addCommonRoutes(figures)
        self.tracer = tracer
        self.propagator = propagator
        self.router = router
        self.figures = figures
    }

    package func respond(to request: ServiceRequest) async -> ServiceResponse {
        figures.countRequest()
        let match = router.match(request)
        let parent = propagator.extract(from: request.headers, into: .root)
        let span = tracer.startHTTPServerSpan(description(of: request, match), parent: parent).span
        let response = await parent.with(span: span).run { await answer(request, match, span) }

        // Handlers say more about a failure than the conventions would: their status counts, the attributes are added.
        let outcome = HTTPOutcome.server(statusCode: response.status)
        span.setAttributes(outcome.attributes)
        span.setStatus(response.spanStatus ?? outcome.status)
        span.end()
        return response
    }

    private func answer(_ request: ServiceRequest, _ match: Router.Match, _ span: TraceSpan) async -> ServiceResponse {
        switch match {
        case .found(let route, let parameters):
            var request = request
            request.parameters = parameters
            request.span = span
            return await route.handler(request)
        case .redirect(let location, let status): return Router.response(redirectingTo: location, status: status)
        case .notFound: return Router.notFound
        }
    }

    private func description(of request: ServiceRequest, _ match: Router.Match) -> HTTPServerRequest {
        var pattern: String?
        if case .found(let route, _) = match { pattern = route.pattern }
        let headers = request.headers
        return HTTPServerRequest(
            method: request.method, target: request.target, protocolVersion: "1.1", peerAddress: request.peerAddress,
            peerPort: request.peerPort, route: pattern, headers: { headers.values(for: $0) })
    }
}
