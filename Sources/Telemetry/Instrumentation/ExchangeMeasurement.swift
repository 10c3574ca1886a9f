// The state of one measured exchange: an HTTP request or a database operation.

/// The measurement of one exchange from start to end, whether its span is sampled or not.
final class ExchangeMeasurement<Request: Sendable>: Sendable {
    /// The properties of the exchange known so far.
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
    /// The counter of active requests, if enabled, with the attributes for both increment and decrement.
    private let active: (counter: UpDownCounter<Int>, attributes: Attributes)?

    /// - Parameters:
    ///   - start: the start of the exchange's span, whether it is recorded or not.
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
        // An exchange that was not finished is no longer active either.
        if !state.withLock({ $0.isFinished }) { decrementActive() }
    }

    /// The current time by the anchor of the span, so that the durations of span and measurement agree even if the wall clock of
    /// the host is set meanwhile.
    var now: Timestamp {
        Timestamp(nanosecondsSinceEpoch: max(start.nanoseconds, start.anchor.wallNanoseconds(clock.recordingNanoseconds())))
    }

    /// The attributes that the start was counted with.
    var activeAttributes: Attributes? { active?.attributes }

    func update(_ change: (inout Progress) -> Void) {
        state.withLock { change(&$0.progress) }
    }

    /// Ends the exchange; returns its properties and duration, or nil if it has ended before.
    func finish(at end: Timestamp) -> (progress: Progress, duration: Duration)? {
        let progress = state.withLock { state -> Progress? in
            defer { state.isFinished = true }
            return state.isFinished ? nil : state.progress
        }
        guard let progress else { return nil }
        decrementActive()
        return (progress, end.duration(since: Timestamp(nanosecondsSinceEpoch: start.nanoseconds)))
    }

    private func decrementActive() {
        if let active { active.counter.add(-1, active.attributes) }
    }
}

extension TraceSpan {
    /// The start of a recorded span, with the anchor of its times.
    var recordedStart: SpanStart? {
        recorder?.start
    }

    /// The end of a recorded span that has ended.
    var recordedEnd: Timestamp? {
        recorder?.read { $0.isEnded ? Timestamp(nanosecondsSinceEpoch: $0.endNanoseconds) : nil } ?? nil
    }
}
