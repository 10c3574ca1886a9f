// Starts telemetry, hands out tracers, meters and log emitters, flushes and shuts down.

/// Telemetry of a process: started once, asked for tracers, meters and loggers, and shut down at the end.
///
/// What is not given in code comes from the `OTEL_*` environment variables, and what they do not say from the
/// specification's defaults.
public final class TelemetrySystem: Sendable {
    /// What the telemetry describes.
    public let resource: Resource
    /// Carries the context to other processes and back, even when telemetry is disabled.
    public let propagator: any Propagator
    private let tracerProvider: TracerProvider
    private let meterProvider: MeterProvider
    private let loggerProvider: LoggerProvider
    private let hasSelfMetrics: Bool
    private let ending = SharedShutdown()

    private static let started = Locked<TelemetrySystem?>(nil)

    init(
        resource: Resource, propagator: any Propagator, tracerProvider: TracerProvider, meterProvider: MeterProvider,
        loggerProvider: LoggerProvider = .disabled, hasSelfMetrics: Bool = false
    ) {
        self.resource = resource
        self.propagator = propagator
        self.tracerProvider = tracerProvider
        self.meterProvider = meterProvider
        self.loggerProvider = loggerProvider
        self.hasSelfMetrics = hasSelfMetrics
    }

    /// Starts telemetry.
    ///
    /// - Parameters:
    ///   - resource: the service; it is laid over what the environment and the detectors say.
    ///   - resourceIsComplete: whether the resource given is all there is, and environment, detectors and SDK add nothing to it.
    ///   - detectors: what finds out about the process and its host; `.kubernetes` is there too.
    ///   - sampler: which traces are kept; by default all, and below a parent what the parent decided.
    ///   - spans: where spans go; by default in batches to an OTLP receiver on this host.
    ///   - spanOptions: limits, identifiers, which tracers are on, where errors go.
    ///   - propagators: how the context travels; by default W3C trace context and baggage.
    ///   - metrics: what collects metrics; by default they go to an OTLP receiver on this host, once a minute.
    ///   - views: what becomes of instruments, where that is not left to them.
    ///   - metricOptions: how views match, which measurements may be examples, which meters are on.
    ///   - logs: where log records go; by default in batches to an OTLP receiver on this host.
    ///   - logOptions: limits, and what is let pass by the loggers of each scope.
    ///   - selfMetrics: whether there are metrics about telemetry itself, `otel.sdk.…`; their names may change.
    ///   - clock: where spans, measurements and log records have their times from; a clock moved by hand is for tests.
    ///   - environment: variables to use in place of the process's own.
    /// - Throws: ``ConfigurationError`` when a setting given in code cannot be used. The processors given are shut down then,
    ///   as they are when the environment disables telemetry.
    public static func start(
        resource: Resource? = nil, resourceIsComplete: Bool = false,
        detectors: [any ResourceDetector] = [.service, .process, .host, .os, .container], sampler: (any Sampler)? = nil,
        spans: [any SpanProcessor]? = nil, spanOptions: SpanOptions = SpanOptions(), propagators: [any Propagator]? = nil,
        metrics: [any MetricReader]? = nil, views: [MetricView] = [], metricOptions: MetricOptions = MetricOptions(),
        logs: [any LogProcessor]? = nil, logOptions: LogOptions = LogOptions(), selfMetrics: Bool = false,
        clock: TelemetryClock = .system, environment: [String: String]? = nil
    ) throws(ConfigurationError) -> TelemetrySystem {
        var isStarted = false
        var (processors, readers, logProcessors) = (spans ?? [], metrics ?? [], logs ?? [])
        // Processors and readers have threads: none may stay of those that nobody will shut down.
        defer {
            if !isStarted {
                processors.retire()
                readers.retire()
                logProcessors.retire()
            }
        }
        let environment = environment.map { EnvironmentReader($0) } ?? .process
        Diagnostics.setMinimumSeverity(environment)
        environment.reportConfigurationFile()
        let isDisabled = environment.boolean("OTEL_SDK_DISABLED")
        let described =
            resourceIsComplete
            ? resource ?? .empty : try Resource.composed(of: resource, detectors: detectors, environment: environment)
        for sampler in sampler.map({ BackgroundSamplers.all(in: $0) }) ?? [] {
            if let error = sampler.configurationError { throw error }
        }
        if !isDisabled {
            if spans == nil { processors = TracingEnvironment.processors(environment) }
            if metrics == nil { readers = MetricsEnvironment.readers(environment) }
            if logs == nil { logProcessors = LogsEnvironment.processors(environment) }
            for processor in processors { try (processor as? any PipelineOwner)?.configure(environment) }
            for reader in readers { try (reader as? any ConfiguredMetricReader)?.configure(environment) }
            for processor in logProcessors { try (processor as? any PipelineOwner)?.configure(environment) }
        }
        let loggerProvider = LoggerProvider(
            resource: described, limits: logOptions.limits ?? LogRecordLimits(environment),
            processors: isDisabled ? [] : logProcessors, clock: clock, configurator: logOptions.configurator, isOff: isDisabled,
            countsRecords: selfMetrics)
        let provider = TracerProvider(
            resource: described, sampler: sampler ?? TracingEnvironment.sampler(environment),
            limits: spanOptions.limits ?? SpanLimits(environment), processors: isDisabled ? [] : processors,
            idGenerator: spanOptions.idGenerator, clock: clock, configurator: spanOptions.configurator, isOff: isDisabled,
            countsSpans: selfMetrics,
            exceptions: ExceptionRecording(spanOptions.exceptions ?? LogsEnvironment.exceptions(environment), loggerProvider))
        let meterProvider = try MeterProvider(
            resource: described, readers: isDisabled ? [] : readers, views: views, viewMatching: metricOptions.viewMatching,
            exemplarFilter: metricOptions.exemplarFilter ?? MetricsEnvironment.exemplarFilter(environment), clock: clock,
            configurator: metricOptions.configurator)
        if selfMetrics { SelfMetrics.register(on: meterProvider, tracing: provider, logging: loggerProvider) }
        let system = TelemetrySystem(
            resource: described, propagator: propagators.map { .composite($0) } ?? TracingEnvironment.propagator(environment),
            tracerProvider: provider, meterProvider: meterProvider, loggerProvider: loggerProvider, hasSelfMetrics: selfMetrics)
        isStarted = !isDisabled
        EffectiveConfiguration(
            resource: described, propagator: system.propagator, tracing: provider, readers: meterProvider.readers,
            logging: loggerProvider, isDisabled: isDisabled
        ).report()
        // One value for the whole process, so that libraries can take part without being handed anything.
        Propagators.global = system.propagator
        started.withLock { $0 = system }
        return system
    }

    /// The system that was started last; before that one that records nothing, and hands on contexts unchanged.
    public static var current: TelemetrySystem { started.withLock { $0 } ?? disabled }

    private static let disabled = TelemetrySystem(
        resource: .empty, propagator: .composite([]),
        tracerProvider: TracerProvider(
            resource: .empty, sampler: .alwaysOff, limits: SpanLimits(), processors: [], idGenerator: nil, clock: .system, isOff: true),
        meterProvider: .disabled)

    /// The tracer of an instrumentation scope, always the same for the same scope.
    ///
    /// - Parameters:
    ///   - name: the library or module whose operations the spans describe.
    ///   - version: its version.
    ///   - schemaURL: the schema that the telemetry of the scope follows.
    ///   - attributes: whatever else tells the scope apart.
    public func tracer(_ name: String, version: String = "", schemaURL: String = "", attributes: Attributes = [:]) -> Tracer {
        tracerProvider.tracer(InstrumentationScope(name: name, version: version, schemaURL: schemaURL, attributes: attributes))
    }

    /// The meter of an instrumentation scope, always the same for the same scope.
    ///
    /// - Parameters:
    ///   - name: the library or module whose measurements its instruments take.
    ///   - version: its version.
    ///   - schemaURL: the schema that the telemetry of the scope follows.
    ///   - attributes: whatever else tells the scope apart.
    public func meter(_ name: String, version: String = "", schemaURL: String = "", attributes: Attributes = [:]) -> Meter {
        meterProvider.meter(InstrumentationScope(name: name, version: version, schemaURL: schemaURL, attributes: attributes))
    }

    /// The logger of an instrumentation scope, always the same for the same scope.
    ///
    /// - Parameters:
    ///   - name: the library or module that the log records come from.
    ///   - version: its version.
    ///   - schemaURL: the schema that the telemetry of the scope follows.
    ///   - attributes: whatever else tells the scope apart.
    public func logger(_ name: String, version: String = "", schemaURL: String = "", attributes: Attributes = [:]) -> TelemetryLogger {
        loggerProvider.logger(InstrumentationScope(name: name, version: version, schemaURL: schemaURL, attributes: attributes))
    }

    /// Replaces what switches tracers on and off; it counts for all tracers at once, also for those handed out before.
    public func updateTracerConfigurator(_ configurator: TracerConfigurator) {
        tracerProvider.update(configurator)
    }

    /// Replaces what switches meters on and off; it counts for all meters at once, also for those handed out before.
    public func updateMeterConfigurator(_ configurator: MeterConfigurator) {
        meterProvider.update(configurator)
    }

    /// Replaces what says which log records pass; it counts for all loggers at once, also for those handed out before.
    public func updateLoggerConfigurator(_ configurator: LoggerConfigurator) {
        loggerProvider.update(configurator)
    }

    /// How telemetry itself is doing: what was taken, delivered and lost, and why. Reading it costs a few locks.
    public var health: TelemetryHealth {
        TelemetryHealth(
            pipelines: tracerProvider.health + meterProvider.health + loggerProvider.health,
            negativeMeasurements: meterProvider.refusals.negativeCount, nonFiniteMeasurements: meterProvider.refusals.notFiniteCount)
    }

    /// Pages for Prometheus, to be served by any web framework; when no reader makes them, pages that say so.
    public var prometheus: PrometheusExporter {
        meterProvider.readers.lazy.compactMap { $0 as? PrometheusExporter }.first ?? Self.noPages
    }

    private static let noPages = PrometheusExporter(hasEndpoint: false)

    /// Delivers all that has been recorded so far.
    @discardableResult
    public func forceFlush(within duration: Duration = .seconds(5)) async -> FlushResult {
        await requests(isShutdown: false, .after(duration)).waitWithoutBlocking()
    }

    /// Delivers all that has been recorded so far and ends; from then on everything does nothing.
    ///
    /// It returns as soon as everything is delivered, and at the latest when the duration is over; then everything is settled, and
    /// ``health`` says what was delivered and what was dropped. A second call waits for the first one, within its own duration, and
    /// returns what that one returns.
    @discardableResult
    public func shutdown(within duration: Duration = .seconds(5)) async -> FlushResult {
        await requests(isShutdown: true, .after(duration)).waitWithoutBlocking()
    }

    /// Begins a flush, or the shutdown, of everything.
    func requests(isShutdown: Bool, _ deadline: Deadline) -> [FlushRequest] {
        guard isShutdown else { return ending.flush(deadline) { requestsOfProviders(isShutdown: false, deadline) } }
        return ending.begin(deadline) { requestsOfProviders(isShutdown: true, deadline) }
    }

    private func requestsOfProviders(isShutdown: Bool, _ deadline: Deadline) -> [FlushRequest] {
        // Tracers are closed before loggers: errors that leave the last spans may become log records.
        let items = tracerProvider.requests(isShutdown: isShutdown, deadline) + loggerProvider.requests(isShutdown: isShutdown, deadline)
        guard hasSelfMetrics else { return items + meterProvider.requests(isShutdown: isShutdown, deadline) }
        // Metrics tell what became of the last items too, unless that takes more than half of the time.
        let (metrics, begin) = FlushRequest.delayed(isShutdown: isShutdown, deadline: deadline) { [meterProvider] in
            meterProvider.requests(isShutdown: isShutdown, deadline)
        }
        items.whenAnswered { _ in begin() }
        return items + [metrics]
    }
}
