// Line breaks of the demo's output in narrow terminals.

import Testing

@testable import Demo

struct LineWrappingTests {
    private func wrap(_ text: String) -> String { LineWrapping.wrap(text, columns: 12, indent: 2, hangingIndent: 4) }

    @Test func textThatFitsHasOneLine() {
        #expect(wrap("0123456789") == "  0123456789")
        #expect(wrap("") == "  ")
    }

    @Test func longTextBreaksAtSpacesWithHangingIndent() {
        #expect(wrap("one two three four") == "  one two\n    three\n    four")
    }

    @Test func longWordStaysWhole() {
        #expect(wrap("a 0123456789012 b") == "  a\n    0123456789012\n    b")
    }

    @Test func spacesThatAlignColumnsAreKeptWithinLine() {
        #expect(wrap("  a   b") == "    a   b")
        #expect(wrap("aaaaaa    bbbb") == "  aaaaaa\n    bbbb")
    }
}
