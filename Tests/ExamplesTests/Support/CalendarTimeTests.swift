// Times of the calendar as texts.

import Telemetry
import Testing

@testable import ExampleSupport

struct CalendarTimeTests {
    @Test(arguments: [
        ("1969-07-20T20:17:40Z", -14_182_940_000_000, "1969-07-20T20:17:40Z", "1969-07-20T20:17:40"),
        ("1969-07-20T20:17:40.000001Z", -14_182_939_999_999, "1969-07-20T20:17:40.000001Z", "1969-07-20T20:17:40.000001"),
        ("2025-07-20t22:17:40.50+02:00", 1_753_042_660_500_000, "2025-07-20T20:17:40.5Z", "2025-07-20T20:17:40.500000"),
        ("2024-02-29 00:00:00.1234567-00:30", 1_709_166_600_123_456, "2024-02-29T00:30:00.123456Z", "2024-02-29T00:30:00.123456"),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000_000, "0001-01-01T00:00:00Z", "0001-01-01T00:00:00"),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999"),
    ])
    func timeIsReadAndWritten(text: String, microseconds: Int, rfc3339: String, iso: String) throws {
        let time = try #require(CalendarTime(text))
        #expect(time.microsecondsSinceEpoch == microseconds && time.rfc3339 == rfc3339 && time.isoWithoutZone == iso)
    }

    @Test func zoneAndSecondsMayBeMissingWhereThatIsSaid() throws {
        for text in ["2025-07-20T20:17", "2025-07-20T20:17:00", "2025-07-20T20:17:00Z", "2025-07-20T22:17+02:00"] {
            #expect(CalendarTime(text, requiresZone: false)?.rfc3339 == "2025-07-20T20:17:00Z", "\(text)")
        }
        #expect(CalendarTime("2025-07-20T20:17Z") == nil && CalendarTime("2025-07-20T20:17:00") == nil)
    }

    @Test(arguments: [
        "", "now", "2025", "2025-07-20", "2025-7-20T20:17:40Z", "2025-02-29T00:00:00Z", "2025-00-01T00:00:00Z", "2025-13-01T00:00:00Z",
        "2025-07-20T24:00:00Z", "2025-07-20T20:60:00Z", "2025-07-20T20:17:60Z", "2025-07-20T20:17:40.Z", "2025-07-20T20:17:40+24:00",
        "2025-07-20T20:17:40+02", "2025-07-20T20:17:40Zx", "0000-01-01T00:00:00Z", "2025-07-20T20:17:40,5Z", "+025-07-20T20:17:40Z",
    ])
    func wrongTimeIsRefused(text: String) {
        #expect(CalendarTime(text) == nil && CalendarTime(text, requiresZone: false) == nil)
    }

    @Test func timesAreOrderedAndAdvanced() {
        let time = CalendarTime(Timestamp(nanosecondsSinceEpoch: 1_999))
        #expect(time.microsecondsSinceEpoch == 1 && time < time.advanced(by: .microseconds(1)))
        #expect(time.advanced(by: .seconds(-2)).microsecondsSinceEpoch == -1_999_999)
    }
}
