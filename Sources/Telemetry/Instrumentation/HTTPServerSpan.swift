// The span of a request that a server answers.

/// The span of a request that a server answers, from its arrival to its end.
public struct HTTPServerSpan: Sendable {
    /// The span itself, for attributes and events of your own.
    public let span: TraceSpan
    private let request: HTTPServerRequest
    private let conventions: HTTPConventions

    fileprivate init(_ span: TraceSpan, _ request: HTTPServerRequest, _ conventions: HTTPConventions) {
        self.span = span
        self.request = request
        self.conventions = conventions
    }

    /// Tells the template of the route once the router knows it; the span takes its name from it.
    public func setRoute(_ route: String) {
        guard !route.isEmpty, span.isRecording else { return }
        span["http.route"] = .string(route)
        span.updateName(conventions.spanName(method: request.method, target: route))
    }

    /// Ends the span; only the first call counts.
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
        span.finish(.server(statusCode: statusCode, error: error), error, conventions, responseHeaders)
    }
}

extension Tracer {
    /// Starts the span of a request that arrived; end it with ``HTTPServerSpan/finish(statusCode:route:error:responseHeaders:)``.
    ///
    /// - Parameter parent: the context that was extracted from the request's headers.
    public func startHTTPServerSpan(
        _ request: HTTPServerRequest, parent: Context, conventions: HTTPConventions = .standard, startTime: Timestamp? = nil
    ) -> HTTPServerSpan {
        let span = startSpan(
            request.spanName(conventions), kind: .server, parent: parent, request.attributes(conventions), startTime: startTime)
        return HTTPServerSpan(span, request, conventions)
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
        _ request: HTTPServerRequest, parent: Context, conventions: HTTPConventions = .standard, statusCode: (Response) -> Int,
        _ operation: nonisolated(nonsending) (HTTPServerSpan) async throws(Failure) -> Response
    ) async throws(Failure) -> Response {
        let server = startHTTPServerSpan(request, parent: parent, conventions: conventions)
        do throws(Failure) {
            let response = try await parent.with(span: server.span).run { () async throws(Failure) in try await operation(server) }
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
        _ outcome: HTTPOutcome, _ error: (any Error)?, _ conventions: HTTPConventions, _ responseHeaders: (_ name: String) -> [String]
    ) {
        if isRecording {
            var attributes = outcome.attributes
            conventions.addHeaders(
                conventions.recordedResponseHeaders, prefix: "http.response.header.", from: responseHeaders, to: &attributes)
            setAttributes(attributes)
            if outcome.status != .unset {
                if let error { recordException(error) }
                setStatus(outcome.status)
            }
        }
        end()
    }
}
