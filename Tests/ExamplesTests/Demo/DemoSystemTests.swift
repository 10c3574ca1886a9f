// The choice of the systems that the demo shows.

import ExampleSupport
import Testing

@testable import Demo

struct DemoSystemTests {
    private func names(_ text: String?) throws -> [String] {
        try DemoSystem.selected(ServiceEnvironment(text.map { ["SYSTEM": $0] } ?? [:])).map(\.name)
    }

    @Test func allSystemsAreSelectedByDefault() throws {
        #expect(try names(nil) == DemoSystem.all.map(\.name))
        #expect(try names(" ") == DemoSystem.all.map(\.name))
    }

    @Test func namedSystemsAreSelectedInTheOrderOfAll() throws {
        #expect(try names("tweets") == ["tweets"])
        #expect(try names("Tweets, albums") == ["albums", "tweets"])
    }

    @Test func unknownSystemIsAFailureThatNamesTheKnownOnes() {
        #expect {
            try names("album")
        } throws: { error in
            "\(error)".contains("SYSTEM is \"album\"; it must be albums or tweets or spaceports")
        }
    }

    @Test func everySystemSendsRequestsToItsOwnServicesOnly() {
        for system in DemoSystem.all {
            for redis in [nil, "127.0.0.1:6379"] {
                let steps = system.steps(redis)
                #expect(!steps.isEmpty)
                for step in steps { #expect(system.roles.contains(step.service), "\(system.name): \(step.title)") }
            }
        }
    }

    @Test("POC-05: with Redis the demo shows the last message from there, without it from the database")
    func lastMessageComesFromRedisIfThereIsOne() throws {
        func lastMessage(_ redis: String?) throws -> DemoStep {
            try #require(DemoSystem.helloWorld.steps(redis).first { $0.path == "/messages/last" })
        }
        let (with, without) = (try lastMessage("127.0.0.1:6379"), try lastMessage(nil))
        #expect(with.trace.children.map(\.name) == ["GET 127.0.0.1:6379"] && with.title.contains("Redis"))
        #expect(without.trace.children.map(\.name) == ["SELECT hello_messages"] && without.title.contains("database"))
    }

    @Test func trafficOfEverySystemGoesToItsOwnServicesAndLeavesNothingOpen() {
        for system in DemoSystem.all {
            let round = DemoTraffic.round(of: system.name)
            #expect(round.count >= 8)
            for request in round { #expect(system.roles.contains(request.service), "\(system.name): \(request.path)") }
            // What a round makes it also removes, so that nothing grows while the demo runs.
            let kept = Set(round.compactMap(\.keeps))
            let removals = round.filter { $0.method == "DELETE" }
            #expect(kept.allSatisfy { name in removals.contains { $0.path.contains("{\(name)}") } }, "\(system.name)")
        }
    }
}
