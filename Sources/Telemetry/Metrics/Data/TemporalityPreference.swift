// The temporality that a reader selects by instrument kind.

/// Which temporality a reader wants for each kind of instrument.
public struct TemporalityPreference: Sendable, Hashable {
    private var deltaKinds: Set<InstrumentKind>

    /// Delta for those kinds, cumulative for all others.
    public init(deltaFor kinds: Set<InstrumentKind>) {
        deltaKinds = kinds
    }

    /// Cumulative for all kinds.
    public static let cumulative = TemporalityPreference(deltaFor: [])

    /// Delta for all kinds but up-down counters, whose changes alone say little.
    ///
    /// For a gauge it means that a series is told of only when it was set since the last collection. (Specification: OTLP metrics
    /// exporter, "Delta".)
    public static let delta = TemporalityPreference(deltaFor: [.counter, .observableCounter, .histogram, .gauge, .observableGauge])

    /// Delta where it saves memory: for what is recorded, not for what callbacks observe.
    ///
    /// Observable counters stay cumulative, since their values come so. (Specification: OTLP metrics exporter, "LowMemory".)
    public static let lowMemory = TemporalityPreference(deltaFor: [.counter, .histogram, .gauge])

    public subscript(kind: InstrumentKind) -> Temporality { deltaKinds.contains(kind) ? .delta : .cumulative }
}
