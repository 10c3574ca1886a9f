// Switches meters on and off, by their scopes.

/// How a meter behaves. (Specification: metrics SDK, "MeterConfig", in development.)
public struct MeterConfiguration: ScopeConfiguration {
    /// The instruments of a meter that is not enabled take nothing, and nothing is collected of them.
    public var isEnabled = true

    public init() {}

    public init(isEnabled: Bool) {
        self.isEnabled = isEnabled
    }
}

/// Says how the meter of each scope behaves: asked when a meter is made, and again for all meters when it is replaced.
///
/// Give it to `TelemetrySystem.start`, and replace it while the program runs with `updateMeterConfigurator`. (Specification:
/// metrics SDK, "MeterConfigurator", in development.)
public typealias MeterConfigurator = ScopeConfigurator<MeterConfiguration>
