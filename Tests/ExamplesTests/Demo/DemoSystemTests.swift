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
            #expect(!system.steps.isEmpty)
            for step in system.steps { #expect(system.roles.contains(step.service), "\(system.name): \(step.title)") }
        }
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
