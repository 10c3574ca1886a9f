// The limit of scopes and its report.

import Synchronization
import Testing

@testable import Telemetry

@Suite(.serialized) struct ScopeRegistryTests {
    /// A member of no real signal.
    private final class Member: ScopeMember {
        static let livesForever = false
        let instrumentationScope: InstrumentationScope

        init(_ scope: InstrumentationScope) {
            instrumentationScope = scope
        }

        func apply(_ configuration: MeterConfiguration) {}
    }

    private final class Messages: Sendable {
        private let all = Mutex<[String]>([])

        func add(_ message: String) { all.withLock { $0.append(message) } }

        func count(containing text: String) -> Int { all.withLock { $0.count { $0.contains(text) } } }
    }

    private static func scope(_ name: String) -> InstrumentationScope { InstrumentationScope(name: name) }

    /// Requests members until a message arrives: other tests may have used up the rate limit of this window.
    private static func messages(containing text: String, _ ask: () -> Void) -> Int {
        let messages = Messages()
        Diagnostics.setHandler { messages.add($0.message) }
        defer { Diagnostics.setHandler(nil) }
        let deadline = Deadline.after(.patience)
        while messages.count(containing: text) == 0, !deadline.hasPassed { ask() }
        for _ in 0..<100 { ask() }
        return messages.count(containing: text)
    }

    @Test func scopesBeyondTheLimitShareOneMemberAndAreReportedOnce() {
        let registry = ScopeRegistry<Member>("widget", configurator: .enablingAll, isOff: false)
        for number in 0..<ScopeRegistry<Member>.maximumMembers { _ = registry.member(of: Self.scope("\(number)")) { Member($0) } }
        var number = 0
        let count = Self.messages(containing: "There are 10000 widgets") {
            number += 1
            let member = registry.member(of: Self.scope("further \(number)")) { Member($0) }
            #expect(member.instrumentationScope.name.isEmpty)
        }
        #expect(count == 1)
        #expect(registry.members.count == ScopeRegistry<Member>.maximumMembers + 1)
        #expect(registry.members.first?.instrumentationScope.name == "0", "In the order in which they were made.")
        #expect(registry.member(of: Self.scope("7")) { Member($0) }.instrumentationScope.name == "7")
    }

    @Test func repeatedRequestForASharedMemberIsNotReported() {
        let messages = Messages()
        Diagnostics.setHandler { messages.add($0.message) }
        defer { Diagnostics.setHandler(nil) }
        let registry = ScopeRegistry<Member>("doodad", configurator: .enablingAll, isOff: false)
        let first = registry.member(of: Self.scope("a")) { Member($0) }
        for _ in 0..<3 { #expect(registry.member(of: Self.scope("a")) { Member($0) } === first) }
        #expect(messages.count(containing: "doodad") == 0)
        _ = registry.member(of: Self.scope("")) { Member($0) }
        #expect(messages.count(containing: "A doodad was asked for without a name") <= 1)
    }

    @Test func tracersLoggersAndMetersBeyondTheLimitAreSharedAndReported() throws {
        let tracers = Recording().provider
        let loggers = LogRecording().provider
        let meters = try MetricRig().provider
        let kinds: [(kind: String, ask: (InstrumentationScope) -> String)] = [
            ("tracers", { tracers.tracer($0).instrumentationScope.name }), ("loggers", { loggers.logger($0).instrumentationScope.name }),
            ("meters", { meters.meter($0).instrumentationScope.name }),
        ]
        for (kind, ask) in kinds {
            // With the member that the provider starts with, the limit is reached.
            for number in 1..<10_000 { _ = ask(Self.scope("\(number)")) }
            let count = Self.messages(containing: "There are 10000 \(kind): further scopes share one") {
                #expect(ask(Self.scope("further")).isEmpty)
            }
            #expect(count >= 1)
        }
    }

    @Test func excessScopesOfADisabledProviderAreNotReported() throws {
        let registry = ScopeRegistry<Member>("gadget", configurator: .enablingAll, isOff: true)
        let messages = Messages()
        Diagnostics.setHandler { messages.add($0.message) }
        defer { Diagnostics.setHandler(nil) }
        for number in 0..<10_100 { _ = registry.member(of: Self.scope("\(number)")) { Member($0) } }
        #expect(messages.count(containing: "gadget") == 0 && registry.members.count == 10_001)
    }
}
