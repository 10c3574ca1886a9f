// The metrics of calls of remote procedures.

/// The metrics of a program that makes or answers calls of remote procedures, after the semantic conventions for RPC.
///
/// Made once, and given along with each call that gets a span; sampled or not, every call counts. (Semantic conventions: RPC metrics.)
public struct RPCMetrics: Sendable {
    /// The advised boundaries, in seconds.
    static let durationBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

    private let client: Histogram<Double>
    private let server: Histogram<Double>

    /// - Parameter meter: that of the library that makes or answers the calls.
    public init(_ meter: Meter) {
        client = meter.histogram(
            SemanticMetrics.RPC.clientCallDuration, unit: "s",
            description: "Measures the duration of an outgoing Remote Procedure Call (RPC).",
            boundaries: Self.durationBoundaries)
        server = meter.histogram(
            SemanticMetrics.RPC.serverCallDuration, unit: "s",
            description: "Measures the duration of an incoming Remote Procedure Call (RPC).",
            boundaries: Self.durationBoundaries)
    }

    /// Records a call that was made without a span of this library.
    ///
    /// - Parameters:
    ///   - duration: as the caller saw it; that of the span, if another library made one.
    ///   - statusCode: what the call ended with. Without one a call of gRPC has ended with `OK`, `CANCELLED` or `UNKNOWN`, by the error.
    ///   - error: what kept the call from being answered.
    ///   - context: the context for exemplars; by default the current context.
    public func recordClientCall(
        _ call: RPCCall, duration: Duration, statusCode: String? = nil, error: (any Error)? = nil, context: Context? = nil
    ) {
        let outcome = RPCOutcome(statusCode: statusCode, error: error, of: call.system, ofServer: false)
        record(call, ofServer: false, outcome, seconds: duration.inSeconds, context)
    }

    /// Records a call that was answered without a span of this library.
    ///
    /// - Parameters:
    ///   - duration: until the answer was sent; that of the span, if another library made one.
    ///   - statusCode: what the call was answered with. Without one a call of gRPC has ended with `OK`, `CANCELLED` or `UNKNOWN`, by the error.
    ///   - error: what kept the call from being answered.
    ///   - context: the context for exemplars; by default the current context.
    public func recordServerCall(
        _ call: RPCCall, duration: Duration, statusCode: String? = nil, error: (any Error)? = nil, context: Context? = nil
    ) {
        let outcome = RPCOutcome(statusCode: statusCode, error: error, of: call.system, ofServer: true)
        record(call, ofServer: true, outcome, seconds: duration.inSeconds, context)
    }
}

extension RPCMetrics {
    /// Begins to measure a call; nil if nothing is recorded of it.
    func measurement(ofServer isServer: Bool, start: @autoclosure () -> SpanStart, clock: TelemetryClock) -> ExchangeMeasurement? {
        guard isServer ? server.isEnabled : client.isEnabled else { return nil }
        return ExchangeMeasurement(start: start(), clock: clock)
    }

    /// Records a call that has ended.
    func record(_ call: RPCCall, ofServer isServer: Bool, _ outcome: RPCOutcome, seconds: Double, _ context: Context?) {
        var attributes = call.metricAttributes(ofServer: isServer)
        attributes[SemanticAttributes.RPC.statusCode] = outcome.statusCode.map { .string($0) }
        attributes[SemanticAttributes.Error.type] = outcome.errorType.map { .string($0) }
        (isServer ? server : client).record(seconds, attributes, context: context)
    }
}
