// The state of a request that a server answers: its span, and what its metrics will record.

import Synchronization

/// All that the span of a request refers to.
///
/// One object for span and measurement, since the handle is copied several times for each request, and each object costs 300 instructions.
final class HTTPServerExchange: Sendable {
    /// What became known of the request after its start.
    private struct Progress {
        var route: String?
        var requestBodySize: Int?
        var responseBodySize: Int?
    }

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
    private let progress: Locked<Progress>
    /// Relaxed: whoever finishes the exchange and shall see what another thread has set is ordered behind it by other means.
    private let hasProgress: Atomic<Bool>
    /// Relaxed: it decides which call ends the exchange, and guards nothing else.
    private let isFinished = Atomic(false)

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
        progress = Locked(Progress(requestBodySize: requestBodySize))
        hasProgress = Atomic(requestBodySize != nil)
        if let series { metrics?.countActive(1, series, authority, context) }
    }

    deinit {
        // A request that was not finished is no longer active either.
        if let series, !isFinished.load(ordering: .relaxed) { metrics?.countActive(-1, series, authority, context) }
    }

    /// Whether metrics record the request.
    var isMeasured: Bool { series != nil }

    func setRoute(_ route: String) {
        guard isMeasured else { return }
        progress.withLock { $0.route = route }
        hasProgress.store(true, ordering: .relaxed)
    }

    func setBodySizes(request: Int?, response: Int?) {
        guard isMeasured else { return }
        progress.withLock { progress in
            if let request { progress.requestBodySize = request }
            if let response { progress.responseBodySize = response }
        }
        hasProgress.store(true, ordering: .relaxed)
    }

    /// Records the request in the metrics; only the first call has an effect.
    func measure(_ outcome: HTTPOutcome, at end: Timestamp, _ responseHeaders: (_ name: String) -> [String]) {
        guard let metrics, let series, !isFinished.exchange(true, ordering: .relaxed) else { return }
        metrics.countActive(-1, series, authority, context)
        let progress = hasProgress.load(ordering: .relaxed) ? progress.withLock { $0 } : Progress()
        metrics.record(
            series, route: progress.route, outcome, seconds: clock.seconds(until: end), requestBodySize: progress.requestBodySize,
            responseBodySize: progress.responseBodySize ?? metrics.responseLength(responseHeaders), authority, context)
    }
}
