// The difference between the running configuration and a changed file.

/// Applies what can change while the program runs, and lists what needs a restart.
struct ConfigurationChange {
    /// The properties that were applied.
    private(set) var applied: [String] = []
    /// The properties that differ, and are not applied since code sets them.
    private(set) var keptByCode: [String] = []
    /// The properties that differ from what runs, and need a restart.
    private(set) var needingRestart: [String] = []
    /// What the file said before, with what was applied: code may run something else.
    private(set) var running: TelemetryConfiguration
    private let file: TelemetryConfiguration

    /// Applies a file; nothing is applied if it cannot be used.
    ///
    /// - Throws: ``ConfigurationError`` if something that would be applied cannot be used.
    init(
        from running: TelemetryConfiguration, to file: TelemetryConfiguration, _ targets: ConfigurationTargets,
        _ providers: ComponentProviders
    ) throws(ConfigurationError) {
        self.running = running
        self.file = file
        let problems = ConfigurationProblems(file: file.source?.name ?? "configuration", places: file.source?.places ?? [:])
        let components = ConfiguredComponents(providers, problems)
        var sampler: (any Sampler)?
        if let changed = file.tracerProvider, let present = running.tracerProvider, changed.sampler != present.sampler {
            sampler = ConfiguredSamplers(components: components).sampler(changed.sampler, "tracer_provider.sampler")
        }
        let views = file.meterProvider.map { provider in
            provider.views.enumerated().map { index, view in
                let made = MetricView(view)
                if let problem = made.problem { problems.fail("meter_provider.views[\(index)]", "\(problem)") }
                return made
            }
        }
        let errors = problems.sorted + components.unregistered
        guard errors.isEmpty else {
            throw ConfigurationError(
                setting: "file", value: problems.file, expected: ConfigurationProblems.expectation(errors),
                problems: errors)
        }
        applyLevel(targets)
        applyTracing(sampler, targets)
        applyMetrics(views ?? [], targets)
        applyLogging(targets)
        findRest()
    }

    private mutating func applyLevel(_ targets: ConfigurationTargets) {
        guard file.logLevel != running.logLevel else { return }
        guard targets.takesLogLevel else { return keptByCode.append("log_level") }
        Diagnostics.setDefaultMinimumSeverity(Diagnostic.Severity(file.logLevel))
        running.logLevel = file.logLevel
        applied.append("log_level")
    }

    private mutating func applyTracing(_ sampler: (any Sampler)?, _ targets: ConfigurationTargets) {
        guard let changed = file.tracerProvider, running.tracerProvider != nil else { return }
        if let sampler {
            apply("tracer_provider.sampler", targets.sampler) { running, target in
                target.replace(sampler)
                running.tracerProvider?.sampler = changed.sampler
            }
        }
        if changed.configurator != running.tracerProvider?.configurator {
            apply("tracer_provider.tracer_configurator/development", targets.updateTracers) { running, update in
                update(changed.configurator?.configurator ?? .enablingAll)
                running.tracerProvider?.configurator = changed.configurator
            }
        }
    }

    private mutating func applyMetrics(_ views: [MetricView], _ targets: ConfigurationTargets) {
        guard let changed = file.meterProvider, running.meterProvider != nil else { return }
        if changed.views != running.meterProvider?.views {
            apply("meter_provider.views (for instruments that are made from now on)", targets.updateViews) { running, update in
                update(views)
                running.meterProvider?.views = changed.views
            }
        }
        if changed.configurator != running.meterProvider?.configurator {
            apply("meter_provider.meter_configurator/development", targets.updateMeters) { running, update in
                update(changed.configurator?.configurator ?? .enablingAll)
                running.meterProvider?.configurator = changed.configurator
            }
        }
    }

    private mutating func applyLogging(_ targets: ConfigurationTargets) {
        guard let changed = file.loggerProvider, running.loggerProvider != nil else { return }
        if changed.configurator != running.loggerProvider?.configurator {
            apply("logger_provider.logger_configurator/development", targets.updateLoggers) { running, update in
                update(changed.configurator?.configurator ?? .enablingAll)
                running.loggerProvider?.configurator = changed.configurator
            }
        }
    }

    /// Applies a property that differs, unless code sets it.
    private mutating func apply<Target>(
        _ name: String, _ target: Target?, _ body: (_ running: inout TelemetryConfiguration, _ target: Target) -> Void
    ) {
        guard let target else { return keptByCode.append(name) }
        body(&running, target)
        applied.append(name)
    }

    /// Lists what still differs.
    private mutating func findRest() {
        func compare<Value: Equatable>(_ name: String, _ property: (TelemetryConfiguration) -> Value) -> String? {
            property(file) == property(running) ? nil : name
        }
        let sections = [
            compare("disabled", \.isDisabled), compare("attribute_limits", \.attributeLimits), compare("resource", \.resource),
            compare("propagator", \.propagator), compare("instrumentation/development", \.instrumentation),
            compare("distribution", \.distribution),
        ]
        needingRestart = sections.compactMap { $0 } + tracing + metrics + logging
    }

    private var tracing: [String] {
        guard let (changed, present) = both(\.tracerProvider) else {
            return file.tracerProvider == running.tracerProvider ? [] : ["tracer_provider"]
        }
        return [
            changed.processors == present.processors ? nil : "processors", changed.limits == present.limits ? nil : "limits",
            changed.idGenerator == present.idGenerator ? nil : "id_generator",
        ].compactMap { $0 }.map { "tracer_provider.\($0)" }
    }

    private var metrics: [String] {
        guard let (changed, present) = both(\.meterProvider) else {
            return file.meterProvider == running.meterProvider ? [] : ["meter_provider"]
        }
        return [
            changed.readers == present.readers ? nil : "readers",
            changed.exemplarFilter == present.exemplarFilter ? nil : "exemplar_filter",
        ].compactMap { $0 }.map { "meter_provider.\($0)" }
    }

    private var logging: [String] {
        guard let (changed, present) = both(\.loggerProvider) else {
            return file.loggerProvider == running.loggerProvider ? [] : ["logger_provider"]
        }
        return [changed.processors == present.processors ? nil : "processors", changed.limits == present.limits ? nil : "limits"]
            .compactMap { $0 }.map { "logger_provider.\($0)" }
    }

    private func both<Provider>(_ provider: (TelemetryConfiguration) -> Provider?) -> (Provider, Provider)? {
        guard let changed = provider(file), let present = provider(running) else { return nil }
        return (changed, present)
    }
}
