// Faults are found by a client that knows nothing and follows what answers offer.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

struct PlantedFaultTests {
    /// Calls `services`, and then always the first offered call that was not made yet, until an answer states a likely cause.
    private func investigate(_ client: AgentClient, calls: Int = 5) async throws -> [JSONValue] {
        var (tool, arguments): (String, JSONValue) = ("services", [:])
        var made: [(String, JSONValue)] = []
        var answers: [JSONValue] = []
        while answers.count < calls {
            made.append((tool, arguments))
            let text = try await client.text(of: tool, arguments)
            #expect(text.utf8.count <= AgentAnswer.maximumBytes)
            let answer = try JSONValue(parsing: text)
            answers.append(answer)
            if answer["data"]?["likely_cause"] != nil { break }
            let offers = answer["next"]?.arrayValue ?? []
            guard
                let next = offers.first(where: { offer in
                    !made.contains { $0.0 == offer["tool"]?.stringValue && $0.1 == offer["arguments"] }
                }),
                let name = next["tool"]?.stringValue, let given = next["arguments"]
            else { break }
            (tool, arguments) = (name, given)
        }
        return answers
    }

    private func client(_ fault: FaultScene.Fault?) async throws -> AgentClient {
        let console = ConsoleHarness()
        var scene = FaultScene(fault)
        await scene.send(to: console)
        var client = AgentClient(console)
        _ = try await client.begin()
        return client
    }

    @Test(
        "a planted fault is found in at most five calls by what answers offer",
        arguments: [
            (FaultScene.Fault.slowQuery, ["shop", "SELECT orders", "lower(email)"]),
            (.failingDependency, ["shop", "pay.example", "ECONNREFUSED"]),
            (.leak, ["inventory", "cache.entries", "sessions"]), (.retryStorm, ["Retries", "GET /stock/:id", "5 times"]),
            (.wrongConfiguration, ["shop", "config.db.pool.max", "20 → 1"]),
        ])
    func plantedFaultIsFound(fault: FaultScene.Fault, words: [String]) async throws {
        let answers = try await investigate(try await client(fault))
        let cause = answers.last?["data"]?["likely_cause"]?.stringValue ?? ""
        #expect(answers.count <= 5)
        for word in words { #expect(cause.contains(word), "\(cause) \(answers.map { $0["next"]?.description.prefix(300) ?? "" })") }
        #expect(!cause.contains("moon"))
    }

    @Test("where nothing is wrong nothing is blamed") func nothingIsBlamedWhereNothingIsWrong() async throws {
        let answers = try await investigate(try await client(nil))
        #expect(answers.first?["data"]?["worse"] == [], "\(answers.first?["data"]?["worse"]?.description ?? "")")
        for answer in answers { #expect(answer["data"]?["likely_cause"] == nil, "\(answer["data"]?["likely_cause"]?.description ?? "")") }
    }
}
