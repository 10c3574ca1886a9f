// The bounds of what tools for agents take, look through and answer.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

struct AgentAnswerTests {
    private func next(_ answer: AgentAnswer) throws -> [JSONValue] {
        try JSONValue(parsing: Array(answer.text.utf8))["next"]?.arrayValue ?? []
    }

    @Test("an answer has 12,000 bytes at most, with offers and a cause too", arguments: ["a", "\"", "🙂"])
    func answerIsBounded(character: String) throws {
        var answer = AgentAnswer()
        answer.value("metric", ["name": AgentAnswer.string(String(repeating: character, count: 1_000))])
        answer.list("rows", (0..<1_000).map { _ in AgentAnswer.string(String(repeating: character, count: 200)) })
        answer.concludes(String(repeating: character, count: 2_000))
        for number in 0..<6 {
            let name = String(repeating: character, count: 250) + "\(number)"
            answer.offer("find_traces", ["service": .string(name), "operation": .string(name)], "it is slower")
        }
        #expect(answer.text.utf8.count <= AgentAnswer.maximumBytes)
        #expect(try JSONValue(parsing: Array(answer.text.utf8))["data"]?["likely_cause"] != nil)
        var short = AgentAnswer()
        short.list("rows", (0..<1_000).map { _ in AgentAnswer.string(String(repeating: character, count: 200)) })
        short.offer("services", [:], "what has become worse")
        #expect(try next(short).count == 1)
    }

    @Test("a call is offered only if the tool takes its arguments") func offersAreAccepted() throws {
        func isOffered(_ key: String, _ text: String) throws -> Bool {
            var answer = AgentAnswer()
            answer.offer("log_search", key == "query" ? ["query": .string(text)] : ["service": .string(text)], "")
            return try next(answer).count == 1
        }
        #expect(try isOffered("service", String(repeating: "🙂", count: 256)))
        #expect(try !isOffered("service", String(repeating: "a", count: 257)))
        #expect(try isOffered("query", String(repeating: "a", count: 1_000)))
        #expect(try !isOffered("query", String(repeating: "a", count: 1_001)))
        #expect(try !isOffered("service", "a\nb"))
    }

    @Test("a call has one deadline, however many parts it looks through", arguments: ["services", "snapshot", "metric_summary"])
    func callHasOneDeadline(name: String) async throws {
        let stores = SignalStores()
        let tool = try #require(AgentTools(stores: stores, logStore: nil).all.first { $0.name == name })
        let now = Timestamp.now.nanosecondsSinceEpoch
        var request = MetricRequest(service: "shop")
        request.gauge("queue.size", 1, .init(time: now / 1_000_000_000, labels: []))
        stores.metrics.receive(try request.received)
        func isPartial(_ deadline: Deadline) throws -> Bool {
            let text = try tool.call(try AgentArguments([:], tool.parameters, now: now, deadline: deadline))
            return try JSONValue(parsing: Array(text.utf8))["partial"] == true
        }
        #expect(try isPartial(.after(.zero)))
        #expect(try !isPartial(.after(.seconds(60))))
    }

    @Test(
        "a time is nanoseconds, now, or a time before now",
        arguments: [
            ("now", 5_000_000_000), ("-2s", 3_000_000_000), ("-1d", 0), ("-999999999d", 0), ("0", 0), ("17", 17),
            ("9223372036854775807", 9_223_372_036_854_775_807), ("9223372036854775808", nil), ("18446744073709551615", nil),
            ("-1000000000s", nil), ("-s", nil), ("-", nil), ("", nil), ("+5", nil), ("-5", nil), ("-+5s", nil), ("1.5", nil),
        ] as [(String, UInt64?)])
    func timesAreRead(text: String, expected: UInt64?) {
        #expect(QueryTime.read(text, now: 5_000_000_000) == expected)
    }
}
