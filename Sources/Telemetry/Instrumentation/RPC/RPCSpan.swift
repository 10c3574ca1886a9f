// The spans of calls of remote procedures, and with them their part in the metrics.

/// The span of one call of a remote procedure, from its start to its status; streams are within it.
public struct RPCSpan: Sendable {
    /// The span itself, for attributes and events of your own.
    public let span: TraceSpan
    /// The context of the call with its span; a client injects it into the request's metadata.
    public let context: Context
    private let call: RPCCall
    private let isServer: Bool
    private let metrics: RPCMetrics?
    /// Nil if nothing is measured.
    private let measurement: ExchangeMeasurement?

    fileprivate init(
        _ span: TraceSpan, _ context: Context, _ call: RPCCall, isServer: Bool,
        _ metrics: RPCMetrics?, _ measurement: ExchangeMeasurement?
    ) {
        self.span = span
        self.context = context
        self.call = call
        self.isServer = isServer
        self.metrics = metrics
        self.measurement = measurement
    }

    /// Sets the address of the connection, once it is known: the server's for a client, the client's for a server.
    public func setPeer(address: String, port: Int? = nil) {
        guard span.isRecording else { return }
        span[SemanticAttributes.Network.peerAddress] = .string(address)
        span[SemanticAttributes.Network.peerPort] = port.map { AttributeValue($0) }
    }

    /// Ends the span and records the call in the metrics; only the first call has an effect. An explicit status is kept.
    ///
    /// - Parameters:
    ///   - statusCode: what the call ended with: the name of gRPC's status, Connect's code, JSON-RPC's `error.code`. Without one a call of gRPC
    ///     has ended with `OK`, `CANCELLED` or `UNKNOWN`, by the error.
    ///   - error: what kept the call from being answered. Cancelling on purpose is no failure, but of a client of gRPC, for which `CANCELLED` is one.
    ///   - responseMetadata: entries of the response's metadata to record, by their lower-case names.
    public func finish(statusCode: String? = nil, error: (any Error)? = nil, responseMetadata: [String: [String]] = [:]) {
        let outcome = RPCOutcome(statusCode: statusCode, error: error, of: call.system, ofServer: isServer)
        var attributes: Attributes = [:]
        attributes[SemanticAttributes.RPC.statusCode] = outcome.statusCode.map { .string($0) }
        attributes[SemanticAttributes.Error.type] = outcome.errorType.map { .string($0) }
        for (name, values) in responseMetadata { attributes[SemanticAttributes.RPC.responseMetadata(name)] = AttributeValue(values) }
        span.recordOutcome(attributes, outcome.status, error)
        guard let seconds = span.end(with: measurement) else { return }
        metrics?.record(call, ofServer: isServer, outcome, seconds: seconds, context)
    }
}

extension Tracer {
    /// Starts the span of a call before it is sent; end it with ``RPCSpan/finish(statusCode:error:responseMetadata:)``.
    ///
    /// - Parameter metrics: record the call, whether its span is sampled or not; the measured duration is that of the span.
    public func startRPCClientSpan(
        _ call: RPCCall, parent: Context = .current, metrics: RPCMetrics? = nil, startTime: Timestamp? = nil
    ) -> RPCSpan {
        startRPCSpan(call, isServer: false, parent, metrics, startTime)
    }

    /// Starts the span of a call that has arrived; end it with ``RPCSpan/finish(statusCode:error:responseMetadata:)``.
    ///
    /// - Parameters:
    ///   - parent: the context that was extracted from the request's metadata.
    ///   - metrics: record the call, whether its span is sampled or not; the measured duration is that of the span.
    public func startRPCServerSpan(_ call: RPCCall, parent: Context, metrics: RPCMetrics? = nil, startTime: Timestamp? = nil) -> RPCSpan {
        startRPCSpan(call, isServer: true, parent, metrics, startTime)
    }

    private func startRPCSpan(
        _ call: RPCCall, isServer: Bool, _ parent: Context, _ metrics: RPCMetrics?, _ startTime: Timestamp?
    ) -> RPCSpan {
        let span = startSpan(call.spanName, kind: isServer ? .server : .client, parent: parent, call.attributes, startTime: startTime)
        let measurement = metrics?.measurement(
            ofServer: isServer, start: span.recordedStart ?? clock.spanStart(below: parent.node, at: startTime), clock: clock)
        return RPCSpan(span, parent.with(span: span), call, isServer: isServer, metrics, measurement)
    }

    /// Makes a call inside its span: makes it current, records a thrown error, ends the span.
    ///
    /// ```swift
    /// let added = try await tracer.withRPCClientSpan(call, metrics: metrics, statusCode: { $0.code.name }) { calling in
    ///     telemetry.propagator.inject(calling.context, into: &request.metadata)
    ///     return try await cart.add(request)
    /// }
    /// ```
    ///
    /// A value that is returned may say that the call failed, as answers of JSON-RPC do: give its status to
    /// ``RPCSpan/finish(statusCode:error:responseMetadata:)`` in the closure.
    ///
    /// - Parameter statusCode: the status of a thrown error.
    public nonisolated(nonsending) func withRPCClientSpan<Result, Failure: Error>(
        _ call: RPCCall, parent: Context = .current, metrics: RPCMetrics? = nil, statusCode: (Failure) -> String? = { _ in nil },
        _ body: nonisolated(nonsending) (RPCSpan) async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await Self.run(body, in: startRPCClientSpan(call, parent: parent, metrics: metrics), statusCode)
    }

    /// Answers a call inside its span: makes it current, records a thrown error, ends the span.
    ///
    /// The status of an answer that is returned is given to ``RPCSpan/finish(statusCode:error:responseMetadata:)`` in the closure.
    ///
    /// - Parameters:
    ///   - parent: the context that was extracted from the request's metadata.
    ///   - statusCode: the status that a thrown error is answered with. One that is the client's fault, such as `NOT_FOUND`, is no failure here.
    public nonisolated(nonsending) func withRPCServerSpan<Result, Failure: Error>(
        _ call: RPCCall, parent: Context, metrics: RPCMetrics? = nil, statusCode: (Failure) -> String? = { _ in nil },
        _ body: nonisolated(nonsending) (RPCSpan) async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await Self.run(body, in: startRPCServerSpan(call, parent: parent, metrics: metrics), statusCode)
    }

    private nonisolated(nonsending) static func run<Result, Failure: Error>(
        _ body: nonisolated(nonsending) (RPCSpan) async throws(Failure) -> Result, in span: RPCSpan, _ statusCode: (Failure) -> String?
    ) async throws(Failure) -> Result {
        do throws(Failure) {
            let result = try await span.context.run { () async throws(Failure) in try await body(span) }
            span.finish()
            return result
        } catch {
            span.finish(statusCode: statusCode(error), error: error)
            throw error
        }
    }
}
