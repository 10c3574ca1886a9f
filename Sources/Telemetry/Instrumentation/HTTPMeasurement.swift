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
