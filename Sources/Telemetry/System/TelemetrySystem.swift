// The entry point of the SDK.

/// The telemetry of a process: it is started once, provides tracers, meters and loggers, and is shut down at the end.
///
/// Settings come from code, then from the `OTEL_*` environment variables, then from the specification's defaults.
public final class TelemetrySystem: Sendable {
    /// The resource that the telemetry describes.
    public let resource: Resource
    /// The propagator of the context, which works even if telemetry is disabled.
    public let propagator: any Propagator
    /// What a configuration says of instrumentation libraries, which read it when they start; nothing without a configuration.
    public let instrumentation: TelemetryConfiguration.Instrumentation
    private let tracerProvider: TracerProvider
    private let meterProvider: MeterProvider
    private let loggerProvider: LoggerProvider
    private let hasSelfMetrics: Bool
    private let ending = SharedShutdown()
    /// Watches the configuration file, if it is to be watched.
    private let watcher = Locked<ConfigurationWatcher?>(nil)

    private static let started = Locked<TelemetrySystem?>(nil)

    init(
        resource: Resource, propagator: any Propagator, tracerProvider: TracerProvider, meterProvider: MeterProvider,
        loggerProvider: LoggerProvider = .disabled, hasSelfMetrics: Bool = false,
        instrumentation: TelemetryConfiguration.Instrumentation = TelemetryConfiguration.Instrumentation()
    ) {
        self.resource = resource
        self.propagator = propagator
        self.instrumentation = instrumentation
        self.tracerProvider = tracerProvider
        self.meterProvider = meterProvider
        self.loggerProvider = loggerProvider
        self.hasSelfMetrics = hasSelfMetrics
    }

    /// Starts telemetry.
    ///
    /// With `OTEL_CONFIG_FILE` set, that file stands in for all other `OTEL_*` variables: code counts first, then the file.
    ///
    /// - Parameters:
    ///   - resource: the service; it takes precedence over the environment and the detectors.
    ///   - resourceIsComplete: whether the resource is used without additions of environment, detectors and SDK.
    ///   - detectors: the detectors of resource attributes, by default `.service`, `.process`, `.host`, `.os` and `.container`;
    ///     `.kubernetes` and those of clouds, as `.ec2`, are available too.
    ///   - sampler: the sampler; by default all traces are kept, and below a parent its decision applies.
    ///   - spans: the span processors; by default spans are exported in batches to an OTLP receiver on this host.
    ///   - spanOptions: limits, identifiers, the configuration of tracers, the exception signal.
    ///   - propagators: the propagators of the context; by default W3C trace context and baggage.
    ///   - metrics: the metric readers; by default metrics are exported to an OTLP receiver on this host once a minute.
    ///   - views: the views, which change or drop the streams of instruments.
    ///   - metricOptions: the matching of views, the exemplar filter, the configuration of meters.
    ///   - logs: the log processors; by default records are exported in batches to an OTLP receiver on this host.
    ///   - logOptions: limits and the configuration of loggers.
    ///   - selfMetrics: whether the SDK reports metrics about itself, `otel.sdk.…`; their names may change.
    ///   - clock: the clock of spans, measurements and log records: ``TelemetryClock/kernel`` does without the cycle counter of the
    ///     processor, a manual clock is for tests.
    ///   - environment: variables that replace those of the process.
    ///   - components: components of the program's own that a configuration file may name.
    /// - Throws: ``ConfigurationError`` if a setting given in code cannot be used, or one of an exporter's own
    ///   (``EnvironmentConfigurable``), or the configuration file. The given processors are shut down then, as they are if the environment
    ///   disables telemetry.
    public static func start(
        resource: Resource? = nil, resourceIsComplete: Bool = false, detectors: [any ResourceDetector]? = nil,
        sampler: (any Sampler)? = nil, spans: [any SpanProcessor]? = nil, spanOptions: SpanOptions = SpanOptions(),
        propagators: [any Propagator]? = nil, metrics: [any MetricReader]? = nil, views: [MetricView] = [],
        metricOptions: MetricOptions = MetricOptions(), logs: [any LogProcessor]? = nil, logOptions: LogOptions = LogOptions(),
        selfMetrics: Bool = false, clock: TelemetryClock = .system, environment: [String: String]? = nil,
        components: ComponentProviders = ComponentProviders()
    ) throws(ConfigurationError) -> TelemetrySystem {
        let settings = SystemSettings(
            resource: resource, resourceIsComplete: resourceIsComplete, detectors: detectors, sampler: sampler, spans: spans,
            spanOptions: spanOptions, propagators: propagators, metrics: metrics, views: views, metricOptions: metricOptions, logs: logs,
            logOptions: logOptions, hasSelfMetrics: selfMetrics, clock: clock)
        let environment = environment.map { EnvironmentReader($0) } ?? .process
        guard let file = environment.text(configurationFileVariable) else { return try start(settings, environment) }
        var isStarted = false
        defer { if !isStarted { settings.retire() } }
        let configuration = try TelemetryConfiguration.parse(file: file, setting: configurationFileVariable, environment)
        Diagnostics.report(
            .info, topic: "environment.\(configurationFileVariable)",
            "Telemetry is configured by \(file) (\(configurationFileVariable)): other OTEL_* variables count only where the file refers to them."
        )
        let system = try start(settings, configuration, components, environment, setting: configurationFileVariable)
        isStarted = true
        return system
    }

    private static let configurationFileVariable = "OTEL_CONFIG_FILE"

    /// Starts telemetry with a configuration, as `OTEL_CONFIG_FILE` does with a file. `OTEL_*` variables do not count.
    ///
    /// - Parameters:
    ///   - configuration: what ``TelemetryConfiguration/parse(file:environment:)`` returns, or code has made.
    ///   - components: components of the program's own that the configuration may name.
    ///   - clock: the clock of spans, measurements and log records.
    ///   - environment: variables that replace those of the process, for detectors and proxies.
    /// - Throws: ``ConfigurationError`` with all of the configuration that cannot be used.
    public static func start(
        configuration: TelemetryConfiguration, components: ComponentProviders = ComponentProviders(), clock: TelemetryClock = .system,
        environment: [String: String]? = nil
    ) throws(ConfigurationError) -> TelemetrySystem {
        var settings = SystemSettings()
        settings.clock = clock
        return try start(
            settings, configuration, components, environment.map { EnvironmentReader($0) } ?? .process, setting: "configuration")
    }

    /// - Parameter setting: what names the configuration, for errors.
    private static func start(
        _ settings: SystemSettings, _ configuration: TelemetryConfiguration, _ components: ComponentProviders,
        _ environment: EnvironmentReader, setting: String
    ) throws(ConfigurationError) -> TelemetrySystem {
        let configured = ConfiguredSettings(configuration, components, environment)
        do throws(ConfigurationError) {
            try configured.check(setting)
        } catch {
            configured.settings.retire()
            throw error
        }
        Diagnostics.setDefaultMinimumSeverity(Diagnostic.Severity(configuration.logLevel))
        for warning in configuration.warnings + configured.warnings {
            Diagnostics.report(.warning, topic: "configuration.\(warning)", "\(warning)")
        }
        var completed = settings.completed(by: configured.settings)
        let path = configuration.distribution.watchesFile && !configuration.isDisabled ? configuration.source?.path : nil
        var sampler: ReplaceableSampler?
        if path != nil, settings.sampler == nil, let present = completed.sampler {
            sampler = ReplaceableSampler(present)
            completed.sampler = sampler
        }
        let system = try start(completed, environment.withoutTelemetryVariables)
        if let path {
            let original = configuration.original.first ?? configuration
            let targets = system.targets(settings, sampler).keeping(configuration, changedFrom: original)
            let watcher = ConfigurationWatcher(path: path, environment, components, targets)
            system.watcher.withLock { $0 = watcher }
            watcher.start(original, configuration.source?.stamp)
        }
        return system
    }

    /// Returns what a changed file is applied to: all that code leaves open.
    private func targets(_ code: SystemSettings, _ sampler: ReplaceableSampler?) -> ConfigurationTargets {
        var targets = ConfigurationTargets(sampler: sampler)
        if code.spanOptions.configurator.enablesAll { targets.updateTracers = { [tracerProvider] in tracerProvider.update($0) } }
        if code.metricOptions.configurator.enablesAll { targets.updateMeters = { [meterProvider] in meterProvider.update($0) } }
        if code.logOptions.configurator.enablesAll { targets.updateLoggers = { [loggerProvider] in loggerProvider.update($0) } }
        // They were checked before.
        if code.views.isEmpty { targets.updateViews = { [meterProvider] in try? meterProvider.update($0) } }
        return targets
    }

    /// Starts what settings and, where they leave something open, the environment say.
    private static func start(_ settings: SystemSettings, _ environment: EnvironmentReader) throws(ConfigurationError) -> TelemetrySystem {
        var isStarted = false
        var (processors, readers, logProcessors) = (settings.spans ?? [], settings.metrics ?? [], settings.logs ?? [])
        // Processors and readers have threads, which must end if the system is not started.
        defer {
            if !isStarted {
                processors.retire()
                readers.retire()
                logProcessors.retire()
            }
        }
        Diagnostics.setMinimumSeverity(environment)
        let isDisabled = settings.isDisabled ?? environment.boolean("OTEL_SDK_DISABLED")
        let usesKernelClock = settings.usesKernelClock || environment.boolean("OTEL_SWIFT_KERNEL_CLOCK")
        let clock = usesKernelClock ? settings.clock.withoutCycleCounter : settings.clock
        let described = try settings.describedResource(environment)
        let (spanOptions, logOptions) = (settings.spanOptions, settings.logOptions)
        let checked: [Any?] = [settings.sampler, spanOptions.limits, logOptions.limits]
        if let problem = checked.compactMap({ $0 }).firstProblem { throw problem }
        if !isDisabled {
            if settings.spans == nil { processors = TracingEnvironment.processors(environment) }
            if settings.metrics == nil { readers = MetricsEnvironment.readers(environment) }
            if settings.logs == nil { logProcessors = LogsEnvironment.processors(environment) }
            try processors.configure(environment)
            try readers.configure(environment)
            try logProcessors.configure(environment)
        }
        let loggerProvider = LoggerProvider(
            resource: described, limits: logOptions.limits ?? LogRecordLimits(environment),
            processors: isDisabled ? [] : logProcessors, clock: clock, configurator: logOptions.configurator,
            isOff: isDisabled || settings.isLoggingOff, countsRecords: settings.hasSelfMetrics,
            contextAttributes: logOptions.contextAttributes)
        let helpers = settings.helpers(environment)
        let provider = TracerProvider(
            resource: described, sampler: settings.sampler ?? TracingEnvironment.sampler(environment, clock: clock),
            limits: spanOptions.limits ?? SpanLimits(environment), processors: isDisabled ? [] : processors,
            idGenerator: spanOptions.idGenerator, clock: clock, configurator: spanOptions.configurator,
            isOff: isDisabled || settings.isTracingOff, countsSpans: settings.hasSelfMetrics,
            exceptions: ExceptionRecording(spanOptions.exceptions ?? LogsEnvironment.exceptions(environment), loggerProvider),
            contextAttributes: spanOptions.contextAttributes, instrumentation: helpers)
        let meterProvider = try MeterProvider(
            resource: described, readers: isDisabled ? [] : readers, views: settings.views,
            viewMatching: settings.metricOptions.viewMatching,
            exemplarFilter: settings.metricOptions.exemplarFilter ?? MetricsEnvironment.exemplarFilter(environment), clock: clock,
            configurator: settings.metricOptions.configurator, contextAttributes: settings.metricOptions.contextAttributes,
            instrumentation: helpers)
        if settings.hasSelfMetrics { SelfMetrics.register(on: meterProvider, tracing: provider, logging: loggerProvider) }
        let system = TelemetrySystem(
            resource: described,
            propagator: settings.propagators.map { .composite($0) } ?? TracingEnvironment.propagator(environment),
            tracerProvider: provider, meterProvider: meterProvider, loggerProvider: loggerProvider,
            hasSelfMetrics: settings.hasSelfMetrics, instrumentation: settings.instrumentation ?? .init())
        isStarted = !isDisabled
        EffectiveConfiguration(
            resource: described, propagator: system.propagator, tracing: provider, readers: meterProvider.readers,
            logging: loggerProvider, isDisabled: isDisabled
        ).report()
        // One value for the whole process lets libraries record without being passed a system.
        Propagators.global = system.propagator
        started.withLock { $0 = system }
        if !isDisabled && environment.boolean("OTEL_SWIFT_PROCESS_CONTEXT") { system.publishProcessContext() }
        return system
    }

    /// The system that was started last; before any start a system that records nothing and propagates contexts unchanged.
    public static var current: TelemetrySystem { started.withLock { $0 } ?? disabled }

    private static let disabled = TelemetrySystem(
        resource: .empty, propagator: .composite([]),
        tracerProvider: TracerProvider(
            resource: .empty, sampler: .alwaysOff, limits: SpanLimits(), processors: [], idGenerator: nil, clock: .system, isOff: true),
        meterProvider: .disabled)

    /// Returns the tracer of an instrumentation scope, always the same for the same scope.
    ///
    /// - Parameters:
    ///   - name: the library or module whose operations the spans describe.
    ///   - version: its version.
    ///   - schemaURL: the schema that the telemetry of the scope follows.
    ///   - attributes: whatever else tells the scope apart.
    public func tracer(_ name: String, version: String = "", schemaURL: String = "", attributes: Attributes = [:]) -> Tracer {
        tracerProvider.tracer(InstrumentationScope(name: name, version: version, schemaURL: schemaURL, attributes: attributes))
    }

    /// Returns the meter of an instrumentation scope, always the same for the same scope.
    ///
    /// - Parameters:
    ///   - name: the library or module whose measurements its instruments take.
    ///   - version: its version.
    ///   - schemaURL: the schema that the telemetry of the scope follows.
    ///   - attributes: whatever else tells the scope apart.
    public func meter(_ name: String, version: String = "", schemaURL: String = "", attributes: Attributes = [:]) -> Meter {
        meterProvider.meter(InstrumentationScope(name: name, version: version, schemaURL: schemaURL, attributes: attributes))
    }

    /// Returns the logger of an instrumentation scope, always the same for the same scope.
    ///
    /// - Parameters:
    ///   - name: the library or module that the log records come from.
    ///   - version: its version.
    ///   - schemaURL: the schema that the telemetry of the scope follows.
    ///   - attributes: whatever else tells the scope apart.
    public func logger(_ name: String, version: String = "", schemaURL: String = "", attributes: Attributes = [:]) -> TelemetryLogger {
        loggerProvider.logger(InstrumentationScope(name: name, version: version, schemaURL: schemaURL, attributes: attributes))
    }

    /// Replaces the configurator of tracers; it applies to all tracers at once, including existing ones.
    public func updateTracerConfigurator(_ configurator: TracerConfigurator) {
        tracerProvider.update(configurator)
    }

    /// Replaces the configurator of meters; it applies to all meters at once, including existing ones.
    public func updateMeterConfigurator(_ configurator: MeterConfigurator) {
        meterProvider.update(configurator)
    }

    /// Replaces the configurator of loggers; it applies to all loggers at once, including existing ones.
    public func updateLoggerConfigurator(_ configurator: LoggerConfigurator) {
        loggerProvider.update(configurator)
    }

    /// The health of the pipelines: accepted, exported and dropped items, and the reasons. Reading it takes a few locks.
    public var health: TelemetryHealth {
        TelemetryHealth(
            pipelines: tracerProvider.health + meterProvider.health + loggerProvider.health,
            negativeMeasurements: meterProvider.refusals.negativeCount, nonFiniteMeasurements: meterProvider.refusals.notFiniteCount)
    }

    /// Where what is exported passes; nil for a signal without a processor that exports, or a periodic reader.
    var exportSources: ExportSources {
        ExportSources(
            spans: tracerProvider.pipelines.first?.fetched,
            metrics: meterProvider.readers.lazy.compactMap { ($0 as? PeriodicMetricReader)?.pipeline }.first?.fetched,
            logs: loggerProvider.pipelines.first?.fetched)
    }

    /// Returns a page for Prometheus, for any web framework; it has status 503 without a Prometheus reader.
    public var prometheus: PrometheusExporter {
        meterProvider.readers.lazy.compactMap { $0 as? PrometheusExporter }.first ?? Self.unregisteredExporter
    }

    private static let unregisteredExporter = PrometheusExporter(hasEndpoint: false)

    /// Exports everything that has been recorded so far.
    @discardableResult
    public func forceFlush(within duration: Duration = .seconds(5)) async -> FlushResult {
        await requests(isShutdown: false, .after(duration)).waitWithoutBlocking()
    }

    /// Exports everything that has been recorded so far and ends; from then on all calls have no effect.
    ///
    /// It returns as soon as everything is exported, and at the latest when the duration is over. Then all counts are final, and
    /// ``health`` has the numbers of exported and dropped items. A second call waits for the first one, within its own duration, and
    /// returns the result of the first.
    @discardableResult
    public func shutdown(within duration: Duration = .seconds(5)) async -> FlushResult {
        await requests(isShutdown: true, .after(duration)).waitWithoutBlocking()
    }

    /// Starts a flush or the shutdown of all signals.
    func requests(isShutdown: Bool, _ deadline: Deadline) -> [FlushRequest] {
        guard isShutdown else { return ending.flush(deadline) { requestsOfProviders(isShutdown: false, deadline) } }
        watcher.withLock { $0 }?.stop()
        return ending.begin(deadline) { requestsOfProviders(isShutdown: true, deadline) }
    }

    private func requestsOfProviders(isShutdown: Bool, _ deadline: Deadline) -> [FlushRequest] {
        // Tracers shut down before loggers, since errors of the last spans may become log records.
        let items = tracerProvider.requests(isShutdown: isShutdown, deadline) + loggerProvider.requests(isShutdown: isShutdown, deadline)
        guard hasSelfMetrics else { return items + meterProvider.requests(isShutdown: isShutdown, deadline) }
        // Metrics are collected last to include the final counts, unless that takes more than half of the time.
        let (metrics, begin) = FlushRequest.delayed(isShutdown: isShutdown, deadline: deadline) { [meterProvider] in
            meterProvider.requests(isShutdown: isShutdown, deadline)
        }
        items.whenAnswered { _ in begin() }
        return items + [metrics]
    }
}
