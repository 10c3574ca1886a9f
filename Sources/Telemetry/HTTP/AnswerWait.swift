// When a request without an answer is given up.

/// The wait for one answer: until a deadline, and no longer than a time without progress.
///
/// Progress is bytes of the request that the socket has accepted, and bytes of the answer.
struct AnswerWait {
    private let deadline: Deadline
    /// How long there may be no progress; nil for no limit but the deadline.
    let silence: Duration?
    private var latest: UInt64
    private var longest: UInt64 = 0

    init(until deadline: Deadline, silence: Duration? = nil, now: UInt64 = SystemClock.monotonicNanoseconds()) {
        self.deadline = deadline
        self.silence = silence
        latest = now
    }

    /// When the receiver is left.
    var limit: Deadline {
        guard let silence else { return deadline }
        return min(deadline, Deadline(nanoseconds: latest).advanced(by: silence))
    }

    /// True if the receiver is left because of its silence, before the deadline.
    var endsInSilence: Bool { silence != nil && limit < deadline }

    mutating func noteProgress(at now: UInt64 = SystemClock.monotonicNanoseconds()) {
        longest = max(longest, now &- latest)
        latest = now
    }

    /// The longest time without progress.
    var longestSilence: Duration { .nanoseconds(Int64(clamping: longest)) }
}
