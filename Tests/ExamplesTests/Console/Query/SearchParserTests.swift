// The search language: what it reads, and where it says that it cannot.

import ExampleSupport
import Testing

@testable import TelemetryConsole

struct SearchParserTests {
    private func parse(_ text: String, _ signal: SearchSignal = .traces) throws(SearchError) -> SearchTerm {
        try SearchParser.parse(text, signal)
    }

    private func condition(
        _ field: SearchCondition.Field, _ comparison: SearchCondition.Comparison, _ text: String, _ number: Double? = nil
    ) -> SearchTerm {
        .condition(SearchCondition(field, comparison, text, number: number))
    }

    @Test func emptySearchAsksForEverything() throws {
        #expect(try parse("") == .everything)
        #expect(try parse("  \t") == .everything)
    }

    @Test func termsOfTheContractAreRead() throws {
        let term = try parse(#"http.route="/albums/:id" error duration>5ms"#)
        #expect(
            term
                == .all([
                    condition(.attribute("http.route"), .equal, "/albums/:id"), condition(.status, .equal, "error", 2),
                    condition(.duration, .greater, "5ms", 5e6),
                ]))
        #expect(try parse("service:album-store") == condition(.service, .equal, "album-store"))
        #expect(try parse(#"service="album store""#) == condition(.service, .equal, "album store"))
        #expect(try parse("kind=server") == condition(.kind, .equal, "server", 2))
        #expect(try parse("a~x") == condition(.attribute("a"), .contains, "x"))
        #expect(try parse("a!=x") == condition(.attribute("a"), .notEqual, "x"))
        #expect(try parse("a >= 1.5") == condition(.attribute("a"), .greaterOrEqual, "1.5", 1.5))
        #expect(try parse(#""two words""#) == condition(.text, .contains, "two words"))
        #expect(try parse(#""a \"b\" \\""#) == condition(.text, .contains, #"a "b" \"#))
        #expect(try parse("severity>=warn", .logs) == condition(.severity, .greaterOrEqual, "warn", 13))
        #expect(try parse(ConsoleHarness.traceID) == condition(.trace, .equal, ConsoleHarness.traceID))
    }

    @Test(arguments: [("1ns", 1.0), ("2us", 2e3), ("2µs", 2e3), ("1.5ms", 1.5e6), ("3s", 3e9), ("2m", 120e9), ("1h", 3_600e9)])
    func durationsHaveUnits(text: String, nanoseconds: Double) throws {
        #expect(try parse("duration<\(text)") == condition(.duration, .less, text, nanoseconds))
    }

    @Test func alternativesNegationAndParenthesesNest() throws {
        let (a, b, c) = (condition(.text, .contains, "a"), condition(.text, .contains, "b"), condition(.text, .contains, "c"))
        #expect(try parse("a b OR c") == .any([.all([a, b]), c]))
        #expect(try parse("a (b OR c)") == .all([a, .any([b, c])]))
        #expect(try parse("-a") == .not(a))
        #expect(try parse("NOT a -(b c)") == .all([.not(a), .not(.all([b, c]))]))
        #expect(try parse("- a") == .all([condition(.text, .contains, "-"), a]), "A dash alone is text.")
        #expect(try parse("ORDER") == condition(.text, .contains, "ORDER"))
    }

    @Test("POC-41: time* finds what begins so") func starAtTheEndOfAWordMakesItABeginning() throws {
        var beginning = SearchCondition(.text, .contains, "time")
        beginning.isPrefix = true
        #expect(try parse("time*", .logs) == .condition(beginning))
        #expect(try parse("-time*", .logs) == .not(.condition(beginning)))
        #expect(try parse("\"time*\"", .logs) == condition(.text, .contains, "time*"))
    }

    @Test func wordsWithColonsThatNameNoFieldAreText() throws {
        #expect(try parse("10:30") == condition(.text, .contains, "10:30"))
        #expect(try parse("http://x/y") == condition(.text, .contains, "http://x/y"))
    }

    @Test(arguments: [
        ("duration>5", 10, "5ms"), ("a (b", 3, "not closed"), ("a)", 2, "no \"(\""), (#"x="y"#, 3, "not closed"), ("a OR", 5, "missing"),
        ("a=", 3, "value is missing"), ("kind=x", 6, "server"), ("severity>warn", 1, "Spans have no severity"), ("=x", 1, "before \"=\""),
        ("a>b", 3, "no number"), ("trace=xyz", 7, "32 hexadecimal"), ("b ()", 4, "missing"), (#""a\n""#, 3, "quotation"),
        ("name>1", 6, "text is compared"), ("a *", 3, "two letters"), ("x t*", 3, "two letters"), ("a*b*", 1, "one \"*\""),
    ])
    func errorsNameTheColumn(text: String, column: Int, part: String) {
        let error = #expect(throws: SearchError.self) { try parse(text) }
        #expect(error?.column == column)
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }

    @Test func sizeOfSearchesIsBounded() {
        #expect(throws: SearchError.self) { try parse(String(repeating: "a", count: 5_000)) }
        #expect(throws: SearchError.self) { try parse(String(repeating: "a ", count: 200)) }
        #expect(throws: SearchError.self) { try parse(String(repeating: "(", count: 100) + "a" + String(repeating: ")", count: 100)) }
    }

    @Test func randomSearchesAreReadOrRefusedAtAColumn() {
        var random = SplitMix64(seed: 15)
        let parts = [
            "a", " ", "(", ")", "\"", "\\", "=", "!=", "~", ">", "<=", "OR", "NOT", "-", ":", "duration", "service", "5ms", "é", "\u{301}",
            "👩‍👩‍👧", "\n", "kind", "server", "error", "trace", ConsoleHarness.traceID, "severity", "warn", "1.5", "\u{0}",
        ]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in parts[Int.random(in: 0..<parts.count, using: &random)] }
                .joined()
            for signal in [SearchSignal.traces, .logs] {
                do throws(SearchError) { _ = try parse(text, signal) } catch {
                    #expect((1...text.count + 1).contains(error.column), "\(text)")
                }
            }
        }
    }
}
