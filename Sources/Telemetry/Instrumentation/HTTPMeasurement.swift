// What is measured of one HTTP exchange while it lasts.

import Synchronization

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

    private let state: Mutex<State>
    private let clock: TelemetryClock
    private let startTime: Timestamp
    private let monotonicStart: UInt64
    /// Where the exchange counts as active, if that is wanted, and with which attributes: the same when it begins and when it ends.
    private let active: (counter: UpDownCounter<Int>, attributes: Attributes)?

    /// - Parameters:
    ///   - startTime: when the exchange began, if that was before now.
    init(
        _ request: Request, startTime: Timestamp?, clock: TelemetryClock,
        active: (counter: UpDownCounter<Int>, attributes: Attributes)?
    ) {
        state = Mutex(State(progress: Progress(request: request)))
        self.clock = clock
        self.active = active
        let now = clock.now
        // An exchange that began earlier has lasted for a while already.
        let passed = max(0, startTime.map { now.duration(since: $0).saturatedNanoseconds } ?? 0)
        self.startTime = startTime ?? now
        monotonicStart = clock.monotonicNanoseconds() &- UInt64(passed)
        if let active { active.counter.add(1, active.attributes) }
    }

    deinit {
        // One that nobody ended is over all the same.
        if !state.withLock({ $0.isFinished }) { leave() }
    }

    /// The time at which a span of the exchange starts and ends that is to last as long as the measurement: the clock of the host may be
    /// set meanwhile, the time that has passed is not changed by that.
    var start: Timestamp { startTime }
    var now: Timestamp { startTime.advanced(by: elapsed) }

    private var elapsed: Duration {
        .nanoseconds(Int64(truncatingIfNeeded: clock.monotonicNanoseconds() &- monotonicStart))
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
        return (progress, end.duration(since: startTime))
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
    /// In seconds, never below zero: what was measured with a clock that was set back has taken no time.
    fileprivate var inSeconds: Double {
        let (seconds, attoseconds) = components
        return max(0, Double(seconds) + Double(attoseconds) / 1e18)
    }
}

extension TraceSpan {
    /// When a span ended that is recorded and has ended.
    var recordedEnd: Timestamp? {
        recorder?.read { $0.isEnded ? Timestamp(nanosecondsSinceEpoch: $0.endNanoseconds) : nil } ?? nil
    }
}
