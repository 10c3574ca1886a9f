// The state of a request that a client sends: its span, and what its metrics will record.

/// All that the span of a request refers to.
///
/// One object for span and measurement, since the handle is copied several times for each request, and each object costs 300 instructions.
final class HTTPClientExchange: Sendable {
    /// What is kept of a request that metrics record.
    struct Measured: Sendable {
        let metrics: HTTPClientMetrics
        let series: HTTPClientSeries
        let clock: ExchangeClock
    }

    let span: TraceSpan
    let context: Context
    let conventions: HTTPConventions
    private let measured: Measured?
    private let state: HTTPExchangeState

    init(_ span: TraceSpan, _ context: Context, _ conventions: HTTPConventions, _ measured: Measured?, requestBodySize: Int?) {
        self.span = span
        self.context = context
        self.conventions = conventions
        self.measured = measured
        state = HTTPExchangeState(requestBodySize: requestBodySize)
        measured?.series.active?.add(1, context: context)
    }

    deinit {
        // A request that was not finished is no longer active either.
        if let measured, !state.isFinished { measured.series.active?.add(-1, context: context) }
    }

    /// The time by the clock of the span; nil if nothing is measured.
    var now: Timestamp? { measured?.clock.now }

    func setProtocolVersion(_ version: String) {
        if measured != nil { state.set { $0.protocolVersion = version } }
    }

    func setBodySizes(request: Int?, response: Int?) {
        guard measured != nil else { return }
        state.set { values in
            if let request { values.requestBodySize = request }
            if let response { values.responseBodySize = response }
        }
    }

    /// Records the request in the metrics; only the first call has an effect.
    func measure(_ outcome: HTTPOutcome, at end: Timestamp, _ responseHeaders: (_ name: String) -> [String]) {
        guard let measured, let values = state.finish() else { return }
        measured.series.active?.add(-1, context: context)
        measured.metrics.record(
            measured.series, protocolVersion: values.protocolVersion, outcome, seconds: measured.clock.seconds(until: end),
            requestBodySize: values.requestBodySize,
            responseBodySize: values.responseBodySize ?? measured.metrics.responseLength(responseHeaders), context)
    }
}
