// Answers requests by their routes, each inside its server span, and counts them.

import Telemetry

/// The routes of a service. Each request is answered inside a server span that continues the trace of the caller.
package struct TracedApplication: Sendable {
    package let telemetry: ServiceTelemetry
    package let router: Router

    /// Adds `/status` and `/metrics` to the routes.
    package init(_ telemetry: ServiceTelemetry, router: Router) {
        var router = router
        router.addCommonRoutes(telemetry)
        self.telemetry = telemetry
        self.router = router
    }

    package func respond(to request: ServiceRequest) async -> ServiceResponse {
        let match = router.match(request)
        // Scrapes come all the time and tell nothing: they count, but nobody wants to find them among the traces.
        let parent = request.isScrape ? Context.root.suppressed : telemetry.propagator.extract(from: request.headers, into: .root)
        let server = telemetry.tracer.startHTTPServerSpan(
            description(of: request, match), parent: parent, metrics: telemetry.serverMetrics)
        let response = await server.context.run { await answer(request, match, server.span) }

        // Handlers say more about a failure than the conventions would: a status that they set stays.
        if let status = response.spanStatus { server.span.setStatus(status) }
        server.finish(statusCode: response.status)
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
