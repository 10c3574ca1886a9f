// What a changed configuration file is applied to.

/// The parts of a running system that take a new configuration; nil, or false, for what code has set itself, or what is not there.
struct ConfigurationTargets: Sendable {
    var takesLogLevel = true
    var sampler: ReplaceableSampler?
    var updateTracers: (@Sendable (TracerConfigurator) -> Void)?
    var updateMeters: (@Sendable (MeterConfigurator) -> Void)?
    var updateLoggers: (@Sendable (LoggerConfigurator) -> Void)?
    var updateViews: (@Sendable ([MetricView]) -> Void)?

    /// Returns the targets without those of properties that code has changed since the file was parsed.
    func keeping(_ started: TelemetryConfiguration, changedFrom original: TelemetryConfiguration) -> ConfigurationTargets {
        func isChanged<Value: Equatable>(_ property: (TelemetryConfiguration) -> Value) -> Bool {
            property(started) != property(original)
        }
        var targets = self
        if isChanged(\.logLevel) { targets.takesLogLevel = false }
        if isChanged({ $0.tracerProvider?.sampler }) { targets.sampler = nil }
        if isChanged({ $0.tracerProvider?.configurator }) { targets.updateTracers = nil }
        if isChanged({ $0.meterProvider?.configurator }) { targets.updateMeters = nil }
        if isChanged({ $0.loggerProvider?.configurator }) { targets.updateLoggers = nil }
        if isChanged({ $0.meterProvider?.views }) { targets.updateViews = nil }
        return targets
    }
}
