// The delays between attempts to send.

/// How long an exporter waits before it sends again: exponentially longer, with jitter. (OTLP: "All Retryable Errors".)
public struct RetryPolicy: Sendable, Hashable {
    public var initialDelay: Duration
    public var maximumDelay: Duration
    public var multiplier: Double
    /// How long a request may be retried before that is reported.
    var noticeDelay = Duration.seconds(10)

    public init(initialDelay: Duration = .milliseconds(250), maximumDelay: Duration = .seconds(5), multiplier: Double = 2) {
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

extension RetryPolicy: CheckedSettings {
    var problem: ConfigurationError? {
        if initialDelay <= .zero {
            return ConfigurationError(setting: "retry.initialDelay", value: "\(initialDelay)", expected: "a duration above zero")
        }
        if maximumDelay < initialDelay {
            return ConfigurationError(
                setting: "retry.maximumDelay", value: "\(maximumDelay)", expected: "at least the first delay, \(initialDelay)")
        }
        // Not a number is refused too.
        guard multiplier >= 1 else {
            return ConfigurationError(
                setting: "retry.multiplier", value: "\(multiplier)", expected: "1 or more, as 2 to wait twice as long each time")
        }
        return nil
    }
}

extension Duration {
    /// The duration in seconds, to the precision of a double.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
