// Answers requests by their routes, each inside its server span, counts them, and writes a line for each.

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
        let start = ContinuousClock.now
        let response = await server.context.run {
            var traced = request
            traced.span = server.span
            let response = await Router.respond(to: traced, match)
            if telemetry.logsRequests { log(request, response, since: start) }
            return response
        }

        // Handlers say more about a failure than the conventions would: a status that they set stays.
        if let status = response.spanStatus { server.span.setStatus(status) }
        server.finish(statusCode: response.status)
        return response
    }

    /// Writes the line of a request, which carries the identifiers of its span.
    private func log(_ request: ServiceRequest, _ response: ServiceResponse, since start: ContinuousClock.Instant) {
        let milliseconds = start.duration(to: .now) / .milliseconds(1)
        let severity: LogSeverity = response.status >= 500 ? .error : response.status >= 400 ? .warn : .info
        telemetry.log.log(
            severity, "request answered",
            [
                "method": request.method, "path": request.path, "status": response.status,
                "latency": milliseconds,
            ])
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
