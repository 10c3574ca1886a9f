// Wildcards in names.

import Testing

@testable import Telemetry

struct NamePatternTests {
    @Test(
        arguments: [
            ("", "", true), ("", "a", false), ("a", "", false), ("a", "a", true), ("a", "A", false), ("a", "ab", false), ("*", "", true),
            ("*", "anything", true), ("?", "", false), ("?", "é", true), ("?", "ab", false), ("a*", "a", true), ("a*", "abc", true),
            ("a*", "ba", false), ("*c", "abc", true), ("*c", "abcd", false), ("a*c*e", "abcde", true), ("a*c*e", "abced", false),
            ("**", "x", true), ("*?", "", false), ("*?", "x", true), ("a.b", "axb", false), ("*.client", "http.client", true),
            ("*ab*ab", "abab", true), ("*ab*ab", "aab", false), ("?*?", "a", false), ("?*?", "ab", true),
        ])
    func patternMatchesWholeName(pattern: String, name: String, matches: Bool) {
        #expect(NamePattern(pattern).matches(name) == matches)
    }

    @Test func patternWithManyWildcardsMatchesInBoundedTime() {
        let pattern = NamePattern(String(repeating: "a*", count: 500) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 5000)))
    }
}
