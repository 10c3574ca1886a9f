// The state of a request that a server answers: its span, and what its metrics will record.

/// All that the span of a request refers to.
///
/// One object for span and measurement, since the handle is copied several times for each request, and each object costs 300 instructions.
final class HTTPServerExchange: Sendable {
    let span: TraceSpan
    let context: Context
    let method: String
    let conventions: HTTPConventions
    let clock: ExchangeClock
    private let metrics: HTTPServerMetrics?
    /// The series that the request belongs to unless its route is set later; nil if nothing is measured.
    private let series: HTTPServerSeries?
    /// Nil unless the metrics record it.
    private let authority: HTTPAuthority?
    private let state: HTTPExchangeState

    init(
        _ span: TraceSpan, _ context: Context, method: String, _ conventions: HTTPConventions, _ clock: ExchangeClock,
        _ metrics: HTTPServerMetrics?, _ series: HTTPServerSeries?, _ authority: HTTPAuthority?, requestBodySize: Int?
    ) {
        self.span = span
        self.context = context
        self.method = method
        self.conventions = conventions
        self.clock = clock
        self.metrics = metrics
        self.series = series
        self.authority = authority
        state = HTTPExchangeState(requestBodySize: requestBodySize)
        if let series { metrics?.countActive(1, series, authority, context) }
    }

    deinit {
        // A request that was not finished is no longer active either.
        if let series, !state.isFinished { metrics?.countActive(-1, series, authority, context) }
    }

    /// Whether metrics record the request.
    var isMeasured: Bool { series != nil }

    func setRoute(_ route: String) {
        if isMeasured { state.set { $0.route = route } }
    }

    func setBodySizes(request: Int?, response: Int?) {
        if isMeasured { state.setBodySizes(request: request, response: response) }
    }

    /// Records the request in the metrics; only the first call has an effect.
    func measure(_ outcome: HTTPOutcome, at end: Timestamp, _ responseHeaders: (_ name: String) -> [String]) {
        guard let metrics, let series, let values = state.finish() else { return }
        metrics.countActive(-1, series, authority, context)
        metrics.record(
            series, route: values.route, outcome, seconds: clock.seconds(until: end), requestBodySize: values.requestBodySize,
            responseBodySize: values.responseBodySize ?? metrics.responseLength(responseHeaders), authority, context)
    }
}
