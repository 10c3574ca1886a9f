// A sampler whose rule is replaced while the program runs.

/// Delegates to a sampler that can be replaced: each decision is made by the present one alone.
///
/// A decision takes a lock for the time of reading a reference. It is used only where a configuration file is watched.
final class ReplaceableSampler: BackgroundSampler {
    private struct State {
        var sampler: any Sampler
        /// What background work needs; nil before the start and after the end.
        var setup: (resource: Resource, clock: TelemetryClock)?
    }

    private let state: Locked<State>

    init(_ sampler: any Sampler) {
        state = Locked(State(sampler: sampler))
    }

    func decision(for request: borrowing SamplingRequest) -> SamplingDecision { sampler.decision(for: request) }

    var description: String { sampler.description }

    private var sampler: any Sampler { state.withLock { $0.sampler } }

    /// Replaces the sampler; background work of the former one ends.
    func replace(_ sampler: any Sampler) {
        if let setup = state.withLock({ $0.setup }) {
            for background in BackgroundSamplers.all(in: sampler) { background.start(resource: setup.resource, clock: setup.clock) }
        }
        let (former, isRunning) = state.withLock { state in
            defer { state.sampler = sampler }
            return (state.sampler, state.setup != nil)
        }
        for background in BackgroundSamplers.all(in: former) { background.stop() }
        // Stopped in the meantime: the new one must not go on alone.
        if !isRunning { for background in BackgroundSamplers.all(in: sampler) { background.stop() } }
    }

    func start(resource: Resource, clock: TelemetryClock) {
        let sampler = state.withLock { state in
            state.setup = (resource, clock)
            return state.sampler
        }
        for background in BackgroundSamplers.all(in: sampler) { background.start(resource: resource, clock: clock) }
    }

    func stop() {
        let sampler = state.withLock { state in
            state.setup = nil
            return state.sampler
        }
        for background in BackgroundSamplers.all(in: sampler) { background.stop() }
    }
}
