// From the observers of one callback to the streams of its instruments.

/// The observations of one callback in one round, until it is closed.
final class ObservationBatch: Sendable {
    /// The largest number of observations, so that a callback in an endless loop does not exhaust memory.
    static let capacity = 1_000_000

    private struct State {
        var isOpen = true
        var observations: [ObjectIdentifier: [Observation]] = [:]
        var count = 0
    }

    private let state = Locked(State())
    private let instruments: Set<ObjectIdentifier>

    init(_ instruments: Set<ObjectIdentifier>) {
        self.instruments = instruments
    }

    func add(_ number: MetricNumber, _ attributes: Attributes, of core: ObservableCore) {
        guard instruments.contains(ObjectIdentifier(core)), core.accepts(number) else { return }
        let isTaken = state.withLock { state in
            guard state.isOpen else { return true }
            guard state.count < Self.capacity else { return false }
            state.count += 1
            state.observations[ObjectIdentifier(core), default: []].append(Observation(number: number, attributes: attributes))
            return true
        }
        guard !isTaken else { return }
        Diagnostics.report(
            .warning, topic: "metrics.callback.\(core.descriptor.name)",
            "A callback of \"\(core.descriptor.name)\" observes more than \(Self.capacity) values at once: the rest is dropped. Observe sums."
        )
    }

    /// Refuses further observations, and returns those so far.
    func close() -> [ObjectIdentifier: [Observation]] {
        state.withLock { state in
            state.isOpen = false
            defer { state.observations = [:] }
            return state.observations
        }
    }
}
