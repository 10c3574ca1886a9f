// The sampler `.rateLimited`.

import Synchronization

/// Keeps a number of spans a second at most, whichever come first, and a burst of them after a pause.
///
/// Decides on every span by itself: write `.parentBased(.rateLimited(100))` to keep traces whole and count their roots alone. Nobody knows how many spans one stands
/// for that a rate has kept, so that it writes no threshold to the trace state, and removes that of the parent's sampler, which would be wrong from then on.
/// (Specification: trace state handling, "Sampling threshold value".)
public final class RateLimitedSampler: Sampler, CheckedSettings {
    /// The spans of a second that are kept.
    public let spansPerSecond: Double
    /// The spans that are kept at once after a pause.
    public let burst: Double
    private let clock: TelemetryClock
    /// Nanoseconds between two spans at the rate; `UInt64.max` for a rate of zero.
    private let interval: UInt64
    /// How far the spans that were kept may be ahead of the rate, in nanoseconds.
    private let tolerance: UInt64
    /// When the next span is due at the rate. (Generic cell rate algorithm.) Relaxed: it guards nothing else.
    private let dueTime: Atomic<UInt64>

    private static let highestRate = 1e9

    /// - Parameters:
    ///   - spansPerSecond: zero or more; the start of telemetry throws for another.
    ///   - burst: one or more; by default the spans of a second, at least one.
    public convenience init(_ spansPerSecond: Double, burst: Double? = nil) {
        self.init(spansPerSecond, burst: burst, clock: .system)
    }

    init(_ spansPerSecond: Double, burst: Double?, clock: TelemetryClock) {
        self.spansPerSecond = spansPerSecond
        self.clock = clock
        // Whatever cannot be used keeps everything, or the least burst; it is reported.
        let rate = spansPerSecond.isNaN ? Self.highestRate : min(max(spansPerSecond, 0), Self.highestRate)
        self.burst = burst ?? max(1, rate)
        let room = self.burst.isNaN ? 1 : min(max(self.burst, 1), Self.highestRate)
        interval = rate > 0 ? UInt64(min(1e18, 1e9 / rate)) : .max
        tolerance = rate > 0 ? UInt64(min(1e18, (room - 1) * 1e9 / rate)) : 0
        dueTime = Atomic(0)
    }

    public func decision(for request: borrowing SamplingRequest) -> SamplingDecision {
        let parent = request.parent.spanContext.traceState
        guard !parent.isEmpty else { return SamplingDecision(isAdmitted() ? .recordAndSample : .drop, traceState: parent) }
        var state = OpenTelemetryTraceState(parent)
        state.threshold = nil
        return SamplingDecision(isAdmitted() ? .recordAndSample : .drop, traceState: state.written(to: parent))
    }

    /// Counts a span if the rate admits it.
    private func isAdmitted() -> Bool {
        guard interval != .max else { return false }
        let now = clock.monotonicNanoseconds()
        var due = dueTime.load(ordering: .relaxed)
        while true {
            let start = max(due, now)
            guard start - now <= tolerance else { return false }
            let (exchanged, original) = dueTime.weakCompareExchange(expected: due, desired: start + interval, ordering: .relaxed)
            if exchanged { return true }
            due = original
        }
    }

    var problem: ConfigurationError? {
        if !(spansPerSecond >= 0 && spansPerSecond <= Self.highestRate) {
            return ConfigurationError(
                setting: "rateLimited", value: "\(spansPerSecond)", expected: "spans a second from 0 to 1000000000, as 100")
        }
        guard !(burst >= 1 && burst <= Self.highestRate) else { return nil }
        return ConfigurationError(setting: "burst", value: "\(burst)", expected: "spans from 1 to 1000000000, as 100")
    }

    public var description: String { "RateLimited{\(spansPerSecond)/s,\(burst)}" }
}

extension Sampler where Self == RateLimitedSampler {
    /// Keeps so many spans a second at most, and a burst of them after a pause.
    public static func rateLimited(_ spansPerSecond: Double, burst: Double? = nil) -> Self {
        RateLimitedSampler(spansPerSecond, burst: burst)
    }
}
