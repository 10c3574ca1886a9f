// Dates as texts.

import Telemetry

/// Times by RFC 3339, such as `2015-07-01T20:10:51.781Z`.
enum RFC3339 {
    /// Returns a time in UTC with milliseconds.
    static func text(_ time: Timestamp) -> String {
        let milliseconds = time.nanosecondsSinceEpoch / 1_000_000
        let (days, rest) = (Int64(milliseconds / 86_400_000), milliseconds % 86_400_000)
        // The inverse of the days of a date, with years that begin in March. (Hinnant 2013, `civil_from_days`.)
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let civilMonth = month < 10 ? month + 3 : month - 9
        let year = yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0)
        func padded(_ number: some BinaryInteger, _ count: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, count - digits.count)) + digits
        }
        let date = "\(padded(year, 4))-\(padded(civilMonth, 2))-\(padded(dayOfYear - (153 * month + 2) / 5 + 1, 2))"
        let seconds = rest / 1_000
        let clock = "\(padded(seconds / 3_600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
        return "\(date)T\(clock).\(padded(rest % 1_000, 3))Z"
    }

    /// Returns nanoseconds since 1970 as a time in UTC with all digits.
    static func text(nanoseconds time: UInt64) -> String {
        let fraction = String(1_000_000_000 + time % 1_000_000_000).dropFirst()
        return "\(CivilDate(secondsSinceEpoch: Int(time / 1_000_000_000)).iso8601.dropLast()).\(fraction)Z"
    }

    /// Reads `2015-07-01T20:10:51.781Z`.
    static func milliseconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        func number(_ range: Range<Int>) -> Int64? {
            guard range.upperBound <= bytes.count, bytes[range].allSatisfy({ (48...57).contains($0) }) else { return nil }
            return bytes[range].reduce(0) { $0 * 10 + Int64($1 - 48) }
        }
        guard bytes.count >= 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"), bytes[10] | 0x20 == UInt8(ascii: "t"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"), let year = number(0..<4), let month = number(5..<7),
            let day = number(8..<10), let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        var place = 19
        var milliseconds: Int64 = 0
        if bytes[place] == UInt8(ascii: ".") {
            let end = bytes[(place + 1)...].firstIndex { !(48...57).contains($0) } ?? bytes.count
            guard end > place + 1 else { return nil }
            let digits = (bytes[(place + 1)..<end].prefix(3) + [48, 48]).prefix(3)
            milliseconds = digits.reduce(0) { $0 * 10 + Int64($1 - 48) }
            place = end
        }
        guard let zone = zone(bytes[place...]) else { return nil }
        let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - zone
        return seconds * 1_000 + milliseconds
    }

    /// Returns the seconds that a zone is ahead of UTC.
    private static func zone(_ bytes: ArraySlice<UInt8>) -> Int64? {
        let zone = Array(bytes)
        if zone == [UInt8(ascii: "Z")] || zone == [UInt8(ascii: "z")] { return 0 }
        guard zone.count == 6, zone[3] == UInt8(ascii: ":"), zone[0] == UInt8(ascii: "+") || zone[0] == UInt8(ascii: "-"),
            let hours = Int64(String(decoding: zone[1..<3], as: UTF8.self)),
            let minutes = Int64(String(decoding: zone[4...], as: UTF8.self))
        else { return nil }
        return (zone[0] == UInt8(ascii: "-") ? -1 : 1) * (hours * 3_600 + minutes * 60)
    }

    /// Returns the days from 1970 to a date. (Hinnant 2013, `days_from_civil`.)
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
