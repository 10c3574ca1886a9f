// The configuration of tracers by scope.

/// How a tracer behaves. (Specification: trace SDK, "TracerConfig", in development.)
public struct TracerConfiguration: ScopeConfiguration {
    /// A tracer that is not enabled records nothing and propagates the context of the parent.
    public var isEnabled = true

    public init() {}

    public init(isEnabled: Bool) {
        self.isEnabled = isEnabled
    }
}

/// Returns the configuration of each tracer: called when a tracer is made, and again for all tracers when it is replaced.
///
/// Give it to `TelemetrySystem.start`, and replace it while the program runs with `updateTracerConfigurator`. (Specification:
/// trace SDK, "TracerConfigurator", in development.)
public typealias TracerConfigurator = ScopeConfigurator<TracerConfiguration>
