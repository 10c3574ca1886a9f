// The settings of a start, from code and from a configuration.

/// Everything that a system is started with; what is nil, the environment or the default decides.
struct SystemSettings: Sendable {
    var resource: Resource?
    var resourceIsComplete = false
    var detectors: [any ResourceDetector]?
    var sampler: (any Sampler)?
    var spans: [any SpanProcessor]?
    var spanOptions = SpanOptions()
    var propagators: [any Propagator]?
    var metrics: [any MetricReader]?
    var views: [MetricView] = []
    var metricOptions = MetricOptions()
    var logs: [any LogProcessor]?
    var logOptions = LogOptions()
    var hasSelfMetrics = false
    var clock = TelemetryClock.system
    /// The schema URL of the resource, whatever the detectors' is; nil if code's resource has one.
    var schemaURL: String?
    /// Whether nothing is recorded; nil if `OTEL_SDK_DISABLED` decides.
    var isDisabled: Bool?
    /// Signals without a provider: nothing of them is recorded.
    var isTracingOff = false
    var isLoggingOff = false
    var usesKernelClock = false
    /// The settings of instrumentation; nil if the environment decides.
    var instrumentation: TelemetryConfiguration.Instrumentation?

    static let standardDetectors: [any ResourceDetector] = [.service, .process, .host, .os, .container]

    /// Returns these settings of code, with those of a configuration where code leaves them open.
    func completed(by configured: SystemSettings) -> SystemSettings {
        var settings = self
        if !resourceIsComplete { settings.resource = resource.map { configured.resource?.merging($0) ?? $0 } ?? configured.resource }
        settings.schemaURL = resource?.schemaURL.isEmpty == false ? nil : configured.schemaURL
        settings.detectors = detectors ?? configured.detectors
        settings.sampler = sampler ?? configured.sampler
        settings.isTracingOff = spans == nil && configured.isTracingOff
        settings.spans = spans ?? configured.spans
        settings.spanOptions.limits = spanOptions.limits ?? configured.spanOptions.limits
        settings.spanOptions.idGenerator = spanOptions.idGenerator ?? configured.spanOptions.idGenerator
        if spanOptions.configurator.enablesAll { settings.spanOptions.configurator = configured.spanOptions.configurator }
        settings.propagators = propagators ?? configured.propagators
        settings.metrics = metrics ?? configured.metrics
        if views.isEmpty { settings.views = configured.views }
        settings.metricOptions.exemplarFilter = metricOptions.exemplarFilter ?? configured.metricOptions.exemplarFilter
        if metricOptions.configurator.enablesAll { settings.metricOptions.configurator = configured.metricOptions.configurator }
        settings.isLoggingOff = logs == nil && configured.isLoggingOff
        settings.logs = logs ?? configured.logs
        settings.logOptions.limits = logOptions.limits ?? configured.logOptions.limits
        if logOptions.configurator.enablesAll { settings.logOptions.configurator = configured.logOptions.configurator }
        settings.hasSelfMetrics = hasSelfMetrics || configured.hasSelfMetrics
        settings.usesKernelClock = configured.usesKernelClock
        settings.isDisabled = configured.isDisabled
        settings.instrumentation = configured.instrumentation
        return settings
    }

    /// Returns the settings of helpers.
    func helpers(_ environment: EnvironmentReader) -> InstrumentationSettings {
        if let instrumentation { return ConfiguredInstrumentation(instrumentation).settings }
        let http = HTTPConventions(environment)
        return InstrumentationSettings(
            httpServer: http, httpClient: http, recordsMessages: GenAIContents.areRecorded(by: environment))
    }

    /// Returns the resource of the system.
    func describedResource(_ environment: EnvironmentReader) throws(ConfigurationError) -> Resource {
        if resourceIsComplete { return resource ?? .empty }
        let composed = try Resource.composed(of: resource, detectors: detectors ?? Self.standardDetectors, environment: environment)
        return schemaURL.map { Resource(attributes: composed.attributes, schemaURL: $0, entities: composed.entities) } ?? composed
    }

    /// Shuts down processors and readers of a system that is not started.
    func retire() {
        spans?.retire()
        metrics?.retire()
        logs?.retire()
    }
}
