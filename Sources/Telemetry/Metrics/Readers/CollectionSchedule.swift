// When a reader collects: at equal intervals, however long exporting takes.

/// The times at which collections are due: equally far apart, and those left out that exporting took too long for.
struct CollectionSchedule: Sendable {
    private let interval: UInt64
    /// When the next one is due, on the monotonic clock; `UInt64.max` never comes.
    private(set) var due: UInt64

    /// Begins one interval after the time given.
    init(every interval: Duration, from now: UInt64) {
        // An interval of nothing would keep a processor busy doing nothing.
        self.interval = UInt64(max(1_000_000, interval.saturatedNanoseconds))
        due = Self.sum(now, self.interval)
    }

    func isDue(at now: UInt64) -> Bool { now >= due }

    /// Goes on to the first time that is yet to come; returns how many were missed.
    mutating func advance(at now: UInt64) -> UInt64 {
        guard isDue(at: now) else { return 0 }
        let missed = (now - due) / interval
        // No overflow: it does not exceed the time that has passed since then.
        due = Self.sum(due + missed * interval, interval)
        return missed
    }

    private static func sum(_ time: UInt64, _ interval: UInt64) -> UInt64 {
        let (sum, overflow) = time.addingReportingOverflow(interval)
        return overflow ? .max : sum
    }
}
