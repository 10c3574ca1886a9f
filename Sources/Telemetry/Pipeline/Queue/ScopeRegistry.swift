// The tracers, meters or loggers of a provider and its configurator.

/// A tracer, meter or logger: what a provider returns for a scope.
protocol ScopeMember: AnyObject, Sendable {
    associatedtype Configuration: ScopeConfiguration

    /// True if objects that are never freed are made with a member: its scope, the setup of its spans. Then members live for ever, and all
    /// scopes share one while the provider is off.
    static var livesForever: Bool { get }

    var instrumentationScope: InstrumentationScope { get }

    /// Applies a configuration. Called with the registry's lock held, when the member is made and at every change.
    func apply(_ configuration: Configuration)
}

/// Keeps the members of a provider: one for each scope, always the same.
///
/// Members live as long as their provider or for ever, so their number is bounded: further scopes share one member without a name,
/// which is reported once.
final class ScopeRegistry<Member: ScopeMember>: Sendable {
    private struct State {
        var members: [InstrumentationScope: Member] = [:]
        /// The members in the order in which they were made.
        var order: [Member] = []
        var configurator: ScopeConfigurator<Member.Configuration>
        /// Counts replacements of the configurator; answers of an earlier one are discarded.
        var generation = 0
        var isRunning: Bool
        /// True once the excess of scopes has been reported.
        var isExcessReported = false
    }

    static var maximumMembers: Int { 10_000 }
    private let sharedScope = InstrumentationScope(name: "")
    /// The name of a member in messages: tracer, meter or logger.
    private let kind: String
    private let state: Locked<State>

    /// - Parameter isOff: whether members do nothing.
    init(_ kind: String, configurator: ScopeConfigurator<Member.Configuration>, isOff: Bool) {
        self.kind = kind
        state = Locked(State(configurator: configurator, isRunning: !isOff))
    }

    /// Returns the member of a scope; makes it at the first call.
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
            // Called without the lock, since the configurator is the user's code.
            let configuration = configurator.configuration(of: found)
            if let member = add(found, configuration, generation, make) { return member }
        }
    }

    /// Returns a new member, or the one that was made meanwhile. Returns nil if the configurator was replaced or the limit reached meanwhile.
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

    /// Reports once that further scopes share a member; again only if the rate limit suppressed the message.
    private func reportExcess() {
        let isReported = Diagnostics.report(
            .warning,
            "There are \(Self.maximumMembers) \(kind)s: further scopes share one without a name. Ask for \(kind)s by module, not by request."
        )
        if isReported { state.withLock { $0.isExcessReported = true } }
    }

    /// All members in the order in which they were made.
    var members: [Member] { state.withLock { $0.order } }

    /// Replaces the configurator and applies the new one to all members.
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

    /// Disables all members for good; returns false if they were disabled before.
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
