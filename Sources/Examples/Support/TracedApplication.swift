// Wraps the routes of a service in telemetry: a server span, metrics and a log line for each request.

import Telemetry

/// The routes of a service, each request inside a server span that continues the trace of the caller.
package struct TracedApplication: Sendable {
    package let telemetry: ServiceTelemetry
    private let router: Router
    private let contract: ContractSpan?
    private let layers: [any RequestLayer]
    /// Those of the layers that take part in answers.
    private let answeringLayers: [any RequestLayer]

    /// Creates an application that has `/status` and `/metrics` beside the routes.
    ///
    /// - Parameters:
    ///   - contract: records refusals on spans, as errors; without one a span's status is that of the semantic conventions.
    ///   - layers: what requests pass before their routes, the first one first.
    package init(_ telemetry: ServiceTelemetry, router: Router, contract: ContractSpan? = nil, layers: [any RequestLayer] = []) {
        var router = router
        router.addCommonRoutes(telemetry)
        self.telemetry = telemetry
        self.router = router
        self.contract = contract
        self.layers = layers
        answeringLayers = layers.filter(\.takesPartInAnswers)
    }

    package func respond(to request: ServiceRequest) async -> ServiceResponse {
        let match = router.match(request)
        // Scrapes are frequent and all alike: they are counted, but their spans would only bury the other traces.
        let caller = request.isScrape ? Context.root.suppressed : telemetry.extractContext(from: request.headers)
        var parent = layers.reduce(caller) { context, layer in layer.context(of: request, context) }
        let baggage = parent.baggage
        let experiments = baggage.isEmpty ? nil : baggage.experiments
        if let experiments, !experiments.isEmpty { parent = parent.adding(logFields: experiments) }
        let server = startSpan(of: request, match, below: parent)
        if let experiments { server.span.setAttributes(experiments) }
        var traced = request
        traced.span = server.span
        // Set from inside: a result passes through generic code, which copies it with all its references three times.
        var response = ServiceResponse(status: 500)
        await server.context.run {
            response = await answeringLayers.isEmpty ? Router.respond(to: traced, match) : respond(to: traced, match, answeringLayers[...])
            if let refusal = response.refusal { record(refusal, of: traced, &response) }
            if telemetry.logsRequests { log(request, response, of: server) }
        }

        // A status that a handler sets says more about a failure than the conventions would, and it is final.
        if let stream = response.stream {
            response.stream = StreamedSpan(server, statusCode: response.status, status: response.spanStatus).following(stream)
        } else {
            if let status = response.spanStatus { server.span.setStatus(status) }
            server.finish(statusCode: response.status)
        }
        return response
    }

    /// Answers a request by its layers from the outside in, and by its route.
    private func respond(to request: ServiceRequest, _ match: Router.Match, _ layers: ArraySlice<any RequestLayer>) async
        -> ServiceResponse
    {
        guard let layer = layers.first else { return await Router.respond(to: request, match) }
        return await layer.respond(to: request) { await respond(to: $0, match, layers.dropFirst()) }
    }

    /// Writes a log line for a refusal and, under a contract, records it on the span.
    private func record(_ refusal: Refusal, of request: ServiceRequest, _ response: inout ServiceResponse) {
        if let contract {
            contract.recordResponse(refusal.status, body: refusal.recordedBody, to: request)
            request.span.addEvent(refusal.event)
            response.spanStatus = .error(refusal.reason)
        }
        let detail: Attributes = refusal.detail.map { ["detail": .string($0)] } ?? [:]
        telemetry.log.log(refusal.status >= 500 ? .error : .warn, refusal.reason, detail)
    }

    /// Writes the log line of a request, which carries the identifiers of its span.
    private func log(_ request: ServiceRequest, _ response: ServiceResponse, of server: HTTPServerSpan) {
        let severity: LogSeverity = response.status >= 500 ? .error : response.status >= 400 ? .warn : .info
        telemetry.log.emit(
            severity, severityText: severity.shortName, body: "request answered",
            attributes: AnsweredRequest(method: request.method, path: request.path, status: response.status, server: server))
    }

    /// Starts the server span of a request. Never inlined: what describes the request need not stay while it is handled.
    @inline(never)
    private func startSpan(of request: ServiceRequest, _ match: Router.Match, below parent: Context) -> HTTPServerSpan {
        var route: Router.Route?
        if case .found(let found, _) = match { route = found }
        var description = HTTPServerRequest(
            method: request.method, target: request.target, headers: request.headers, peerAddress: request.peerAddress,
            peerPort: request.peerPort, route: route?.pattern)
        description.ownSpanName = route?.spanName(for: request.method)
        return telemetry.tracer.startHTTPServerSpan(description, parent: parent, metrics: telemetry.serverMetrics)
    }
}

/// The attributes of the log line of a request.
private struct AnsweredRequest: AttributeSource {
    let method: String
    let path: String
    let status: Int
    let server: HTTPServerSpan

    func forEachEntry(_ body: (String, AttributeValue) -> Void) {
        body("method", .string(method))
        body("path", .string(path))
        body("status", .int(Int64(status)))
        body("latency", .double(Double(server.nanosecondsSinceStart) / 1e6))
    }
}
