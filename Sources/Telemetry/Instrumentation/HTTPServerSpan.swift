// The span of a request that a server answers, and with it the request's part in the metrics.

/// The span of a request that a server answers, from its arrival to its end.
public struct HTTPServerSpan: Sendable {
    /// The span itself, for attributes and events of your own.
    public let span: TraceSpan
    private let request: HTTPServerRequest
    private let conventions: HTTPConventions
    /// The context of the request with its span: what answers the request runs in it.
    public let context: Context
    private let measured: (metrics: HTTPServerMetrics, measurement: HTTPMeasurement<HTTPServerRequest>)?

    fileprivate init(
        _ span: TraceSpan, _ request: HTTPServerRequest, _ conventions: HTTPConventions, _ context: Context,
        _ measured: (metrics: HTTPServerMetrics, measurement: HTTPMeasurement<HTTPServerRequest>)?
    ) {
        self.span = span
        self.request = request
        self.conventions = conventions
        self.context = context
        self.measured = measured
    }

    /// Tells the template of the route once the router knows it; the span takes its name from it.
    public func setRoute(_ route: String) {
        guard !route.isEmpty else { return }
        measured?.measurement.update { $0.request.route = route }
        guard span.isRecording else { return }
        span["http.route"] = .string(route)
        span.updateName(conventions.spanName(method: request.method, target: route))
    }

    /// Tells the sizes of the bodies in bytes as they go over the wire, for the metrics; without it `Content-Length` counts.
    public func setBodySizes(request: Int? = nil, response: Int? = nil) {
        measured?.measurement.update { progress in
            if let request { progress.requestBodySize = request }
            if let response { progress.responseBodySize = response }
        }
    }

    /// Ends the span and counts the request in the metrics; only the first call counts. A status that the span has already stays.
    ///
    /// - Parameters:
    ///   - statusCode: what was answered; nil when nothing was.
    ///   - route: the template of the route, if it was not told before.
    ///   - error: what kept the server from answering, or broke the answer off.
    ///   - responseHeaders: all values of a response header by its lower-case name; only those are read that the
    ///     conventions name.
    public func finish(
        statusCode: Int?, route: String? = nil, error: (any Error)? = nil, responseHeaders: (_ name: String) -> [String] = { _ in [] }
    ) {
        if let route { setRoute(route) }
        let outcome = HTTPOutcome.server(statusCode: statusCode, error: error)
        let end = measured?.measurement.now
        span.finish(outcome, error, conventions, at: end, responseHeaders)
        if let measured, let end {
            measured.metrics.finish(measured.measurement, outcome, at: span.recordedEnd ?? end, conventions, context, responseHeaders)
        }
    }
}

extension Tracer {
    /// Starts the span of a request that arrived; end it with ``HTTPServerSpan/finish(statusCode:route:error:responseHeaders:)``.
    ///
    /// - Parameters:
    ///   - parent: the context that was extracted from the request's headers.
    ///   - metrics: where the request counts, whether its span is kept or not; the duration measured is that of the span.
    public func startHTTPServerSpan(
        _ request: HTTPServerRequest, parent: Context, conventions: HTTPConventions = .standard, metrics: HTTPServerMetrics? = nil,
        startTime: Timestamp? = nil
    ) -> HTTPServerSpan {
        let span = startSpan(
            request.spanName(conventions), kind: .server, parent: parent, request.attributes(conventions),
            startTime: startTime)
        let measurement = metrics?.measurement(
            of: request, conventions, start: span.recordedStart ?? clock.spanStart(below: parent.node, at: startTime),
            clock: clock)
        let measured = metrics.flatMap { metrics in measurement.map { (metrics, $0) } }
        return HTTPServerSpan(span, request, conventions, parent.with(span: span), measured)
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
    /// An operation that throws and knows what will be answered says so with `finish` before.
    public nonisolated(nonsending) func withHTTPServerSpan<Response, Failure: Error>(
        _ request: HTTPServerRequest, parent: Context, conventions: HTTPConventions = .standard, metrics: HTTPServerMetrics? = nil,
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

extension TraceSpan {
    /// Ends an HTTP span with what its exchange came to.
    func finish(
        _ outcome: HTTPOutcome, _ error: (any Error)?, _ conventions: HTTPConventions, at time: Timestamp?,
        _ responseHeaders: (_ name: String) -> [String]
    ) {
        if isRecording {
            var attributes = outcome.attributes
            conventions.addHeaders(
                conventions.recordedResponseHeaders, prefix: "http.response.header.", from: responseHeaders, to: &attributes)
            setAttributes(attributes)
            if outcome.status != .unset {
                if let error { recorder?.recordThrown(error, below: .root) }
                // Who has set a status before knows more about the failure.
                recorder?.record { state, _ in if state.statusCode == 0 { state.setStatus(outcome.status) } }
            }
        }
        end(at: time)
    }
}
