// The search for a text in another, and that nothing brings in the engine for regular expressions.

import func Glibc.strstr
import Testing

@testable import Telemetry

struct StringSearchTests {
    @Test(arguments: [
        ("", "", true), ("a", "", true), ("", "a", false), ("abc", "abc", true), ("abc", "bc", true), ("abc", "abcd", false),
        ("aab", "ab", true),
        ("abab", "bb", false), ("a\r\nb", "\n", true), ("日本語", "本", true), ("e\u{301}", "\u{301}", true), ("ab", "B", false),
    ])
    func textIsFoundByItsBytes(text: String, other: String, isFound: Bool) {
        #expect(text.contains(other) == isFound)
        #expect("x\(text)x".dropFirst().dropLast().contains(other) == isFound)
    }

    @Test func rangeIsThatOfTheFirstPlace() throws {
        let text = "a://b://é"[...]
        let range = try #require(text.firstRange(of: "://"))
        #expect(text[..<range.lowerBound] == "a" && text[range.upperBound...] == "b://é")
        #expect(text[range.upperBound...].firstRange(of: "://").map { text[$0.upperBound...] } == "é")
        #expect(
            text.firstRange(of: ":///") == nil && "".firstRange(of: "a") == nil
                && "ab".firstRange(of: "ab") == "ab".startIndex..<"ab".endIndex)
    }

    @Test func libraryUsesNothingOfRegularExpressions() {
        let words = [
            ".replacing(", ".ranges(of:", ".wholeMatch(", ".firstMatch(", ".matches(of:", ".trimmingPrefix(", "Regex",
        ]
        let files = SourceTree.files(in: ["Sources/Telemetry"])
        #expect(files.count > 300, "The sources are where this test looks for them.")
        for file in files where words.contains(where: { strstr(file.text, $0) != nil }) {
            let code = file.text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: "\n")
            for word in words where code.contains(word) {
                Issue.record("\(file.path) uses \(word), which links 1.3 MB into every program.")
            }
        }
    }
}
