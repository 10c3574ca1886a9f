// The choices for times in lines of JSON.

/// The notation of a time.
public enum JSONLineTime: Sendable, Hashable {
    /// Text as `2026-11-21T04:06:00.123456789Z`, with up to nine digits after the seconds.
    case rfc3339(fractionDigits: Int = 9)
    /// A number of seconds since 1970, with up to nine digits after the point.
    case secondsSinceEpoch(fractionDigits: Int = 0)
    /// A whole number of milliseconds since 1970.
    case millisecondsSinceEpoch
    /// A whole number of nanoseconds since 1970; more digits than many readers keep.
    case nanosecondsSinceEpoch
}
