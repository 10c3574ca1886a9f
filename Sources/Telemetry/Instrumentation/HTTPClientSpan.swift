// The span of a request that a client sends.

/// The span of one attempt of a request that a client sends, until the head of the response was read.
public struct HTTPClientSpan: Sendable {
    /// The span itself, for attributes and events of your own.
    public let span: TraceSpan
    private let conventions: HTTPConventions

    fileprivate init(_ span: TraceSpan, _ conventions: HTTPConventions) {
        self.span = span
        self.conventions = conventions
    }

    /// Tells to whom the request went, once the connection stands.
    public func setPeer(address: String, port: Int? = nil, protocolVersion: String? = nil) {
        guard span.isRecording else { return }
        span["network.peer.address"] = .string(address)
        span["network.peer.port"] = port.map { AttributeValue($0) }
        span["network.protocol.version"] = HTTPConventions.protocolVersion(protocolVersion)
    }

    /// Ends the span; only the first call counts.
    ///
    /// - Parameters:
    ///   - statusCode: what was answered; nil when nothing was.
    ///   - error: what kept the answer from coming. Cancelling on purpose is no failure.
    ///   - responseHeaders: all values of a response header by its lower-case name; only those are read that the
    ///     conventions name.
    public func finish(
        statusCode: Int?, error: (any Error)? = nil, responseHeaders: (_ name: String) -> [String] = { _ in [] }
    ) {
        span.finish(.client(statusCode: statusCode, error: error), error, conventions, responseHeaders)
    }
}

extension Tracer {
    /// Starts the span of a request before it is sent; inject `Context.current.with(span:)` into its headers.
    public func startHTTPClientSpan(
        _ request: HTTPClientRequest, parent: Context = .current, conventions: HTTPConventions = .standard,
        startTime: Timestamp? = nil
    ) -> HTTPClientSpan {
        let span = startSpan(
            request.spanName(conventions), kind: .client, parent: parent, request.attributes(conventions), startTime: startTime)
        return HTTPClientSpan(span, conventions)
    }

    /// Sends a request inside its span: makes it current, judges the response, records a thrown error, ends the span.
    ///
    /// ```swift
    /// let response = try await tracer.withHTTPClientSpan(HTTPClientRequest(method: "GET", url: url), statusCode: \.status) { _ in
    ///     telemetry.propagator.inject(.current, into: &headers)
    ///     return try await client.get(url, headers)
    /// }
    /// ```
    public nonisolated(nonsending) func withHTTPClientSpan<Response, Failure: Error>(
        _ request: HTTPClientRequest, parent: Context = .current, conventions: HTTPConventions = .standard,
        statusCode: (Response) -> Int, _ operation: nonisolated(nonsending) (HTTPClientSpan) async throws(Failure) -> Response
    ) async throws(Failure) -> Response {
        let client = startHTTPClientSpan(request, parent: parent, conventions: conventions)
        do throws(Failure) {
            let response = try await parent.with(span: client.span).run { () async throws(Failure) in try await operation(client) }
            client.finish(statusCode: statusCode(response))
            return response
        } catch {
            client.finish(statusCode: nil, error: error)
            throw error
        }
    }
}
