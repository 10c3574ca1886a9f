// HTTP server spans of the semantic conventions, and their metrics.

/// The span of a request that a server answers, from its arrival to its end.
public struct HTTPServerSpan: Sendable {
    private let exchange: HTTPServerExchange

    /// The span itself, for attributes and events of your own.
    public var span: TraceSpan { exchange.span }
    /// The context of the request with its span, in which the handler runs.
    public var context: Context { exchange.context }

    /// The value of a response header `Server-Timing`, by which a browser learns the trace: `trace;desc=00-…-…-01`; nil without a valid span.
    ///
    /// Add the header where pages may know identifiers of traces and whether they are sampled; one of your own, such as `db;dur=53`, goes
    /// before it after a comma. (W3C Trace Context, draft "Trace Context Server Timing Metric".)
    public var serverTiming: String? {
        let own = span.context
        return own.isValid ? "trace;desc=\(TraceParent.text(traceID: own.traceID, spanID: own.spanID, flags: own.flags))" : nil
    }

    /// How long the request has been in progress, by the clock of its span.
    package var nanosecondsSinceStart: UInt64 { exchange.clock.now.nanosecondsSinceEpoch - exchange.clock.start.nanoseconds }

    fileprivate init(_ exchange: HTTPServerExchange) {
        self.exchange = exchange
    }

    /// Sets the template of the route once the router knows it; it is part of the span's name.
    public func setRoute(_ route: String) {
        guard !route.isEmpty else { return }
        exchange.setRoute(route)
        guard span.isRecording else { return }
        span[SemanticAttributes.HTTP.route] = .string(route)
        span.updateName(exchange.conventions.spanName(method: exchange.method, target: route))
    }

    /// Sets the sizes of the bodies on the wire, in bytes, for the metrics; without them `Content-Length` is used.
    public func setBodySizes(request: Int? = nil, response: Int? = nil) {
        exchange.setBodySizes(request: request, response: response)
    }

    /// Ends the span and records the request in the metrics; only the first call has an effect. An explicit status is kept.
    ///
    /// - Parameters:
    ///   - statusCode: the status of the response; nil without a response.
    ///   - route: the template of the route, if it was not set before.
    ///   - error: the error that prevented or interrupted the response.
    ///   - responseHeaders: returns all values of a response header by its lower-case name; it is called only for headers
    ///     of the conventions.
    public func finish(
        statusCode: Int?, route: String? = nil, error: (any Error)? = nil, responseHeaders: (_ name: String) -> [String] = { _ in [] }
    ) {
        if let route { setRoute(route) }
        let outcome = HTTPOutcome.server(statusCode: statusCode, error: error)
        let end = outcome.end(
            exchange.span, exchange.isMeasured ? exchange.clock : nil, exchange.conventions, error, responseHeaders)
        if let end { exchange.measure(outcome, at: end, responseHeaders) }
    }
}

extension Tracer {
    /// The settings of HTTP server spans that a configuration, or else the environment, gives to the system of the tracer.
    public var httpServerConventions: HTTPConventions { instrumentation.httpServer }

    /// Starts the span of a request that arrived; end it with ``HTTPServerSpan/finish(statusCode:route:error:responseHeaders:)``.
    ///
    /// - Parameters:
    ///   - parent: the context that was extracted from the request's headers.
    ///   - conventions: settings of the span; by default those of the system, ``Tracer/httpServerConventions``.
    ///   - metrics: record the request, whether its span is sampled or not; the measured duration is that of the span.
    public func startHTTPServerSpan(
        _ request: HTTPServerRequest, parent: Context, conventions: HTTPConventions? = nil, metrics: HTTPServerMetrics? = nil,
        startTime: Timestamp? = nil
    ) -> HTTPServerSpan {
        let conventions = conventions ?? httpServerConventions
        let common = metrics?.common(of: request, conventions)
        var series = common?.series
        var authority = common.flatMap { metrics?.recordedAuthority(of: $0.peer) }
        let span = startSpan(
            request.ownSpanName ?? series?.spanName ?? request.spanName(conventions), kind: .server, parent: parent, startTime: startTime,
            request.attributes(conventions)
        ) { recorder in
            if let common, request.writePlain(common, to: recorder, conventions) { return }
            let peer = metrics?.peer(of: request)
            let details = request.details(conventions, peer)
            series = metrics?.series(of: request, conventions, details)
            authority = metrics?.authority(of: request, conventions, details)
            request.write(details, series, peer, to: recorder, conventions)
        }
        // A span that a sampler was asked about, or that is not recorded, has written nothing.
        if series == nil, let metrics {
            series = metrics.series(of: request, conventions, nil)
            authority = metrics.authority(of: request, conventions, nil)
        }
        let start = span.recordedStart ?? clock.spanStart(below: parent.node, at: startTime)
        return HTTPServerSpan(
            HTTPServerExchange(
                span, parent.with(span: span), method: request.method, conventions, ExchangeClock(start: start, clock: clock), metrics,
                series, authority, requestBodySize: metrics?.requestLength(request)))
    }

    /// Answers a request inside its span: makes it current, judges the response, records a thrown error, ends the span.
    ///
    /// ```swift
    /// let response = try await tracer.withHTTPServerSpan(request, parent: context, statusCode: \.status) { span in
    ///     span.setRoute("/albums/{id}")
    ///     return try await albums.respond(to: request)
    /// }
    /// ```
    ///
    /// An operation that throws and knows the response calls `finish` before.
    public nonisolated(nonsending) func withHTTPServerSpan<Response, Failure: Error>(
        _ request: HTTPServerRequest, parent: Context, conventions: HTTPConventions? = nil, metrics: HTTPServerMetrics? = nil,
        statusCode: (Response) -> Int, _ operation: nonisolated(nonsending) (HTTPServerSpan) async throws(Failure) -> Response
    ) async throws(Failure) -> Response {
        let server = startHTTPServerSpan(request, parent: parent, conventions: conventions, metrics: metrics)
        do throws(Failure) {
            let response = try await server.context.run { () async throws(Failure) in try await operation(server) }
            server.finish(statusCode: statusCode(response))
            return response
        } catch {
            server.finish(statusCode: nil, error: error)
            throw error
        }
    }
}
