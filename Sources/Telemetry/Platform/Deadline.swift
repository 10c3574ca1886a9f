// Deadlines of exports, flushes and requests.

/// A point in monotonic time by which an operation has to be finished.
public struct Deadline: Sendable, Hashable, Comparable {
    /// Nanoseconds on the system's monotonic clock; `UInt64.max` never comes.
    package let nanoseconds: UInt64

    package init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// A deadline that never comes.
    public static let never = Deadline(nanoseconds: .max)

    /// A deadline that many seconds from now; a negative duration has already passed.
    public static func after(_ duration: Duration) -> Deadline {
        Deadline(nanoseconds: SystemClock.monotonicNanoseconds()).advanced(by: duration)
    }

    /// The same deadline, later (or earlier) by a duration; saturates at both ends.
    public func advanced(by duration: Duration) -> Deadline {
        guard self != .never else { return self }
        let delta = duration.saturatedNanoseconds
        if delta < 0 {
            return Deadline(nanoseconds: nanoseconds > delta.magnitude ? nanoseconds - delta.magnitude : 0)
        }
        let (sum, overflow) = nanoseconds.addingReportingOverflow(UInt64(delta))
        return overflow ? .never : Deadline(nanoseconds: sum)
    }

    /// Time left on the system's monotonic clock, `.zero` once the deadline has passed.
    public var remaining: Duration {
        guard self != .never else { return .nanoseconds(Int64.max) }
        let now = SystemClock.monotonicNanoseconds()
        return nanoseconds > now ? .nanoseconds(Int64(clamping: nanoseconds - now)) : .zero
    }

    /// Whether the deadline has passed on the system's monotonic clock.
    public var hasPassed: Bool {
        self != .never && SystemClock.monotonicNanoseconds() >= nanoseconds
    }

    public static func < (left: Deadline, right: Deadline) -> Bool { left.nanoseconds < right.nanoseconds }
}

extension Duration {
    /// The whole duration in nanoseconds, held at the ends of `Int64` (about 292 years).
    var saturatedNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, carried) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        guard !carried else { return seconds < 0 ? .min : .max }
        return sum
    }
}
