// The presets of the OTLP exporter, and any other choice by instrument kind.

/// The temporality that a reader or exporter selects for each instrument kind.
public struct TemporalityPreference: Sendable, Hashable {
    private var deltaKinds: Set<InstrumentKind>

    /// Selects delta for the kinds given and cumulative for all others.
    public init(deltaFor kinds: Set<InstrumentKind>) {
        deltaKinds = kinds
    }

    /// Cumulative for all kinds.
    public static let cumulative = TemporalityPreference(deltaFor: [])

    /// Delta for all kinds but up-down counters, whose changes alone have little meaning.
    ///
    /// With delta, a gauge exports a series only if it was recorded since the last collection. (Specification: OTLP metrics exporter,
    /// "Delta".)
    public static let delta = TemporalityPreference(deltaFor: [.counter, .observableCounter, .histogram, .gauge, .observableGauge])

    /// Delta for the synchronous kinds for which it saves memory.
    ///
    /// Observable counters stay cumulative, as callbacks observe them. (Specification: OTLP metrics exporter, "LowMemory".)
    public static let lowMemory = TemporalityPreference(deltaFor: [.counter, .histogram, .gauge])

    public subscript(kind: InstrumentKind) -> Temporality { deltaKinds.contains(kind) ? .delta : .cumulative }
}
