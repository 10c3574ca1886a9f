// HTTP server spans of the semantic conventions, and their metrics.

/// The span of a request that a server answers, from its arrival to its end.
public struct HTTPServerSpan: Sendable {
    /// The span itself, for attributes and events of your own.
    public let span: TraceSpan
    private let method: String
    private let conventions: HTTPConventions
    /// The context of the request with its span, in which the handler runs.
    public let context: Context
    private let measured: Measured?

    /// The metrics of the request. An object, since the value that refers to it is copied several times for each request.
    fileprivate final class Measured: Sendable {
        let metrics: HTTPServerMetrics
        let measurement: ExchangeMeasurement<HTTPServerRequest>

        init(_ metrics: HTTPServerMetrics, _ measurement: ExchangeMeasurement<HTTPServerRequest>) {
            self.metrics = metrics
            self.measurement = measurement
        }
    }

    fileprivate init(_ span: TraceSpan, method: String, _ conventions: HTTPConventions, _ context: Context, _ measured: Measured?) {
        self.span = span
        self.method = method
        self.conventions = conventions
        self.context = context
        self.measured = measured
    }

    /// Sets the template of the route once the router knows it; it is part of the span's name.
    public func setRoute(_ route: String) {
        guard !route.isEmpty else { return }
        measured?.measurement.update { $0.request.route = route }
        guard span.isRecording else { return }
        span[SemanticAttributes.HTTP.route] = .string(route)
        span.updateName(conventions.spanName(method: method, target: route))
    }

    /// Sets the sizes of the bodies on the wire, in bytes, for the metrics; without them `Content-Length` is used.
    public func setBodySizes(request: Int? = nil, response: Int? = nil) {
        measured?.measurement.update { progress in
            if let request { progress.requestBodySize = request }
            if let response { progress.responseBodySize = response }
        }
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
        span.recordOutcome(outcome.attributes(conventions, responseHeaders), outcome.status, error)
        let end = measured?.measurement.now
        span.end(at: end)
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
    ///   - metrics: record the request, whether its span is sampled or not; the measured duration is that of the span.
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
        let measured = metrics.flatMap { metrics in measurement.map { HTTPServerSpan.Measured(metrics, $0) } }
        return HTTPServerSpan(span, method: request.method, conventions, parent.with(span: span), measured)
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
