// What is a query, and where one is wrong.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

struct PromQLParserTests {
    private func message(_ query: String) -> String? {
        do throws(PromQLError) {
            _ = try PromQLParser.parse(query)
            return nil
        } catch { return error.message(for: query) }
    }

    @Test(arguments: [
        ("", "1:1: parse error: no expression found"), ("foo{", "1:5: parse error: unexpected end of input"),
        ("foo bar", "1:5: parse error: unexpected \"bar\""), ("rate(foo)", "1:6: parse error: expected type range vector"),
        ("sum(foo[5m])", "1:5: parse error: expected type instant vector"), ("1 == 2", "1:3: parse error: comparisons between scalars"),
        ("foo and 1", "1:5: parse error: set operator"), ("foo{a=~\"(\"}", "1:8: parse error: bad regular expression"),
        ("{a=\"\"}", "1:1: parse error: vector selector must contain"), ("foo[5m", "1:7: parse error: unexpected end of input"),
        ("foo[0m]", "1:5: parse error: duration must be greater"), ("nope(foo)", "1:1: parse error: unknown function"),
        ("foo\n  + )", "2:5: parse error: unexpected \")\""), ("foo{a='b}", "1:7: parse error: unterminated"),
        ("foo + on(a) group_left(a) bar", "1:13: parse error: label \"a\" must not occur"), ("5m30", "1:5: parse error: bad duration"),
        ("topk(foo)", "1:1: parse error: wrong number of arguments"), ("foo offset bar", "1:12: parse error: unexpected \"bar\""),
    ])
    func errorsNameTheirPlace(query: String, expected: String) throws {
        let found = try #require(message(query))
        #expect(found.hasPrefix(expected), "\(found)")
    }

    @Test func deepNestingIsAnErrorAndNoTrap() {
        #expect(message(String(repeating: "(", count: 100_000)) != nil)
        #expect(message(String(repeating: "-", count: 60_000) + "1") != nil)
        #expect(message(String(repeating: "sum(", count: 10_000)) != nil)
        #expect(message("foo{a=~\"" + String(repeating: "(", count: 5_000) + "\"}") != nil)
    }

    @Test func damagedQueriesAreErrorsAndNoTraps() {
        var random = SplitMix64(seed: 3)
        let source = Array(
            #"sum by (a) (rate(x{b=~"c|d", e!="f"}[5m:1m] offset -2h)) / on(g) group_left(h) y @ end() > bool 0x1F ^ 1e3"#.utf8)
        var errors = 0
        for _ in 0..<20_000 {
            var text = source
            for _ in 0...random.next() % 7 {
                let place = Int(random.next() % UInt64(text.count))
                let byte = source[Int(random.next() % UInt64(source.count))]
                switch random.next() % 3 {
                case 0: text.remove(at: place)
                case 1: text.insert(byte, at: place)
                default: text[place] = byte
                }
            }
            if message(String(decoding: text, as: UTF8.self)) != nil { errors += 1 }
        }
        #expect(errors > 10_000)
    }
}

struct AnchoredPatternTests {
    @Test(arguments: [
        ("a.c", "abc", true), ("a.c", "abcd", false), ("a|bc", "bc", true), ("(a|b)*c", "ababc", true), ("[a-c]+", "abcd", false),
        ("[^a-c]+", "xyz", true), ("\\d{2,3}", "123", true), ("\\d{2,3}", "1234", false), ("(?i)ABC", "abc", true), ("a?", "", true),
        (".*", "line\nfeed", true), ("\\w+@\\w+", "a@b", true), ("^abc$", "abc", true), ("x{3}", "xxx", true), ("\\.", ".", true),
        ("[[:alpha:]]+", "aZ", true), ("[]a]+", "]a", true), ("a{,2}", "a{,2}", true), ("ü+", "üü", true), ("(?:)*a", "a", true),
        ("(|a)*b", "aab", true), ("[a\\-z]+", "-", true), ("\\bab\\b", "ab", true), ("", "", true), ("", "a", false),
    ])
    func patternMatchesWholeTexts(pattern: String, text: String, expected: Bool) throws {
        #expect(try AnchoredPattern(pattern).matches(text) == expected)
    }

    @Test func nestedRepetitionsTakeLinearTime() throws {
        let pattern = try AnchoredPattern("(a+)+(a*)*(a|aa)+b")
        #expect(!pattern.matches(String(repeating: "a", count: 3_000)))
    }

    @Test(arguments: ["(", ")", "[a", "a**", "*a", "\\", "a{2,1}", "a{1001}", "(?<n>a)(?<n>b)", "\\q", "[b-a]", "\\pL", "(?x)a"])
    func damagedPatternsAreErrors(pattern: String) {
        #expect(throws: PatternError.self) { try AnchoredPattern(pattern) }
    }

    @Test func replacementsNameGroups() throws {
        let pattern = try AnchoredPattern("(?P<first>[a-z]+)-(\\d+)(x)?")
        #expect(pattern.expanding("$2/${first}/$3/$$/$9", with: "abc-42") == "42/abc//$/")
        #expect(pattern.expanding("$1", with: "no") == nil)
    }

    @Test func randomPatternsNeverTrap() {
        var random = SplitMix64(seed: 9)
        let pieces = ["a", "b", ".", "*", "+", "?", "(", ")", "[", "]", "|", "{1,2}", "^", "$", "\\d", "(?i)", "-", "{", "\\"]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 1...8, using: &random)).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }
                .joined()
            _ = (try? AnchoredPattern(text))?.matches("aab1")
        }
    }
}

struct GoNumberTests {
    @Test(
        arguments: [
            (0.005, "0.005"), (10, "10"), (1e21, "1000000000000000000000"), (1e-7, "0.0000001"), (-0.0, "-0"), (1.5e-9, "0.0000000015"),
            (123_456_789_012_345_680, "123456789012345680"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (-2.5, "-2.5"),
            (5e-324, "0." + String(repeating: "0", count: 323) + "5"),
        ] as [(Double, String)])
    func numberIsWrittenWithoutExponent(number: Double, text: String) {
        #expect(GoNumber.text(number) == text)
    }

    @Test(
        arguments: [
            (1, "1.0"), (0.5, "0.5"), (1e6, "1e+06"), (123_456, "123456.0"), (1_234_567, "1.234567e+06"), (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (.infinity, "+Inf"), (0, "0.0"), (-25, "-25.0"),
        ] as [(Double, String)])
    func boundIsWrittenAsOpenMetricsDoes(number: Double, text: String) {
        #expect(GoNumber.openMetricsText(number) == text)
    }
}
