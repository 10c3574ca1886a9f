// The delays between attempts to send.

/// How long an exporter waits before it sends again: exponentially longer, with jitter. (OTLP: "All Retryable Errors".)
public struct RetryPolicy: Sendable, Hashable {
    public var initialDelay: Duration
    public var maximumDelay: Duration
    public var multiplier: Double
    /// How long a request may be retried before that is reported.
    var noticeDelay = Duration.seconds(10)

    public init(initialDelay: Duration = .milliseconds(250), maximumDelay: Duration = .seconds(5), multiplier: Double = 2) {
        precondition(initialDelay > .zero, "A first delay is positive.")
        precondition(maximumDelay >= initialDelay, "The longest delay is at least the first one.")
        precondition(multiplier >= 1, "A delay does not shrink.")
        self.initialDelay = initialDelay
        self.maximumDelay = maximumDelay
        self.multiplier = multiplier
    }

    /// The wait before attempt `attempt + 1`, where the first attempt is number 1.
    ///
    /// - Parameters:
    ///   - requested: the delay that the receiver asked for; a lower bound, to which some jitter is added.
    ///   - fraction: a random number from 0 to 1 that spreads many senders over the upper half of the delay.
    func delay(afterAttempt attempt: Int, requested: Duration?, fraction: Double) -> Duration {
        var seconds = initialDelay.seconds
        for _ in 1..<max(1, min(attempt, 64)) { seconds = min(seconds * multiplier, maximumDelay.seconds) }
        let spread = seconds * (0.5 + 0.5 * max(0, min(1, fraction)))
        guard let requested, requested > .zero else { return .seconds(spread) }
        return requested + .seconds(spread * 0.1)
    }
}

extension Duration {
    /// The duration in seconds, to the precision of a double.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
