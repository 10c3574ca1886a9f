// HTTP server spans of the semantic conventions, and their metrics.

/// The span of a request that a server answers, from its arrival to its end.
public struct HTTPServerSpan: Sendable {
    /// All that the span refers to. An object, since the value is copied several times for each request.
    fileprivate final class State: Sendable {
        let span: TraceSpan
        let context: Context
        let method: String
        let conventions: HTTPConventions
        let start: SpanStart
        let clock: TelemetryClock
        let measured: Measured?

        init(
            _ span: TraceSpan, _ context: Context, method: String, _ conventions: HTTPConventions, start: SpanStart, clock: TelemetryClock,
            _ measured: Measured?
        ) {
            self.span = span
            self.context = context
            self.method = method
            self.conventions = conventions
            self.start = start
            self.clock = clock
            self.measured = measured
        }
    }

    /// The metrics of the request, with what they record of it. An object: as a structure each use of a part copies all its references.
    fileprivate final class Measured: Sendable {
        let metrics: HTTPServerMetrics
        let measurement: ExchangeMeasurement
        let properties: HTTPServerProperties

        init(_ metrics: HTTPServerMetrics, _ properties: HTTPServerProperties, start: SpanStart, clock: TelemetryClock) {
            self.metrics = metrics
            measurement = metrics.measurement(of: properties, start: start, clock: clock)
            self.properties = properties
        }
    }

    private let state: State

    /// The span itself, for attributes and events of your own.
    public var span: TraceSpan { state.span }
    /// The context of the request with its span, in which the handler runs.
    public var context: Context { state.context }

    /// How long the request has been in progress, by the clock of its span.
    package var nanosecondsSinceStart: UInt64 {
        let start = state.start
        return max(start.nanoseconds, start.anchor.wallNanoseconds(state.clock.recordingNanoseconds())) - start.nanoseconds
    }

    fileprivate init(_ state: State) {
        self.state = state
    }

    /// Sets the template of the route once the router knows it; it is part of the span's name.
    public func setRoute(_ route: String) {
        guard !route.isEmpty else { return }
        state.measured?.measurement.update { $0.route = route }
        guard span.isRecording else { return }
        span[SemanticAttributes.HTTP.route] = .string(route)
        span.updateName(state.conventions.spanName(method: state.method, target: route))
    }

    /// Sets the sizes of the bodies on the wire, in bytes, for the metrics; without them `Content-Length` is used.
    public func setBodySizes(request: Int? = nil, response: Int? = nil) {
        state.measured?.measurement.update { progress in
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
        outcome.record(on: state.span, state.conventions, error, responseHeaders)
        let end = state.measured?.measurement.now
        state.span.end(at: end)
        guard let measured = state.measured, let end else { return }
        measured.metrics.finish(
            measured.measurement, of: measured.properties, outcome, at: state.span.recordedEnd ?? end, state.context, responseHeaders)
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
        var details: HTTPServerDetails?
        let span = startSpan(
            request.spanName(conventions), kind: .server, parent: parent, startTime: startTime, request.attributes(conventions)
        ) { recorder in
            let read = request.details(conventions)
            request.write(read, to: recorder, conventions)
            details = read
        }
        let start = span.recordedStart ?? clock.spanStart(below: parent.node, at: startTime)
        var measured: HTTPServerSpan.Measured?
        if let metrics, let properties = metrics.properties(of: request, conventions, details) {
            measured = HTTPServerSpan.Measured(metrics, properties, start: start, clock: clock)
        }
        return HTTPServerSpan(
            HTTPServerSpan.State(
                span, parent.with(span: span), method: request.method, conventions, start: start, clock: clock, measured))
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
