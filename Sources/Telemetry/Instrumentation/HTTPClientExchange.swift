// The state of a request that a client sends: its span, and what its metrics will record.

/// All that the span of a request refers to.
///
/// One object for span and measurement, since the handle is copied several times for each request, and each object costs 300 instructions.
final class HTTPClientExchange: Sendable {
    let span: TraceSpan
    let context: Context
    let conventions: HTTPConventions
    /// The parts of the measurement are nil if nothing is measured.
    private let metrics: HTTPClientMetrics?
    private let series: HTTPClientSeries?
    let clock: ExchangeClock?
    private let state: HTTPExchangeState

    init(
        _ span: TraceSpan, _ context: Context, _ conventions: HTTPConventions, _ metrics: HTTPClientMetrics? = nil,
        _ series: HTTPClientSeries? = nil, _ clock: ExchangeClock? = nil, requestBodySize: Int? = nil
    ) {
        self.span = span
        self.context = context
        self.conventions = conventions
        self.metrics = metrics
        self.series = series
        self.clock = clock
        state = HTTPExchangeState(requestBodySize: requestBodySize)
        series?.active?.add(1, context: context)
    }

    deinit {
        // A request that was not finished is no longer active either.
        if let active = series?.active, !state.isFinished { active.add(-1, context: context) }
    }

    func setProtocolVersion(_ version: String) {
        if series != nil { state.set { $0.protocolVersion = version } }
    }

    func setBodySizes(request: Int?, response: Int?) {
        if series != nil { state.setBodySizes(request: request, response: response) }
    }

    /// Records the request in the metrics; only the first call has an effect.
    func measure(_ outcome: HTTPOutcome, at end: Timestamp, _ responseHeaders: (_ name: String) -> [String]) {
        guard let metrics, let series, let clock, let values = state.finish() else { return }
        series.active?.add(-1, context: context)
        metrics.record(
            series, protocolVersion: values.protocolVersion, outcome, seconds: clock.seconds(until: end),
            requestBodySize: values.requestBodySize, responseBodySize: values.responseBodySize ?? metrics.responseLength(responseHeaders),
            context)
    }
}
