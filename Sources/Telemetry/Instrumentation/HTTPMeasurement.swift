// What is measured of one HTTP exchange while it lasts.

/// What is measured of one HTTP exchange, from its start to its end, whether its span is kept or not.
final class HTTPMeasurement<Request: Sendable>: Sendable {
    /// What is known of the exchange so far.
    struct Progress: Sendable {
        var request: Request
        var requestBodySize: Int?
        var responseBodySize: Int?
    }

    private struct State {
        var progress: Progress
        var isFinished = false
    }

    private let state: Locked<State>
    private let clock: TelemetryClock
    private let start: SpanStart
    /// Where the exchange counts as active, if that is wanted, and with which attributes: the same when it begins and when it ends.
    private let active: (counter: UpDownCounter<Int>, attributes: Attributes)?

    /// - Parameters:
    ///   - start: when the exchange began: the start of its span, whether that is recorded or not.
    init(
        _ request: Request, start: SpanStart, clock: TelemetryClock, active: (counter: UpDownCounter<Int>, attributes: Attributes)?
    ) {
        state = Locked(State(progress: Progress(request: request)))
        self.clock = clock
        self.active = active
        self.start = start
        if let active { active.counter.add(1, active.attributes) }
    }

    deinit {
        // One that nobody ended is over all the same.
        if !state.withLock({ $0.isFinished }) { leave() }
    }

    /// The present, as the times of the span of the exchange are made: the span lasts as long as the measurement, though the wall clock of
    /// the host may be set meanwhile.
    var now: Timestamp {
        Timestamp(nanosecondsSinceEpoch: max(start.nanoseconds, start.anchor.wallNanoseconds(clock.monotonicNanoseconds())))
    }

    func update(_ change: (inout Progress) -> Void) {
        state.withLock { change(&$0.progress) }
    }

    /// What is known at the end, and how long it took; nil when it had ended before.
    func finish(at end: Timestamp) -> (progress: Progress, duration: Duration)? {
        let progress = state.withLock { state -> Progress? in
            defer { state.isFinished = true }
            return state.isFinished ? nil : state.progress
        }
        guard let progress else { return nil }
        leave()
        return (progress, end.duration(since: Timestamp(nanosecondsSinceEpoch: start.nanoseconds)))
    }

    private func leave() {
        if let active { active.counter.add(-1, active.attributes) }
    }
}

/// The instruments for exchanges of one side: the duration always, the others where they are wanted.
struct HTTPInstruments: Sendable {
    /// The advised boundaries, in seconds. (Semantic conventions: HTTP metrics.)
    static let durationBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

    let duration: Histogram<Double>
    var activeRequests: UpDownCounter<Int>?
    var requestBodySize: Histogram<Int>?
    var responseBodySize: Histogram<Int>?

    /// - Parameters:
    ///   - side: `server` or `client`.
    ///   - activeDescription: what the conventions say about requests under way; nil leaves their number out.
    init(_ meter: Meter, side: String, activeDescription: String?, hasRequestBodySize: Bool, hasResponseBodySize: Bool) {
        duration = meter.histogram(
            "http.\(side).request.duration", unit: "s", description: "Duration of HTTP \(side) requests.",
            boundaries: Self.durationBoundaries)
        if let activeDescription {
            activeRequests = meter.upDownCounter(
                "http.\(side).active_requests", unit: "{request}", description: activeDescription)
        }
        if hasRequestBodySize {
            requestBodySize = meter.histogram(
                "http.\(side).request.body.size", of: Int.self, unit: "By", description: "Size of HTTP \(side) request bodies.")
        }
        if hasResponseBodySize {
            responseBodySize = meter.histogram(
                "http.\(side).response.body.size", of: Int.self, unit: "By", description: "Size of HTTP \(side) response bodies.")
        }
    }

    /// Whether anything is kept of what is measured.
    var isEnabled: Bool {
        duration.isEnabled || activeRequests?.isEnabled == true || requestBodySize?.isEnabled == true || responseBodySize?.isEnabled == true
    }

    /// - Parameter bodyAttributes: those of the sizes, where they differ from those of the duration.
    func record(
        _ duration: Duration, requestBodySize: Int?, responseBodySize: Int?, _ attributes: Attributes, bodyAttributes: Attributes? = nil,
        _ context: Context?
    ) {
        self.duration.record(duration.inSeconds, attributes, context: context)
        if let requestBodySize { self.requestBodySize?.record(requestBodySize, bodyAttributes ?? attributes, context: context) }
        if let responseBodySize { self.responseBodySize?.record(responseBodySize, bodyAttributes ?? attributes, context: context) }
    }
}

extension Duration {
    /// In seconds, never below zero: an exchange whose span was ended at a time before its start has taken no time.
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return max(0, Double(seconds) + Double(attoseconds) / 1e18)
    }
}

extension TraceSpan {
    /// When a span started that is recorded, and what its other times are made with.
    var recordedStart: SpanStart? {
        recorder.map { recorder in SpanStart(nanoseconds: recorder.read { $0.startNanoseconds }, anchor: recorder.anchor) }
    }

    /// When a span ended that is recorded and has ended.
    var recordedEnd: Timestamp? {
        recorder?.read { $0.isEnded ? Timestamp(nanosecondsSinceEpoch: $0.endNanoseconds) : nil } ?? nil
    }
}
