// Keeps the tracers, meters or loggers of a provider, one for each scope, and applies the provider's configurator to them.

/// What a provider hands out for a scope: a tracer, a meter, or what emits log records.
protocol ScopeMember: AnyObject, Sendable {
    associatedtype Configuration: ScopeConfiguration

    /// True if recorded items refer to members without counting references: then members live for ever, and all scopes share one
    /// while the provider is off.
    static var livesForever: Bool { get }

    var instrumentationScope: InstrumentationScope { get }

    /// Called under the registry's lock: when it was made, and whenever something changes.
    func apply(_ configuration: Configuration)
}

/// Keeps what a provider hands out: always the same for the same scope.
///
/// Members live as long as their provider or for ever, so their number is bounded: further scopes share one member without a name,
/// which is reported once.
final class ScopeRegistry<Member: ScopeMember>: Sendable {
    private struct State {
        var members: [InstrumentationScope: Member] = [:]
        /// The members in the order in which they were made.
        var order: [Member] = []
        var configurator: ScopeConfigurator<Member.Configuration>
        /// How often the configurator was replaced: what an earlier one has said does not count any more.
        var generation = 0
        var isRunning: Bool
        /// Whether the handler of diagnostics has taken the message that there are too many scopes.
        var isExcessReported = false
    }

    static var maximumMembers: Int { 10_000 }
    private let sharedScope = InstrumentationScope(name: "")
    /// What a member is called in messages.
    private let kind: String
    private let state: Locked<State>

    /// - Parameter isOff: whether members do nothing.
    init(_ kind: String, configurator: ScopeConfigurator<Member.Configuration>, isOff: Bool) {
        self.kind = kind
        state = Locked(State(configurator: configurator, isRunning: !isOff))
    }

    /// The member of a scope, made when it is asked for the first time.
    func member(of scope: InstrumentationScope, _ make: (InstrumentationScope) -> Member) -> Member {
        if scope.name.isEmpty, state.withLock({ $0.isRunning }) {
            Diagnostics.report(
                .warning, topic: "\(kind).name.\(scope.version)",
                "A \(kind) was asked for without a name (version: \"\(scope.version)\"); it works, its scope has none.")
        }
        while true {
            let (found, known, isExcess, configurator, generation) = state.withLock { state in
                if let known = state.members[scope] { return (scope, Optional(known), false, state.configurator, state.generation) }
                let isExcess = state.members.count >= Self.maximumMembers
                let isShared = isExcess || (Member.livesForever && !state.isRunning)
                let found = isShared ? sharedScope : scope
                let needsReport = isExcess && state.isRunning && !state.isExcessReported
                return (found, state.members[found], needsReport, state.configurator, state.generation)
            }
            if isExcess { reportExcess() }
            if let known { return known }
            // Asked outside of the lock, since it is the user's code.
            let configuration = configurator.configuration(of: found)
            if let member = add(found, configuration, generation, make) { return member }
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
            if Member.livesForever { _ = Unmanaged.passRetained(member) }
            state.members[scope] = member
            state.order.append(member)
            return member
        }
    }

    /// Reports that further scopes share a member: once, and again only if the message was held back.
    private func reportExcess() {
        let isReported = Diagnostics.report(
            .warning,
            "There are \(Self.maximumMembers) \(kind)s: further scopes share one without a name. Ask for \(kind)s by module, not by request."
        )
        if isReported { state.withLock { $0.isExcessReported = true } }
    }

    /// All members in the order in which they were made.
    var members: [Member] { state.withLock { $0.order } }

    /// Replaces the configurator, and asks it about all members that there are.
    func update(_ configurator: ScopeConfigurator<Member.Configuration>) {
        let (generation, members) = state.withLock { state in
            state.configurator = configurator
            state.generation += 1
            return (state.generation, state.order)
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
            for member in state.order { member.apply(Self.disabled) }
            return state.isRunning
        }
    }

    private static var disabled: Member.Configuration {
        var configuration = Member.Configuration()
        configuration.isEnabled = false
        return configuration
    }
}
