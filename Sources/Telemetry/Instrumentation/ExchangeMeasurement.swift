// The state of one measured exchange: an HTTP request or a database operation.

import Synchronization

/// The clock of an exchange, by the anchor of its span: the durations of span and measurement agree even if the wall clock of the host is set
/// meanwhile.
struct ExchangeClock: Sendable {
    /// The start of the exchange's span, whether it is recorded or not.
    let start: SpanStart
    let clock: TelemetryClock

    var now: Timestamp {
        Timestamp(nanosecondsSinceEpoch: max(start.nanoseconds, start.anchor.wallNanoseconds(clock.recordingNanoseconds())))
    }

    /// Returns the duration up to an end.
    func seconds(until end: Timestamp) -> Double {
        // Of whole nanoseconds: a `Duration` has attoseconds, in 128 bits, which take 400 instructions to make and to divide.
        Double(max(end.nanosecondsSinceEpoch, start.nanoseconds) - start.nanoseconds) / 1e9
    }
}

/// The measurement of one exchange from start to end, whether its span is sampled or not.
final class ExchangeMeasurement: Sendable {
    /// The properties of the exchange that became known after its start.
    struct Progress: Sendable {
        var protocolVersion: String?
        var requestBodySize: Int?
        var responseBodySize: Int?
    }

    private let progress = Locked(Progress())
    /// Relaxed: it decides which call ends the exchange, and guards nothing else.
    private let isFinished = Atomic(false)
    private let clock: ExchangeClock
    /// The counter of active requests, if enabled, with the attributes for both increment and decrement.
    private let active: (counter: UpDownCounter<Int>, attributes: Attributes)?
    /// The context of both, which may add attributes.
    private let context: Context

    /// - Parameters:
    ///   - start: the start of the exchange's span, whether it is recorded or not.
    ///   - context: the context of the exchange.
    init(
        start: SpanStart, clock: TelemetryClock, active: (counter: UpDownCounter<Int>, attributes: Attributes)? = nil,
        context: Context = .current
    ) {
        self.clock = ExchangeClock(start: start, clock: clock)
        self.active = active
        self.context = context
        if let active { active.counter.add(1, active.attributes, context: context) }
    }

    deinit {
        // An exchange that was not finished is no longer active either.
        if !isFinished.load(ordering: .relaxed) { decrementActive() }
    }

    /// The current time by the clock of the span.
    var now: Timestamp { clock.now }

    func update(_ change: (inout Progress) -> Void) {
        progress.withLock { change(&$0) }
    }

    /// Ends the exchange; returns its duration in seconds and what became known of it, or nil if it has ended before.
    func finish(at end: Timestamp) -> (progress: Progress, seconds: Double)? {
        guard !isFinished.exchange(true, ordering: .relaxed) else { return nil }
        decrementActive()
        return (progress.withLock { $0 }, clock.seconds(until: end))
    }

    private func decrementActive() {
        if let active { active.counter.add(-1, active.attributes, context: context) }
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
