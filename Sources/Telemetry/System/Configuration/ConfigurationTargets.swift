// What a changed configuration file is applied to.

/// The parts of a running system that take a new configuration; nil for what code has set itself, or what is not there.
struct ConfigurationTargets: Sendable {
    var sampler: ReplaceableSampler?
    var updateTracers: (@Sendable (TracerConfigurator) -> Void)?
    var updateMeters: (@Sendable (MeterConfigurator) -> Void)?
    var updateLoggers: (@Sendable (LoggerConfigurator) -> Void)?
    var updateViews: (@Sendable ([MetricView]) -> Void)?
}
