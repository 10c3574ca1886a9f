// Conversion between seconds and dates of the Gregorian calendar.

import Testing

@testable import Telemetry

struct CivilDateTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"), (951_782_400, "2000-02-29T00:00:00Z"),
        (951_868_799, "2000-02-29T23:59:59Z"), (951_868_800, "2000-03-01T00:00:00Z"), (1_000_000_000, "2001-09-09T01:46:40Z"),
        (1_709_164_800, "2024-02-29T00:00:00Z"), (4_107_542_400, "2100-03-01T00:00:00Z"), (-2_203_891_200, "1900-03-01T00:00:00Z"),
        (253_402_300_799, "9999-12-31T23:59:59Z"), (-62_167_219_200, "0000-01-01T00:00:00Z"), (1_795_233_960, "2026-11-21T04:06:00Z"),
    ])
    func secondsConvertToDateAndBack(seconds: Int, text: String) {
        let date = CivilDate(secondsSinceEpoch: seconds)
        #expect(date.iso8601 == text)
        #expect(date.secondsSinceEpoch == seconds)
    }

    @Test func consecutiveDaysOf400YearsConvert() {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        var (year, month, day) = (1900, 1, 1)
        for number in 0..<146_097 {
            let seconds = CivilDate(year: 1900, month: 1, day: 1).secondsSinceEpoch + number * 86_400
            guard CivilDate(secondsSinceEpoch: seconds) == CivilDate(year: year, month: month, day: day) else {
                Issue.record("Day \(number) is not \(year)-\(month)-\(day).")
                return
            }
            let isLeapYear = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
            day += 1
            guard day > lengths[month - 1] + (month == 2 && isLeapYear ? 1 : 0) else { continue }
            (day, month) = (1, month + 1)
            if month > 12 { (month, year) = (1, year + 1) }
        }
        #expect(year == 2300 && month == 1 && day == 1)
    }
}
