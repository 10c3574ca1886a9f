// The choice of the systems that the demo shows.

import ExampleSupport
import Testing

@testable import Demo
@testable import Sidecar

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

    private func selected(_ sidecar: String, _ system: String? = nil) throws -> [DemoSystem] {
        try DemoSystem.selected(ServiceEnvironment(["SIDECAR": sidecar].merging(system.map { ["SYSTEM": $0] } ?? [:]) { $1 }))
    }

    @Test("POC-43: SIDECAR=1 sets a sidecar between the proxy and the album store, whose spans are in each trace")
    func sidecarStandsBetweenProxyAndStore() throws {
        let albums = try #require(try selected("1", "albums").first)
        #expect(albums.roles == [.albumStore, .sidecar, .proxy])
        let (with, without) = (albums.steps(nil), try #require(try selected("0", "albums").first).steps(nil))
        #expect(with.map(\.path) == without.map(\.path))
        #expect(
            with.count { $0.trace.has("sidecar") } == with.count { $0.trace.has("album-store") }
                && !without.contains { $0.trace.has("sidecar") })
        for (one, other) in zip(with, without) { #expect(one.trace.count == other.trace.count + (one.trace.has("sidecar") ? 2 : 0)) }
        #expect(try selected("1").map(\.name) == DemoSystem.all.map(\.name))
        // What the sidecar is given leads to the store.
        let file = try ConfigurationReader.configuration(
            Array(DemoSystem.sidecarText(port: 15_006, upstream: "127.0.0.1:9080").utf8), file: "f")
        #expect(file.listeners.map(\.port) == [15_006] && file.upstreams.flatMap(\.endpoints).map(\.port) == [9080])
    }

    @Test func sidecarWithoutAlbumsAndOtherWordsAreFailures() {
        #expect { try selected("1", "tweets") } throws: { "\($0)".contains("SYSTEM has no albums") }
        #expect { try selected("yes") } throws: { "\($0)".contains("SIDECAR is \"yes\"; it must be 1 or 0") }
    }

    @Test func sidecarHasAPortForWhatItPassesOnToo() throws {
        let service = try DemoService(.sidecar, ServiceEnvironment(["SIDECAR_MESH_PORT": "16006"]))
        #expect(service.ports.map(\.port) == [15_020, 16_006] && service.ports.map(\.variable) == ["SIDECAR_PORT", "SIDECAR_MESH_PORT"])
        #expect(try DemoService(.proxy, ServiceEnvironment([:])).ports.map(\.port) == [9070])
    }

    @Test func everySystemSendsRequestsToItsOwnServicesOnly() {
        for system in DemoSystem.all + [.albumsBehindSidecar] {
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
