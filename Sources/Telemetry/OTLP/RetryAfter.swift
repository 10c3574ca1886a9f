// The wait that a receiver requests before the next attempt.

/// The `Retry-After` header: seconds, or a date in one of three forms. (RFC 9110 §10.2.3 and §5.6.7.)
enum RetryAfter {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Returns the wait from now on: zero if the date has passed, nil if the text has neither form.
    ///
    /// - Parameter now: the present time in seconds since 1970.
    static func duration(_ text: String, now: Int) -> Duration? {
        let text = text.trimmingSpaces()
        if !text.isEmpty, text.utf8.allSatisfy(HTTPGrammar.isDigit) {
            // The wait is limited to about a century, so that arithmetic with it does not overflow.
            return .seconds(min(Int64(text) ?? .max, 4_000_000_000))
        }
        return date(text, now: now).map { .seconds(max(0, $0.secondsSinceEpoch - now)) }
    }

    private static func date(_ text: Substring, now: Int) -> CivilDate? {
        let parts = text.split(separator: " ")
        switch parts.count {
        case 6 where parts[5] == "GMT":
            // Sun, 06 Nov 1994 08:49:37 GMT
            return date(day: parts[1], month: parts[2], year: number(parts[3]), time: parts[4])
        case 5:
            // Sun Nov  6 08:49:37 1994
            return date(day: parts[2], month: parts[1], year: number(parts[4]), time: parts[3])
        case 4 where parts[3] == "GMT":
            // Sunday, 06-Nov-94 08:49:37 GMT
            let date = parts[1].split(separator: "-")
            guard date.count == 3, let short = number(date[2]), short < 100 else { return nil }
            let thisYear = CivilDate(secondsSinceEpoch: now).year
            var year = thisYear - thisYear % 100 + short
            // A year more than 50 years ahead is taken as the latest past year with these digits.
            if year > thisYear + 50 { year -= 100 }
            return Self.date(day: date[0], month: date[1], year: year, time: parts[2])
        default: return nil
        }
    }

    private static func date(day: Substring, month: Substring, year: Int?, time: Substring) -> CivilDate? {
        let clock = time.split(separator: ":", omittingEmptySubsequences: false).map { number($0) ?? 99 }
        guard let day = number(day), (1...31).contains(day), let month = months.firstIndex(of: String(month)), let year,
            (1900...9999).contains(year), clock.count == 3, clock[0] < 24, clock[1] < 60, clock[2] <= 60
        else { return nil }
        return CivilDate(year: year, month: month + 1, day: day, hour: clock[0], minute: clock[1], second: clock[2])
    }

    /// Returns a number of up to four digits; nil for other texts.
    private static func number(_ text: Substring) -> Int? {
        text.utf8.count <= 4 && text.utf8.allSatisfy(HTTPGrammar.isDigit) ? Int(text) : nil
    }
}
