// Reads the times of log lines.

import ExampleSupport

/// Times as loggers write them: RFC 3339, and numbers since 1970 in seconds, milliseconds, microseconds or nanoseconds.
enum LogTime {
    /// Returns nanoseconds since 1970; nil for what is no time.
    static func nanoseconds(_ value: JSONValue) -> UInt64? {
        switch value {
        case .string(let text): nanoseconds(text)
        case .integer(let number): number > 0 ? scaled(Double(number), exact: UInt64(number)) : nil
        case .number(let number): number > 0 && number.isFinite ? scaled(number, exact: nil) : nil
        default: nil
        }
    }

    /// A number's size tells its unit: a time of this century has ten digits in seconds.
    private static func scaled(_ number: Double, exact: UInt64?) -> UInt64? {
        let unit: UInt64 = number < 1e11 ? 1_000_000_000 : number < 1e14 ? 1_000_000 : number < 1e17 ? 1_000 : 1
        if let exact {
            let (product, overflow) = exact.multipliedReportingOverflow(by: unit)
            return overflow ? nil : product
        }
        // Apart, both parts are exact enough: together they have more digits than a double.
        let whole = number.rounded(.down)
        let (product, overflow) = (UInt64(exactly: whole) ?? .max).multipliedReportingOverflow(by: unit)
        let (sum, sumOverflow) = product.addingReportingOverflow(UInt64(((number - whole) * Double(unit)).rounded()))
        return overflow || sumOverflow ? nil : sum
    }

    private static func nanoseconds(_ text: String) -> UInt64? {
        var rest = Array(text.utf8)[...]
        func digits(_ count: Int) -> Int? {
            guard rest.count >= count, rest.prefix(count).allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count).reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        func take(_ bytes: String) -> UInt8? {
            guard let first = rest.first, bytes.utf8.contains(first) else { return nil }
            rest = rest.dropFirst()
            return first
        }
        guard let year = digits(4), take("-") != nil, let month = digits(2), take("-") != nil, let day = digits(2), take("Tt ") != nil,
            let hour = digits(2), take(":") != nil, let minute = digits(2), take(":") != nil, let second = digits(2),
            (1970...2500).contains(year), (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        var fraction = 0
        if take(".,") != nil {
            var unit = 100_000_000
            while let digit = digits(1) {
                fraction += digit * unit
                unit /= 10
            }
        }
        var offset = 0
        if let sign = take("+-") {
            guard let hours = digits(2) else { return nil }
            _ = take(":")
            let minutes = rest.isEmpty ? 0 : digits(2)
            guard let minutes else { return nil }
            offset = (hours * 60 + minutes) * 60 * (sign == UInt8(ascii: "-") ? -1 : 1)
        } else if take("Zz") == nil, !rest.isEmpty {
            return nil
        }
        guard rest.isEmpty else { return nil }
        let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset
        return seconds < 0 ? nil : UInt64(seconds) * 1_000_000_000 + UInt64(fraction)
    }

    /// The days from 1970 to a date of the Gregorian calendar. (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".)
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
