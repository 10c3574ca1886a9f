// Whether sums are told since the beginning or since the last time.

/// Whether a point tells what happened since the beginning, or since the point before.
public enum Temporality: Int, Sendable, Hashable {
    /// Since the last collection. (OTLP: 1.)
    case delta = 1
    /// Since the start of the series. (OTLP: 2.)
    case cumulative = 2
}

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
