// Times of exchanges: HTTP requests, database operations and messages.

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

/// The measurement of one operation from start to end, whether its span is sampled or not.
final class ExchangeMeasurement: Sendable {
    /// Relaxed: it decides which call ends the operation, and guards nothing else.
    private let isFinished = Atomic(false)
    private let clock: ExchangeClock

    /// - Parameter start: the start of the operation's span, whether it is recorded or not.
    init(start: SpanStart, clock: TelemetryClock) {
        self.clock = ExchangeClock(start: start, clock: clock)
    }

    /// The current time by the clock of the span.
    var now: Timestamp { clock.now }

    /// Ends the operation; returns its duration in seconds, or nil if it has ended before.
    func finish(at end: Timestamp) -> Double? {
        isFinished.exchange(true, ordering: .relaxed) ? nil : clock.seconds(until: end)
    }
}

extension TraceSpan {
    /// The start of a recorded span, with the anchor of its times.
    var recordedStart: SpanStart? {
        recorder?.start
    }

    /// Ends the span and the measurement of its operation; returns the duration in seconds, or nil if it is not measured or has ended before.
    func end(with measurement: ExchangeMeasurement?) -> Double? {
        let end = measurement?.now
        let recorded = finish(at: end)
        guard let measurement, let end else { return nil }
        return measurement.finish(at: recorded ?? end)
    }
}
