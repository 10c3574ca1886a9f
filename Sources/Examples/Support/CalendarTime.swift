// Points in time as JSON and databases have them, those before 1970 included.

package import Telemetry

/// A point in time of the years 1 to 9999, in whole microseconds, as PostgreSQL has them.
package struct CalendarTime: Sendable, Hashable, Comparable {
    package let microsecondsSinceEpoch: Int

    package init(microsecondsSinceEpoch: Int) {
        self.microsecondsSinceEpoch = microsecondsSinceEpoch
    }

    package init(_ timestamp: Timestamp) {
        self.init(microsecondsSinceEpoch: Int(timestamp.nanosecondsSinceEpoch / 1000))
    }

    /// Reads `1969-07-20T20:17:40.5Z`, with an offset instead of the Z, and with a space instead of the T. (RFC 3339, section 5.6.)
    ///
    /// - Parameter requiresZone: false reads texts without a zone too, which are in UTC, and without seconds: `1969-07-20T20:17`.
    package init?(_ text: String, requiresZone: Bool = true) {
        var reader = CalendarTimeReader(text)
        guard let time = reader.microseconds(requiresZone: requiresZone) else { return nil }
        microsecondsSinceEpoch = time
    }

    package func advanced(by duration: Duration) -> CalendarTime {
        let (seconds, attoseconds) = duration.components
        return CalendarTime(
            microsecondsSinceEpoch: microsecondsSinceEpoch + Int(seconds) * 1_000_000 + Int(attoseconds / 1_000_000_000_000))
    }

    /// The time of day and date in UTC: `1969-07-20T20:17:40.5Z`, with as many digits of the fraction as there are.
    package var rfc3339: String {
        var digits = fraction
        while digits.last == "0" { digits.removeLast() }
        return whole + (digits.isEmpty ? "" : "." + digits) + "Z"
    }

    /// The same with three digits of the fraction: `1969-07-20T20:17:40.500Z`, as JavaScript writes it.
    package var rfc3339WithMilliseconds: String { "\(whole).\(fraction.prefix(3))Z" }

    /// The same without the zone, and with six digits of the fraction or none: `1969-07-20T20:17:40.500000`, as Python writes it.
    package var isoWithoutZone: String { whole + (fraction.contains { $0 != "0" } ? "." + fraction : "") }

    private var whole: String { String(CivilDate(secondsSinceEpoch: secondsSinceEpoch).iso8601.dropLast()) }

    private var secondsSinceEpoch: Int { (microsecondsSinceEpoch - remainder) / 1_000_000 }

    private var remainder: Int { (microsecondsSinceEpoch % 1_000_000 + 1_000_000) % 1_000_000 }

    private var fraction: String {
        let digits = String(remainder)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }

    package static func < (left: CalendarTime, right: CalendarTime) -> Bool { left.microsecondsSinceEpoch < right.microsecondsSinceEpoch }
}

/// Reads a time from the bytes of its text.
private struct CalendarTimeReader {
    private var rest: Substring.UTF8View

    init(_ text: String) {
        rest = text[...].utf8
    }

    /// Returns the microseconds since 1970; nil for a text that is no time, or a time that does not exist.
    mutating func microseconds(requiresZone: Bool) -> Int? {
        guard let year = number(digits: 4), year > 0, take("-"), let month = number(digits: 2), take("-"), let day = number(digits: 2),
            take("T") || take("t") || take(" "), let hour = number(digits: 2), take(":"), let minute = number(digits: 2)
        else { return nil }
        var date = CivilDate(year: year, month: month, day: day, hour: hour, minute: minute)
        var fraction = 0
        if take(":") {
            guard let second = number(digits: 2), let microseconds = microsecondsOfFraction() else { return nil }
            (date.second, fraction) = (second, microseconds)
        } else if requiresZone {
            return nil
        }
        let seconds = date.secondsSinceEpoch
        // A month without that day, and an hour beyond 23, would be another time than the one that is written.
        guard CivilDate(secondsSinceEpoch: seconds) == date, let offset = secondsOfOffset(isRequired: requiresZone), rest.isEmpty else {
            return nil
        }
        return (seconds - offset) * 1_000_000 + fraction
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func number(digits: Int) -> Int? {
        var value = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    private mutating func digit() -> Int? {
        guard let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        rest.removeFirst()
        return Int(byte - UInt8(ascii: "0"))
    }

    /// Reads a point and digits, if they are there; digits after the sixth are dropped.
    private mutating func microsecondsOfFraction() -> Int? {
        guard take(".") else { return 0 }
        guard let first = digit() else { return nil }
        var (value, unit) = (first * 100_000, 10_000)
        while let digit = digit() {
            value += digit * unit
            unit /= 10
        }
        return value
    }

    private mutating func secondsOfOffset(isRequired: Bool) -> Int? {
        if take("Z") || take("z") { return 0 }
        let isEast = take("+")
        guard isEast || take("-") else { return isRequired ? nil : 0 }
        guard let hours = number(digits: 2), hours < 24, take(":"), let minutes = number(digits: 2), minutes < 60 else { return nil }
        return (isEast ? 1 : -1) * (hours * 3600 + minutes * 60)
    }
}
