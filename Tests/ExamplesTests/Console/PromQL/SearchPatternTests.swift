// Regular expressions that are looked for in texts, as Go's FindStringSubmatch finds them.

import Telemetry
import Testing

@testable import TelemetryConsole

struct SearchPatternTests {
    @Test(
        arguments: [
            ("b+", "abbb", "bbb"), ("a|ab", "xab", "a"), ("ab|a", "xab", "ab"), ("^b", "ab", nil), ("(?m)^b$", "a\nb\nc", "b"),
            ("a.b", "a\nb", nil),
            ("(?s)a.b", "a\nb", "a\nb"), ("a*?b", "aaab", "aaab"), ("x*", "aaa", ""), ("(?i)HELLO", "say hello", "hello"),
            ("\\bcat\\b", "concat cat", "cat"), ("a{2,3}", "aaaa", "aaa"), ("a{2,3}?", "aaaa", "aa"), ("$", "ab", ""),
            ("é+", "caféé!", "éé"),
            ("a+b|c", "aaac", "c"),
        ] as [(String, String, String?)])
    func leftmostMatchIsFound(pattern: String, text: String, match: String?) throws {
        let search = try SearchPattern(pattern)
        #expect(search.match(in: text)?.expanding("${0}") == match)
        #expect(search.isFound(in: text) == (match != nil))
    }

    @Test func groupsAreThoseOfTheMatch() throws {
        let match = try #require(try SearchPattern("(\\w+)@(?P<host>[a-z.]+)(x)?").match(in: "to: ada@example.com, bob@b.c"))
        #expect(match.expanding("$1 at ${host}${3} $$1 $9") == "ada at example.com $1 ")
    }

    @Test func searchEndsWithItsDeadline() throws {
        let search = try SearchPattern("b$")
        let text = String(repeating: "a", count: 10_000) + "b"
        #expect(search.isFound(in: text))
        #expect(!search.isFound(in: text, until: .after(.zero)))
        #expect(throws: PatternError.self) { try SearchPattern("a(") }
    }
}
