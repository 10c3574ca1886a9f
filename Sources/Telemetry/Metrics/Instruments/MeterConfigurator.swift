// Enables and disables meters by scope.

/// The configuration of a meter. (Specification: metrics SDK, "MeterConfig", in development.)
public struct MeterConfiguration: ScopeConfiguration {
    /// Whether the instruments of the meter record measurements and are collected.
    public var isEnabled = true

    public init() {}

    public init(isEnabled: Bool) {
        self.isEnabled = isEnabled
    }
}

/// Returns the configuration of the meter of a scope.
///
/// It is called when a meter is made, and for all meters when it is replaced. Pass it to `TelemetrySystem.start`, and replace it while the
/// program runs with `updateMeterConfigurator`. (Specification: metrics SDK, "MeterConfigurator", in development.)
public typealias MeterConfigurator = ScopeConfigurator<MeterConfiguration>
