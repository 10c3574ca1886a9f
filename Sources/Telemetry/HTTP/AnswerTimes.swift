// How soon a receiver that does not answer is left for another one.

/// Learns from the answers of equal receivers how long one of them may be silent while others are healthy.
struct AnswerEstimate: Sendable, Equatable {
    /// The limits of the time without an answer after which a receiver is left.
    static let limits: ClosedRange<Duration> = .milliseconds(500) ... .milliseconds(900)
    /// The receivers that are left so one after another: each may have taken the request. With no answer since, the next one is given all of its time.
    static let maximumDepartures = 3

    /// The slowest answer, which quicker ones let fade.
    private var slowest: Duration?
    /// The longest silence for which a receiver was left, which quicker answers let fade: it might have answered a little later.
    private var longestSilence = Duration.zero
    private var departures = 0

    /// The time without progress after which a receiver is left; nil if answers are so slow that silence means nothing.
    var silence: Duration? {
        guard departures < Self.maximumDepartures else { return nil }
        guard let slowest else { return Self.limits.upperBound }
        guard slowest * 2 <= Self.limits.upperBound else { return nil }
        return min(max(max(slowest, longestSilence) * 4, Self.limits.lowerBound), Self.limits.upperBound)
    }

    /// Takes the longest silence of an exchange that was answered.
    mutating func noteAnswer(after silence: Duration) {
        departures = 0
        slowest = slowest.map { Self.faded($0, to: silence) } ?? silence
        longestSilence = Self.faded(longestSilence, to: silence)
    }

    private static func faded(_ duration: Duration, to latest: Duration) -> Duration {
        duration > latest ? duration - (duration - latest) / 16 : latest
    }

    /// Takes that a receiver was left after a time without progress.
    mutating func noteDeparture(after silence: Duration) {
        departures = min(departures + 1, Self.maximumDepartures)
        longestSilence = max(longestSilence, silence)
    }
}

/// The estimate that all connections of an exporter share.
final class AnswerTimes: Sendable {
    private let estimate = Locked(AnswerEstimate())

    var silence: Duration? { estimate.withLock { $0.silence } }

    func noteAnswer(after silence: Duration) { estimate.withLock { $0.noteAnswer(after: silence) } }

    func noteDeparture(after silence: Duration) { estimate.withLock { $0.noteDeparture(after: silence) } }
}
