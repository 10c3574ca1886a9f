// Displayed attribute values.

import Testing

@testable import Telemetry

struct ReadableValueTests {
    @Test(
        arguments: [
            ("plain", "plain"), ("", "\"\""), ("two words", "\"two words\""), ("a=b", "\"a=b\""), ("say \"so\"", "\"say \\\"so\\\"\""),
            ("C:\\x", "\"C:\\\\x\""), ("line\nbreak", "\"line\\nbreak\""), ("tab\t", "\"tab\\t\""), ("é漢", "é漢"),
            ("\u{1B}[0m", "\"\\u{1B}[0m\""),
            ("https://example.com/a?b", "https://example.com/a?b"),
        ])
    func ambiguousTextIsQuoted(text: String, word: String) {
        #expect(ReadableValue.word(text) == word && ReadableValue.word(AttributeValue(text)) == word)
    }

    @Test func valuesOfEveryTypeAreOneWord() {
        let values: [(AttributeValue, String)] = [
            (true, "true"), (-3, "-3"), (0.5, "0.5"), (.double(.infinity), "inf"), (.bytes([1, 171]), "0x01ab"), (.empty, "null"),
            (["a", 1], "[\"a\", 1]"), (["b": 1, "a b": []], "{\"a b\": [], b: 1}"),
        ]
        for (value, word) in values { #expect(ReadableValue.word(value) == word) }
        #expect(ReadableValue.word(.bytes(Array(repeating: 9, count: 20))) == "0x" + String(repeating: "09", count: 16) + "… (20 bytes)")
    }

    @Test func structureIsBrokenIntoLinesOnlyWhenTooWide() {
        let value: AttributeValue = ["list": ["one", "two", ["three": 3]], "x": 1]
        #expect(ReadableValue.lines(of: value, columns: 80) == ["{list: [\"one\", \"two\", {three: 3}], x: 1}"])
        #expect(
            ReadableValue.lines(of: value, columns: 20) == [
                "{", "  list: [", "    \"one\",", "    \"two\",", "    {three: 3}", "  ],", "  x: 1", "}",
            ])
    }

    @Test func longStructureIsTruncatedAndTheRestCounted() {
        let lines = ReadableValue.lines(of: .array((0..<1000).map { .int($0) }), columns: 80)
        #expect(lines.count == 201 && lines.first == "[" && lines.last == "… and 802 more lines")
    }
}
