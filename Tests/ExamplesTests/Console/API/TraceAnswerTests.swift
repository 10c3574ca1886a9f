// One trace as the JSON API has it, hostile ones included.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

struct TraceAnswerTests {
    private typealias Harness = ConsoleHarness
    private typealias Span = ConsoleHarness.Span

    private func trace(_ console: Harness) async throws -> JSONValue { try await console.get("/data/traces/\(Harness.traceID)") }

    @Test func spanHasAllThatItCameWith() async throws {
        let console = Harness()
        let more =
            #","droppedAttributesCount":3,"events":[{"timeUnixNano":"5","name":"paid","attributes":[\#(Harness.attribute("amount", 9_007_199_254_740_993))]}],"#
            + #""links":[{"traceId":"\#(Harness.trace(5))","spanId":"00f067aa0ba902b7","attributes":[\#(Harness.attribute("why", "batch"))]}]"#
        await console.sendSpans([
            Span(
                id: 1, name: "order", kind: 2, duration: 30, isError: true, traceState: "a=b", attributes: Harness.attribute("x", "y"),
                more: more)
        ])
        let answer = try await trace(console)
        let span = try #require(answer["spans"]?[0])
        #expect(span["spanId"] == "0000000000000001" && span["parentSpanId"] == "" && span["name"] == "order" && span["kind"] == 2)
        #expect(span["start"]?.stringValue == "\(Harness.time)" && span["end"]?.stringValue == "\(Harness.time + 30)")
        #expect(span["status"] == 2 && span["traceState"] == "a=b" && span["droppedAttributes"] == 3)
        #expect(span["attributes"] == [["key": "x", "value": ["stringValue": "y"]]])
        #expect(
            span["events"] == [
                ["time": "5", "name": "paid", "attributes": [["key": "amount", "value": ["intValue": "9007199254740993"]]]]
            ])
        #expect(span["links"]?[0]?["traceId"]?.stringValue == Harness.trace(5) && span["links"]?[0]?["spanId"] == "00f067aa0ba902b7")
        #expect(
            answer["resources"]?[0]?["service"] == "shop" && answer["scopes"]?[0]?["name"] == "test"
                && answer["scopes"]?[0]?["version"] == "1.2")
        #expect(answer["totalSpans"] == 1 && answer["isClipped"] == .bool(false) && answer["isComplete"] == .bool(true))
    }

    @Test func duplicateIsShownOnceAndTheOneThatEndedCounts() async throws {
        let console = Harness()
        await console.sendSpans([Span(id: 1, isOpen: true), Span(id: 1, name: "ended", duration: 7)])
        await console.sendSpans([Span(id: 1, isOpen: true)])
        let answer = try await trace(console)
        #expect(answer["totalSpans"] == 1 && answer["duplicates"] == "2")
        #expect(answer["spans"]?[0]?["name"] == "ended")
    }

    @Test func orphansAndCirclesBeginTreesOfTheirOwn() async throws {
        let console = Harness()
        await console.sendSpans([
            Span(id: 1, name: "root"), Span(id: 2, parent: 1, start: 1), Span(id: 3, parent: 99, start: 2),
            Span(id: 4, parent: 5, start: 3),
            Span(id: 5, parent: 6, start: 4), Span(id: 6, parent: 4, start: 5), Span(id: 7, parent: 7, start: 6),
            Span(id: 8, parent: 6, start: 7),
        ])
        let spans = try #require(try await trace(console)["spans"]?.arrayValue)
        let orphans = spans.filter { $0["isOrphan"] == .bool(true) }.compactMap { $0["spanId"]?.stringValue }
        #expect(orphans.count == 3 && orphans.contains(Span.id(3)) && orphans.contains(Span.id(7)))
        // From every span a way leads up to one that begins a tree.
        let parents = Dictionary(uniqueKeysWithValues: spans.map { ($0["spanId"]?.stringValue ?? "", $0) })
        for span in spans {
            var place = span
            var steps = 0
            while place["isOrphan"] == .bool(false), let parent = place["parentSpanId"]?.stringValue, let next = parents[parent], steps < 20
            {
                place = next
                steps += 1
            }
            #expect(steps < 20)
        }
    }

    @Test func hostileTextStaysText() async throws {
        let console = Harness()
        let script = "<script>alert(1)</script>"
        await console.sendSpans(
            [Span(id: 1, name: script, attributes: Harness.attribute(script, #"\u001b[31m\u0000\u2028\" </style>"#))], service: script)
        let response = await console.send("GET", "/data/traces/\(Harness.traceID)")
        #expect(
            response.headers["content-type"] == "application/json; charset=utf-8" && response.headers["x-content-type-options"] == "nosniff"
        )
        let span = try JSONValue(parsing: response.body)["spans"]?[0]
        #expect(span?["name"]?.stringValue == script)
        #expect(span?["attributes"]?[0]?["value"]?["stringValue"] == "\u{1b}[31m\u{0}\u{2028}\" </style>")
        #expect(!response.body.contains(0x1B) && !response.text.contains("\u{2028}"), "Control characters are escaped.")
    }

    @Test func longTextsManyAttributesAndDeepValuesAreCutWithTheirSize() async throws {
        let console = Harness()
        let deep = String(repeating: #"{"arrayValue":{"values":["#, count: 60) + #"{"intValue":"1"}"# + String(repeating: "]}}", count: 60)
        let many = (0..<1_500).map { Harness.attribute("k\($0)", $0) }.joined(separator: ",")
        await console.sendSpans([
            Span(
                id: 1, attributes: Harness.attribute("long", String(repeating: "é", count: 500_000)) + #",{"key":"deep","value":\#(deep)}"#),
            Span(id: 2, parent: 1, start: 1, attributes: many),
        ])
        let answer = try await trace(console)
        let first = answer["spans"]?[0]?["attributes"]
        let text = try #require(first?[0]?["value"]?["stringValue"]?.stringValue)
        #expect(text.hasSuffix("é… (1000000 bytes)") && text.utf8.count < 66_000)
        #expect(first?[1]?.description.contains("nested too deep") == true)
        let second = try #require(answer["spans"]?[1]?["attributes"]?.arrayValue)
        #expect(second.count == 1_025 && second.last?["value"]?["stringValue"] == "476 more")
    }

    @Test func traceOfTooManySpansIsClippedAndSaysSo() async throws {
        let console = Harness()
        for part in 0..<5 {
            await console.sendSpans((1...4_200).map { Span(id: part * 4_200 + $0, parent: part + $0 == 1 ? 0 : 1, start: UInt64($0)) })
        }
        let answer = try await trace(console)
        #expect(answer["totalSpans"] == 21_000 && answer["isClipped"] == .bool(true))
        #expect(answer["spans"]?.arrayValue?.count == TraceAnswer.maximumSpans)
    }

    @Test func downloadIsTheRequestThatCame() async throws {
        let console = Harness()
        let spans = [Span(id: 1, attributes: Harness.attribute("a", "b")), Span(id: 2, parent: 1, start: 1)]
        await console.sendSpans(spans)
        await console.sendSpans([Span(id: 3, parent: 1)], service: "other")
        let response = await console.send("GET", "/data/traces/\(Harness.traceID)/otlp")
        #expect(response.headers["content-disposition"] == "attachment; filename=\"trace-\(Harness.traceID).json\"")
        let second = Harness()
        #expect(await second.post("/v1/traces", json: response.text).status == 200)
        let (one, other) = (try await trace(console), try await trace(second))
        #expect(one["spans"] == other["spans"] && one["resources"] == other["resources"])
    }

    @Test func unknownTraceIs404() async throws {
        #expect(await Harness().send("GET", "/data/traces/\(Harness.traceID)").status == 404)
        #expect(await Harness().send("GET", "/data/traces/\(Harness.traceID)/otlp").status == 404)
    }
}
