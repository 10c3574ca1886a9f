// HTTP client spans of the semantic conventions, and their metrics.

/// The span of one attempt of a request that a client sends, until the head of the response was read.
public struct HTTPClientSpan: Sendable {
    private let exchange: HTTPClientExchange

    /// The span itself, for attributes and events of your own.
    public var span: TraceSpan { exchange.span }
    /// The context of the caller with the span of the request; inject it into the request's headers.
    public var context: Context { exchange.context }

    fileprivate init(_ exchange: HTTPClientExchange) {
        self.exchange = exchange
    }

    /// Sets the address of the peer, once the connection is established.
    public func setPeer(address: String, port: Int? = nil, protocolVersion: String? = nil) {
        if let protocolVersion { exchange.setProtocolVersion(protocolVersion) }
        guard span.isRecording else { return }
        span[SemanticAttributes.Network.peerAddress] = .string(address)
        span[SemanticAttributes.Network.peerPort] = port.map { AttributeValue($0) }
        span[SemanticAttributes.Network.protocolVersion] = HTTPConventions.protocolVersion(protocolVersion)
    }

    /// Sets the sizes of the bodies on the wire, in bytes, for the metrics; without them `Content-Length` is used.
    public func setBodySizes(request: Int? = nil, response: Int? = nil) {
        exchange.setBodySizes(request: request, response: response)
    }

    /// Ends the span and records the request in the metrics; only the first call has an effect. An explicit status is kept.
    ///
    /// - Parameters:
    ///   - statusCode: the status of the response; nil without a response.
    ///   - error: the error of the request. Cancellation is not recorded as an error.
    ///   - responseHeaders: returns all values of a response header by its lower-case name; it is called only for headers
    ///     of the conventions.
    public func finish(
        statusCode: Int?, error: (any Error)? = nil, responseHeaders: (_ name: String) -> [String] = { _ in [] }
    ) {
        let outcome = HTTPOutcome.client(statusCode: statusCode, error: error)
        let end = outcome.end(span, exchange.clock, exchange.conventions, error, responseHeaders)
        if let end { exchange.measure(outcome, at: end, responseHeaders) }
    }
}

extension Tracer {
    /// The settings of HTTP client spans that a configuration, or else the environment, gives to the system of the tracer.
    public var httpClientConventions: HTTPConventions { instrumentation.httpClient }

    /// Starts the span of a request before it is sent; inject ``HTTPClientSpan/context`` into its headers.
    ///
    /// - Parameters:
    ///   - conventions: settings of the span; by default those of the system, ``Tracer/httpClientConventions``.
    ///   - metrics: record the request, whether its span is sampled or not; the measured duration is that of the span.
    public func startHTTPClientSpan(
        _ request: HTTPClientRequest, parent: Context = .current, conventions: HTTPConventions? = nil,
        metrics: HTTPClientMetrics? = nil, startTime: Timestamp? = nil
    ) -> HTTPClientSpan {
        let conventions = conventions ?? httpClientConventions
        let common = metrics?.common(of: request, conventions)
        let span = startSpan(
            common?.series.spanName ?? request.spanName(conventions), kind: .client, parent: parent, startTime: startTime,
            request.attributes(conventions)
        ) { request.write(common, to: $0, conventions) }
        let context = parent.with(span: span)
        guard let metrics, let common else { return HTTPClientSpan(HTTPClientExchange(span, context, conventions)) }
        let start = span.recordedStart ?? clock.spanStart(below: parent.node, at: startTime)
        return HTTPClientSpan(
            HTTPClientExchange(
                span, context, conventions, metrics, common.series, ExchangeClock(start: start, clock: clock),
                requestBodySize: metrics.requestLength(request)))
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
        _ request: HTTPClientRequest, parent: Context = .current, conventions: HTTPConventions? = nil,
        metrics: HTTPClientMetrics? = nil, statusCode: (Response) -> Int,
        _ operation: nonisolated(nonsending) (HTTPClientSpan) async throws(Failure) -> Response
    ) async throws(Failure) -> Response {
        let client = startHTTPClientSpan(request, parent: parent, conventions: conventions, metrics: metrics)
        do throws(Failure) {
            let response = try await client.context.run { () async throws(Failure) in try await operation(client) }
            client.finish(statusCode: statusCode(response))
            return response
        } catch {
            client.finish(statusCode: nil, error: error)
            throw error
        }
    }
}
