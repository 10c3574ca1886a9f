// Every form of the Retry-After header.

import Testing

@testable import Telemetry

struct RetryAfterTests {
    @Test func secondsAreRead() {
        #expect(RetryAfter.duration("120", now: 0) == .seconds(120))
        #expect(RetryAfter.duration(" 0 ", now: 0) == .zero)
        #expect(RetryAfter.duration("99999999999999999999999", now: 0) == .seconds(4_000_000_000))
    }

    /// The three forms of one date. (RFC 9110 §5.6.7.)
    @Test(arguments: ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])
    func dateIsReadInAllThreeForms(text: String) {
        #expect(RetryAfter.duration(text, now: 784_111_770) == .seconds(7))
        #expect(RetryAfter.duration(text, now: 784_111_999) == .zero, "The date has passed.")
    }

    @Test func twoDigitYearIsAtMostFiftyYearsAhead() {
        let year2026 = 1_767_225_600
        let ahead = CivilDate(year: 2076, month: 1, day: 1).secondsSinceEpoch - year2026
        #expect(RetryAfter.duration("Wednesday, 01-Jan-76 00:00:00 GMT", now: year2026) == .seconds(ahead))
        #expect(RetryAfter.duration("Saturday, 01-Jan-77 00:00:00 GMT", now: year2026) == .zero, "1977 has passed.")
    }

    @Test(
        arguments: [
            "", "-1", "soon", "1.5", "+1", "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 08:49 GMT", "Sunday, 06-Nov 08:49:37 GMT",
            "Sun Nov 6 08:49:37", "Sun, 06 Nov -994 08:49:37 GMT", "Sun, 06 Nov 1994 ::: GMT",
        ])
    func invalidTextIsIgnored(text: String) {
        #expect(RetryAfter.duration(text, now: 0) == nil)
    }

    @Test func randomTextNeverTraps() {
        var random = SplitMix64(seed: 71)
        let parts = ["Sun,", "Sunday,", "06", "Nov", "1994", "06-Nov-94", "08:49:37", "GMT", ":", "-", "99", "é", "  ", "0x1", "\u{0}"]
        for _ in 0..<5_000 {
            let text = (0..<Int.random(in: 0...7, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
                .joined(separator: Bool.random(using: &random) ? " " : "")
            _ = RetryAfter.duration(text, now: Int.random(in: 0...4_000_000_000, using: &random))
        }
    }
}
