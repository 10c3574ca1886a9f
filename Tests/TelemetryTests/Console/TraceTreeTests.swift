// Trace trees, compared with their exact text.

import Testing

@testable import Telemetry

struct TraceTreeTests {
    private func draw(_ spans: [TraceTreeSpan], _ style: TraceTreeStyle = TraceTreeStyle()) -> String {
        TraceTree.text(for: spans, style: style)
    }

    private func lines(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test func oneRequestThroughTwoServicesIsOneTree() {
        let expected = """
            trace 0af7651916cd43dd8448eb211c80319c · 12.4 ms · 6 spans · 4 errors · proxy, album-store
            ✗ GET /albums · proxy · server                   12.4 ms  ████████████████████████████████
            ├─ check token · proxy                           1.20 ms  ████
            └─ ✗ GET · proxy · client                        10.2 ms      ███████████████████████████
               └─ ✗ GET /albums · album-store · server       8.50 ms        ███████████████████████
                  ├─ look up cache · album-store              150 µs        ▎
                  │     • cache miss +140 µs  cache.key=albums:all
                  └─ ✗ SELECT albums · album-store · client  5.50 ms              ████████████████
                        error: connection reset by peer

            """
        #expect(draw(Samples.twoServices) == expected)
        #expect(draw(Samples.twoServices.reversed()) == expected)
    }

    @Test func narrowTreeHasNoBarsAndKeepsItsWidth() {
        let expected = """
            trace 0af7651916cd43dd8448eb211c80319c …
            ✗ GET /albums · proxy · server   12.4 ms
            ├─ check token · proxy           1.20 ms
            └─ ✗ GET · proxy · client        10.2 ms
               └─ ✗ GET /… · album-store ·…  8.50 ms
                  ├─ look up… · album-store   150 µs
                  │     • cache miss +140 µs  cache…
                  └─ ✗ SELEC… · album-stor…  5.50 ms
                        error: connection reset by
                        peer
                        db.system.name=postgresql
                        db.query.text=SELECT *\\nFRO…

            """
        #expect(draw(Samples.twoServices, TraceTreeStyle(width: 40, showsAttributes: true)) == expected)
    }

    @Test func singleServiceIsNamedOnlyInTheHeadingAndStatusOkHasATick() {
        let spans = [
            Samples.span(1, "nightly report", to: 90_000_000, service: "reports"),
            Samples.span(2, in: 1, "count", from: 45_000_000, to: 90_000_000, status: .ok, service: "reports"),
        ]
        let expected = """
            trace 0af7651916cd43dd8448eb211c80319c · 1 min 30 s · 2 spans · reports
            nightly report  1 min 30 s  ████████████████████████████████
            └─ ✓ count          45.0 s                  ████████████████

            """
        #expect(draw(spans) == expected)
    }

    @Test func coloursAreOptionalAndOnlyForErrorsAndDetails() {
        let span = Samples.span(1, "work", status: .error("no"), ["key": "value"])
        let plain = draw([span], TraceTreeStyle(showsAttributes: true))
        #expect(!plain.contains("\u{1B}"))
        let colored = draw([span], TraceTreeStyle(showsAttributes: true, isColored: true))
        #expect(lines(colored)[1].hasPrefix("\u{1B}[31m✗ work\u{1B}[0m  100 µs  \u{1B}[31m█"))
        #expect(lines(colored)[2] == "   \u{1B}[31merror: no\u{1B}[0m")
        #expect(lines(colored)[3] == "   \u{1B}[2mkey=value\u{1B}[0m")
    }

    @Test func spansWithoutParentAreMarkedRoots() {
        let spans = [
            Samples.span(3, in: 9, "lost", from: 10),
            Samples.span(4, in: 8, "called", from: 20, isRemote: true),
            Samples.span(1, "root", from: 50),
            Samples.span(5, in: 3, "below the lost", from: 30),
        ]
        let expected = """
            trace 0af7651916cd43dd8448eb211c80319c · 90.0 µs · 4 spans
            root               50.0 µs                ██████████████████
            lost               90.0 µs  ████████████████████████████████
            │  (its parent 0000000000000009 is missing)
            └─ below the lost  70.0 µs         █████████████████████████
            called             80.0 µs     █████████████████████████████
               (its parent 0000000000000008 is not among the spans here)

            """
        #expect(draw(spans) == expected)
    }

    @Test func parentCycleIsCutAtItsEarliestSpan() {
        let spans = [
            Samples.span(1, in: 3, "a", from: 0), Samples.span(2, in: 1, "b", from: 1), Samples.span(3, in: 2, "c", from: 2),
            Samples.span(4, in: 4, "its own parent", from: 3),
        ]
        let drawn = lines(draw(spans, TraceTreeStyle(width: 40)))
        #expect(drawn.count == 8)
        #expect(drawn[1].hasPrefix("a "))
        #expect(drawn[2] == "│  (its parent 0000000000000003 is belo…")
        #expect(drawn[3].hasPrefix("└─ b "))
        #expect(drawn[4].hasPrefix("   └─ c "))
        #expect(drawn[5].hasPrefix("its own parent "))
    }

    @Test func duplicateSpanIdentifierDrawsTheFirstSpan() {
        let spans = [Samples.span(1, "first"), Samples.span(1, in: 1, "second"), Samples.span(2, in: 1, "child")]
        let drawn = draw(spans)
        #expect(drawn.contains("2 spans · 1 duplicate left out"))
        #expect(!drawn.contains("second"))
    }

    @Test func controlCharactersInNamesAreEscaped() {
        let hostile = "x\u{1B}[2J\r\n\u{202E}y\u{9B}0m\u{7F}\u{2028}"
        let span = Samples.span(
            1, hostile, status: .error(hostile), service: hostile, [hostile: .string(hostile)],
            events: [TraceTreeSpan.Event(name: hostile, time: Samples.time(1), attributes: [hostile: .string(hostile)])])
        let drawn = draw([span], TraceTreeStyle(width: 400, showsAttributes: true))
        let escaped = "x\\u{1B}[2J\\r\\n\\u{202E}y\\u{9B}0m\\u{7F}\\u{2028}"
        #expect(drawn.unicodeScalars.allSatisfy { $0 == "\n" || ($0.value >= 0x20 && !(0x7F...0x9F).contains($0.value)) })
        #expect(drawn.contains("✗ \(escaped)"))
        #expect(drawn.contains("error: \(escaped)"))
        #expect(drawn.contains("\(escaped)=\(escaped)"))
        #expect(lines(drawn).count == 6)
    }

    @Test func randomSpansKeepTheWidth() {
        var random = SplitMix64(seed: 7)
        let pieces = ["é", "日本", "🙂", "\u{1B}", "plain ", "\u{301}\u{301}", "x", "\n", "👩‍👩‍👧"]
        for round in 0..<300 {
            let width = 40 + round % 120
            let spans = (0..<Int.random(in: 1...12, using: &random)).map { _ in
                let text = (0..<Int.random(in: 0...40, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
                return Samples.span(
                    .random(in: 1...12, using: &random), in: .random(in: 0...12, using: &random), text, kind: .producer,
                    from: .random(in: 0...5_000, using: &random), to: .random(in: 0...5_000_000_000, using: &random),
                    status: round % 2 == 0 ? .error(text) : .unset, service: text, ["k\(text)": .string(text)],
                    events: [TraceTreeSpan.Event(name: text, time: Samples.time(1))])
            }
            let drawn = draw(spans, TraceTreeStyle(width: width, showsAttributes: true))
            for line in lines(drawn) { #expect(TerminalText.width(of: line) <= width, "\(line)") }
        }
    }

    @Test func deepTraceIsDrawnCompletelyWithinItsWidth() {
        let numbers: ClosedRange<UInt64> = 1...20_000
        let spans: [TraceTreeSpan] = numbers.map { Samples.span($0, in: $0 - 1, "s", from: $0, to: 40_000) }
        let drawn = lines(draw(spans))
        #expect(drawn.count == 20_002)
        #expect(drawn.allSatisfy { $0.count <= 100 })
        #expect(drawn[20_000].hasPrefix("…"))
    }

    @Test func spanEndingBeforeItsStartHasNoDuration() {
        let drawn = draw([Samples.span(1, "back", from: 100, to: 50)])
        #expect(drawn == "trace 0af7651916cd43dd8448eb211c80319c · 0 ns · 1 span\nback  0 ns\n")
    }

    @Test func extremeTimesAreDrawn() {
        var span = Samples.span(1, "everything")
        span.startTime = Timestamp(nanosecondsSinceEpoch: 0)
        span.endTime = Timestamp(nanosecondsSinceEpoch: .max)
        #expect(draw([span]).contains("5124095 h 34 min"))
    }

    @Test func tracesAreDrawnOneAfterAnother() {
        let other = TraceID(high: 1, low: 2)
        let drawn = draw([Samples.span(1, "a"), Samples.span(1, "b", trace: other), Samples.span(2, in: 1, "c")])
        #expect(lines(drawn).filter { $0.hasPrefix("trace ") }.count == 2)
        #expect(drawn.contains("\n\ntrace \(other)"))
        #expect(draw([]).isEmpty)
    }
}
