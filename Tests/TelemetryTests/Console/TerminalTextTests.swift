// Width, escapes and truncation of terminal text; displayed durations.

import Testing

@testable import Telemetry

struct TerminalTextTests {
    @Test(arguments: [
        ("plain", 5), ("é", 1), ("e\u{301}", 1), ("日本語", 6), ("한국", 4), ("🙂", 2), ("✗ · █", 5), ("", 0), ("ＡＢ", 4),
    ])
    func wideCharactersTakeTwoColumns(text: String, columns: Int) {
        #expect(TerminalText.width(of: text) == columns)
    }

    @Test func textIsTruncatedBetweenCharactersWithEllipsis() {
        #expect(TerminalText.fitted("12345", to: 5) == "12345")
        #expect(TerminalText.fitted("123456", to: 5) == "1234…")
        #expect(TerminalText.fitted("日本語", to: 4) == "日…")
        #expect(TerminalText.fitted("12", to: 0) == "")
    }

    @Test func excessCombiningMarksAreRemoved() {
        let piled = "a" + String(repeating: "\u{301}", count: 5_000) + "b"
        #expect(TerminalText.escaped(piled).unicodeScalars.count == 2 + TerminalText.marksPerCharacter)
    }

    @Test func wordsAreLaidOutOverLinesUpToALimit() {
        let words = ["one", "two", "three", "four"]
        #expect(TerminalText.lines(of: words, separator: " ", columns: 9, limit: 8) == ["one two", "three", "four"])
        #expect(TerminalText.lines(of: words, separator: " ", columns: 9, limit: 1) == ["one two …"])
        #expect(TerminalText.lines(of: ["enormous"], separator: " ", columns: 4, limit: 8) == ["eno…"])
        #expect(TerminalText.lines(of: [], separator: " ", columns: 4, limit: 8) == [])
    }

    @Test(
        arguments: [
            (0, "0 ns"), (999, "999 ns"), (1_000, "1.00 µs"), (9_994, "9.99 µs"), (9_996, "10.0 µs"), (99_960, "100 µs"),
            (999_499, "999 µs"), (999_500, "1.00 ms"), (12_345_678, "12.3 ms"), (999_900_000, "1.00 s"), (59_940_000_000, "59.9 s"),
            (59_960_000_000, "1 min 00 s"), (125_000_000_000, "2 min 05 s"), (3_600_000_000_000, "1 h 00 min"),
        ] as [(UInt64, String)])
    func durationHasThreeDigitsAndUnit(nanoseconds: UInt64, text: String) {
        #expect(ReadableDuration.text(nanoseconds: nanoseconds) == text)
    }
}
