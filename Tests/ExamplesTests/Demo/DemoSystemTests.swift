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
}
