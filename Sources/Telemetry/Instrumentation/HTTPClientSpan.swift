// The span of a request that a client sends, and with it the request's part in the metrics.

/// The span of one attempt of a request that a client sends, until the head of the response was read.
public struct HTTPClientSpan: Sendable {
    /// The span itself, for attributes and events of your own.
    public let span: TraceSpan
    private let conventions: HTTPConventions
    /// The context of the caller with the span of the request: it goes into the request's headers.
    public let context: Context
    private let measured: (metrics: HTTPClientMetrics, measurement: HTTPMeasurement<HTTPClientRequest>)?

    fileprivate init(
        _ span: TraceSpan, _ conventions: HTTPConventions, _ context: Context,
        _ measured: (metrics: HTTPClientMetrics, measurement: HTTPMeasurement<HTTPClientRequest>)?
    ) {
        self.span = span
        self.conventions = conventions
        self.context = context
        self.measured = measured
    }

    /// Tells to whom the request went, once the connection stands.
    public func setPeer(address: String, port: Int? = nil, protocolVersion: String? = nil) {
        if let protocolVersion { measured?.measurement.update { $0.request.protocolVersion = protocolVersion } }
        guard span.isRecording else { return }
        span["network.peer.address"] = .string(address)
        span["network.peer.port"] = port.map { AttributeValue($0) }
        span["network.protocol.version"] = HTTPConventions.protocolVersion(protocolVersion)
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
    ///   - error: what kept the answer from coming. Cancelling on purpose is no failure.
    ///   - responseHeaders: all values of a response header by its lower-case name; only those are read that the
    ///     conventions name.
    public func finish(
        statusCode: Int?, error: (any Error)? = nil, responseHeaders: (_ name: String) -> [String] = { _ in [] }
    ) {
        let outcome = HTTPOutcome.client(statusCode: statusCode, error: error)
        let end = measured?.measurement.now
        span.finish(outcome, error, conventions, at: end, responseHeaders)
        if let measured, let end {
            measured.metrics.finish(measured.measurement, outcome, at: span.recordedEnd ?? end, conventions, context, responseHeaders)
        }
    }
}

extension Tracer {
    /// Starts the span of a request before it is sent; inject ``HTTPClientSpan/context`` into its headers.
    ///
    /// - Parameter metrics: where the request counts, whether its span is kept or not; the duration measured is that of the span.
    public func startHTTPClientSpan(
        _ request: HTTPClientRequest, parent: Context = .current, conventions: HTTPConventions = .standard,
        metrics: HTTPClientMetrics? = nil, startTime: Timestamp? = nil
    ) -> HTTPClientSpan {
        let span = startSpan(
            request.spanName(conventions), kind: .client, parent: parent, request.attributes(conventions),
            startTime: startTime)
        let measurement = metrics?.measurement(
            of: request, conventions, start: span.recordedStart ?? clock.spanStart(below: parent.node, at: startTime),
            clock: clock)
        let measured = metrics.flatMap { metrics in measurement.map { (metrics, $0) } }
        return HTTPClientSpan(span, conventions, parent.with(span: span), measured)
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
