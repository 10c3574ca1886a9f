// Keeps what a provider hands out, one for each scope, and tells each how its configurator wants it.

import Synchronization

/// What a provider hands out for a scope: a tracer, or what emits log records.
protocol ScopeMember: AnyObject, Sendable {
    associatedtype Configuration: ScopeConfiguration

    var instrumentationScope: InstrumentationScope { get }

    /// Called under the registry's lock: when it was made, and whenever something changes.
    func apply(_ configuration: Configuration)
}

/// Keeps what a provider hands out: always the same for the same scope.
///
/// Members live for ever, since what they record refers to them without counting: so there is an end to their number, and further
/// scopes share one without a name.
final class ScopeRegistry<Member: ScopeMember>: Sendable {
    private struct State {
        var members: [InstrumentationScope: Member] = [:]
        var configurator: ScopeConfigurator<Member.Configuration>
        /// How often the configurator was replaced: what an earlier one has said does not count any more.
        var generation = 0
        var isRunning: Bool
    }

    static var maximumMembers: Int { 10_000 }
    private let sharedScope = InstrumentationScope(name: "")
    /// What a member is called, for people.
    private let kind: String
    private let state: Mutex<State>

    /// - Parameter isOff: whether members do nothing, and all scopes share one.
    init(_ kind: String, configurator: ScopeConfigurator<Member.Configuration>, isOff: Bool) {
        self.kind = kind
        state = Mutex(State(configurator: configurator, isRunning: !isOff))
    }

    /// The member of a scope, made when it is asked for the first time.
    func member(of scope: InstrumentationScope, _ make: (InstrumentationScope) -> Member) -> Member {
        if scope.name.isEmpty, state.withLock({ $0.isRunning }) {
            Diagnostics.report(
                .warning, topic: "\(kind).name.\(scope.version)",
                "A \(kind) was asked for without a name (version: \"\(scope.version)\"); it works, its scope has none.")
        }
        while true {
            let (scope, known, configurator, generation) = state.withLock { state in
                if let known = state.members[scope] { return (scope, Optional(known), state.configurator, state.generation) }
                let isOneTooMany = state.members.count >= Self.maximumMembers || !state.isRunning
                let scope = isOneTooMany ? sharedScope : scope
                return (scope, state.members[scope], state.configurator, state.generation)
            }
            if let known { return known }
            // Asked outside of the lock, since it is the user's code.
            let configuration = configurator.configuration(of: scope)
            if let member = add(scope, configuration, generation, make) { return member }
        }
    }

    /// A new member, or the one that was made meanwhile; nil when the configurator was replaced or the room taken meanwhile.
    private func add(
        _ scope: InstrumentationScope, _ configuration: Member.Configuration, _ generation: Int, _ make: (InstrumentationScope) -> Member
    ) -> Member? {
        state.withLock { state in
            if let known = state.members[scope] { return known }
            guard state.generation == generation, state.members.count < Self.maximumMembers || scope == sharedScope else { return nil }
            let member = make(scope)
            member.apply(state.isRunning ? configuration : Self.disabled)
            // For ever: what is recorded refers to its member without counting.
            _ = Unmanaged.passRetained(member)
            state.members[scope] = member
            return member
        }
    }

    /// Replaces the configurator, and asks it about all members that there are.
    func update(_ configurator: ScopeConfigurator<Member.Configuration>) {
        let (generation, members) = state.withLock { state in
            state.configurator = configurator
            state.generation += 1
            return (state.generation, Array(state.members.values))
        }
        for member in members {
            let configuration = configurator.configuration(of: member.instrumentationScope)
            state.withLock { state in
                if state.generation == generation && state.isRunning { member.apply(configuration) }
            }
        }
    }

    /// Disables all members for good; false when that was done before.
    func close() -> Bool {
        state.withLock { state in
            defer { state.isRunning = false }
            for member in state.members.values { member.apply(Self.disabled) }
            return state.isRunning
        }
    }

    private static var disabled: Member.Configuration {
        var configuration = Member.Configuration()
        configuration.isEnabled = false
        return configuration
    }
}
