// Times of spans, metrics and log records.

/// A point in time: whole nanoseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Nanoseconds since 1970-01-01T00:00:00Z; reaches to the year 2554.
    public let nanosecondsSinceEpoch: UInt64

    public init(nanosecondsSinceEpoch: UInt64) {
        self.nanosecondsSinceEpoch = nanosecondsSinceEpoch
    }

    /// Takes seconds since 1970-01-01T00:00:00Z, as `Date.timeIntervalSince1970` of Foundation; saturates at the ends of the range.
    public init(secondsSinceEpoch seconds: Double) {
        guard seconds > 0 else {
            nanosecondsSinceEpoch = 0
            return
        }
        // Apart, since the product of all of it has steps of 256 nanoseconds.
        let whole = seconds.rounded(.down)
        guard whole < 0x1p64 / 1e9 else {
            nanosecondsSinceEpoch = .max
            return
        }
        let (sum, isOverflow) = (UInt64(whole) * 1_000_000_000).addingReportingOverflow(UInt64((seconds - whole) * 1e9))
        nanosecondsSinceEpoch = isOverflow ? .max : sum
    }

    /// Seconds since 1970-01-01T00:00:00Z, for `Date(timeIntervalSince1970:)` of Foundation.
    ///
    /// Exact to a quarter of a microsecond until the year 2106, and to one microsecond until 2514.
    public var secondsSinceEpoch: Double {
        // Apart, since a number of all nanoseconds is rounded twice.
        Double(nanosecondsSinceEpoch / 1_000_000_000) + Double(nanosecondsSinceEpoch % 1_000_000_000) / 1e9
    }

    /// The host's present time.
    public static var now: Timestamp { Timestamp(nanosecondsSinceEpoch: SystemClock.wallNanoseconds()) }

    /// Returns the time later by a duration, or earlier if it is negative; saturates at the ends of the range.
    public func advanced(by duration: Duration) -> Timestamp {
        let delta = duration.saturatedNanoseconds
        if delta < 0 {
            let earlier = nanosecondsSinceEpoch > delta.magnitude ? nanosecondsSinceEpoch - delta.magnitude : 0
            return Timestamp(nanosecondsSinceEpoch: earlier)
        }
        let (later, overflow) = nanosecondsSinceEpoch.addingReportingOverflow(UInt64(delta))
        return Timestamp(nanosecondsSinceEpoch: overflow ? .max : later)
    }

    /// Returns the duration from another time to this one; negative if the other is later.
    public func duration(since other: Timestamp) -> Duration {
        if nanosecondsSinceEpoch >= other.nanosecondsSinceEpoch {
            return .nanoseconds(Int64(clamping: nanosecondsSinceEpoch - other.nanosecondsSinceEpoch))
        }
        return .nanoseconds(-Int64(clamping: other.nanosecondsSinceEpoch - nanosecondsSinceEpoch))
    }

    /// As ``advanced(by:)``.
    public static func + (time: Timestamp, duration: Duration) -> Timestamp { time.advanced(by: duration) }

    /// Returns the time earlier by a duration, or later if it is negative; saturates at the ends of the range.
    public static func - (time: Timestamp, duration: Duration) -> Timestamp {
        let delta = duration.saturatedNanoseconds
        return time.advanced(by: .nanoseconds(delta == .min ? .max : -delta))
    }

    /// As ``duration(since:)``.
    public static func - (left: Timestamp, right: Timestamp) -> Duration { left.duration(since: right) }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.nanosecondsSinceEpoch < right.nanosecondsSinceEpoch
    }
}

extension Timestamp: CustomStringConvertible {
    /// Text such as `2026-11-21T04:06:00.000250000Z`.
    public var description: String {
        let date = CivilDate(secondsSinceEpoch: Int(nanosecondsSinceEpoch / 1_000_000_000)).iso8601
        let fraction = String(nanosecondsSinceEpoch % 1_000_000_000)
        return "\(date.dropLast()).\(String(repeating: "0", count: 9 - fraction.count))\(fraction)Z"
    }
}
