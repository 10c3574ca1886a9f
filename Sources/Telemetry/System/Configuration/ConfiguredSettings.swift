// Makes the settings of a start of a configuration.

/// Makes what a configuration says into the settings of a start; nothing is opened or started. (Specification: configuration SDK, "Create".)
struct ConfiguredSettings {
    /// Everything that a system is started with.
    private(set) var settings = SystemSettings()
    private let configuration: TelemetryConfiguration
    private let components: ConfiguredComponents
    private let exporters: ConfiguredExporters
    private let samplers: ConfiguredSamplers
    private let environment: EnvironmentReader

    private var problems: ConfigurationProblems { components.problems }

    /// What cannot be used, in the order of its places.
    var errors: [ConfigurationProblem] { problems.sorted }
    /// Components that code must register.
    var unregistered: [ConfigurationProblem] { components.unregistered }
    /// What has no effect.
    var warnings: [ConfigurationProblem] { problems.warnings }

    /// Throws the error of all that cannot be used.
    ///
    /// - Parameter setting: what names the configuration.
    func check(_ setting: String) throws(ConfigurationError) {
        let all = (errors + unregistered).sorted { ($0.line ?? 0, $0.column ?? 0) < ($1.line ?? 0, $1.column ?? 0) }
        guard !all.isEmpty else { return }
        throw ConfigurationError(
            setting: setting, value: problems.file, expected: ConfigurationProblems.expectation(all),
            problems: all)
    }

    /// - Parameter environment: the variables of the process, for detectors.
    init(_ configuration: TelemetryConfiguration, _ providers: ComponentProviders, _ environment: EnvironmentReader) {
        self.configuration = configuration
        self.environment = environment
        let problems = ConfigurationProblems(
            file: configuration.source?.name ?? "configuration", places: configuration.source?.places ?? [:])
        components = ConfiguredComponents(providers, problems)
        exporters = ConfiguredExporters(
            components: components, environment: environment.withoutTelemetryVariables, distribution: configuration.distribution)
        samplers = ConfiguredSamplers(components: components)
        makeGeneral()
        makeTracing()
        makeMetrics()
        makeLogging()
    }

    private mutating func makeGeneral() {
        settings.isDisabled = configuration.isDisabled
        settings.hasSelfMetrics = configuration.distribution.hasSelfMetrics
        settings.usesKernelClock = configuration.distribution.usesKernelClock
        settings.resource = resource
        settings.schemaURL = configuration.resource.schemaURL
        settings.detectors = detectors
        settings.propagators = propagators
        settings.instrumentation = configuration.instrumentation
        ConfiguredInstrumentation(configuration.instrumentation).review(problems)
    }

    private var resource: Resource {
        var attributes: Attributes = [:]
        if let list = configuration.resource.attributesList {
            switch EnvironmentReader.pairs(of: list) {
            case .success(let pairs):
                for (name, value) in pairs where name != SemanticAttributes.Service.name || !value.trimmingWhiteSpace().isEmpty {
                    attributes[name] = .string(value)
                }
            case .failure(let problem):
                problems.fail("resource.attributes_list", "the list cannot be read; expected \(problem.expected)")
            }
        }
        for attribute in configuration.resource.attributes { attributes[attribute.name] = attribute.value }
        return Resource(attributes: attributes)
    }

    private var detectors: [any ResourceDetector] {
        var found: [any ResourceDetector] = []
        for (index, component) in configuration.resource.detectors.enumerated() {
            let path = "resource.detection/development.detectors[\(index)].\(component.name)"
            found += detectors(component, path).filter { detector in !found.contains { $0.name == detector.name } }
        }
        let keeps = configuration.resource.detectedAttributes.matcher
        return found.map { SelectedResourceDetector(detector: $0, keeps: keeps, environment: environment) }
    }

    private func detectors(_ component: TelemetryConfiguration.Component, _ path: String) -> [any ResourceDetector] {
        switch component.name {
        case "service": return [.service]
        case "process": return [.process]
        // The schema has no detector of its own for the operating system.
        case "host": return [.host, .os]
        case "os": return [.os]
        case "container": return [.container]
        case "kubernetes": return [.kubernetes]
        default:
            let made = components.make(
                component, "resource detector", "detector", from: components.providers.detectors, builtIn: ComponentProviders.detectors,
                path: path)
            return made.map { [$0] } ?? []
        }
    }

    // MARK: Propagators

    private var propagators: [any Propagator] {
        var names: Set<String> = ["", "none"]
        var propagators: [any Propagator] = []
        for (index, component) in configuration.propagator.composite.enumerated() where names.insert(component.name).inserted {
            let path = "propagator.composite[\(index)].\(component.name)"
            if let propagator = builtInPropagator(component.name) ?? registered(component, path) { propagators.append(propagator) }
        }
        for part in (configuration.propagator.compositeList ?? "").split(separator: ",") {
            let name = String(part.trimmingWhiteSpace())
            guard names.insert(name).inserted else { continue }
            let provider = components.providers.propagators[name]
            if let propagator = builtInPropagator(name) ?? (provider == nil ? nil : registered(.init(name), "propagator.composite_list")) {
                propagators.append(propagator)
            } else if provider == nil {
                // As in `OTEL_PROPAGATORS`, an unknown name is left out.
                let known = ComponentProviders.propagators.joined(separator: ", ")
                problems.warn(
                    "there is no propagator \"\(name)\", and it is left out; expected \(known), or a name that code registers",
                    at: problems.place(of: "propagator.composite_list"), property: "propagator.composite_list")
            }
        }
        return propagators
    }

    private func registered(_ component: TelemetryConfiguration.Component, _ path: String) -> (any Propagator)? {
        components.make(
            component, "propagator", "propagator", from: components.providers.propagators, builtIn: ComponentProviders.propagators,
            path: path)
    }

    private func builtInPropagator(_ name: String) -> (any Propagator)? {
        switch name {
        case "tracecontext": .traceContext
        case "baggage": .baggage
        case "b3": .b3
        case "b3multi": .b3Multi
        case "jaeger": .jaeger
        case "xray": .xray
        default: nil
        }
    }

    // MARK: Tracing

    private mutating func makeTracing() {
        guard let provider = configuration.tracerProvider else {
            settings.isTracingOff = true
            settings.spans = []
            return
        }
        let path = "tracer_provider"
        settings.spans = provider.processors.enumerated().compactMap { spanProcessor($1, "\(path).processors[\($0)]") }
        settings.sampler = samplers.sampler(provider.sampler, "\(path).sampler")
        let general = configuration.attributeLimits
        let count = provider.limits.attributes.count ?? general.count ?? 128
        let limits = SpanLimits(
            attributeCount: count, attributeValueLength: provider.limits.attributes.valueLength ?? general.valueLength,
            attributeValueDepth: provider.limits.attributes.valueDepth ?? general.valueDepth ?? AttributeValueLimits.defaultDepth,
            eventCount: provider.limits.eventCount ?? 128, linkCount: provider.limits.linkCount ?? 128,
            eventAttributeCount: provider.limits.eventAttributeCount ?? general.count ?? 128,
            linkAttributeCount: provider.limits.linkAttributeCount ?? general.count ?? 128)
        check(limits, "\(path).limits")
        settings.spanOptions.limits = limits
        settings.spanOptions.idGenerator = provider.idGenerator.flatMap { component in
            components.make(
                component, "generator of identifiers", "idGenerator", from: components.providers.idGenerators,
                builtIn: ComponentProviders.idGenerators, path: "\(path).id_generator.\(component.name)")
        }
        settings.spanOptions.configurator = provider.configurator?.configurator ?? .enablingAll
    }

    private func spanProcessor(_ processor: TelemetryConfiguration.SpanProcessor, _ path: String) -> (any SpanProcessor)? {
        switch processor {
        case .batch(let batch):
            let options = options(batch, "\(path).batch")
            return exporters.spans(batch.exporter, "\(path).batch.exporter").map { BatchSpanProcessor($0, options: options) }
        case .simple(let exporter): return exporters.spans(exporter, "\(path).simple.exporter").map { SimpleSpanProcessor($0) }
        case .component(let component):
            return components.make(
                component, "span processor", "spanProcessor", from: components.providers.spanProcessors,
                builtIn: ComponentProviders.processors, path: "\(path).\(component.name)")
        }
    }

    private func options(_ batch: TelemetryConfiguration.Batch, _ path: String) -> BatchOptions {
        let options = BatchOptions(
            maxQueueSize: batch.maxQueueSize, maxExportBatchSize: batch.maxExportBatchSize ?? 512, scheduleDelay: batch.scheduleDelay,
            exportTimeout: batch.exportTimeout)
        check(options, path)
        return options
    }

    /// Tells what cannot be used in a configuration made in code.
    private func check(_ settings: any CheckedSettings, _ path: String) {
        if let problem = settings.problem {
            problems.fail(path, "\(problem.setting): \"\(problem.value)\" cannot be used; expected \(problem.expected)")
        }
    }

    // MARK: Metrics

    private mutating func makeMetrics() {
        guard let provider = configuration.meterProvider else {
            settings.metrics = []
            return
        }
        settings.metrics = provider.readers.enumerated().compactMap { reader($1, "meter_provider.readers[\($0)]") }
        settings.views = provider.views.enumerated().map { index, view in
            let made = MetricView(view)
            check(made, "meter_provider.views[\(index)]")
            return made
        }
        settings.metricOptions.exemplarFilter = provider.exemplarFilter
        settings.metricOptions.configurator = provider.configurator?.configurator ?? .enablingAll
    }

    private func reader(_ reader: TelemetryConfiguration.Reader, _ path: String) -> (any MetricReader)? {
        switch reader {
        case .periodic(let periodic):
            let path = "\(path).periodic"
            let producers = producers(periodic.producers, path)
            return exporters.metrics(periodic.exporter, "\(path).exporter").map { exporter in
                PeriodicMetricReader(
                    exporter, every: periodic.interval, timeout: periodic.timeout, maxExportBatchSize: periodic.maxExportBatchSize,
                    cardinalityLimits: periodic.cardinalityLimits.ofAllKinds, producers: producers)
            }
        case .pull(let pull):
            let path = "\(path).pull"
            let producers = producers(pull.producers, path)
            switch pull.exporter {
            case .prometheus(let prometheus):
                var options = prometheus.options
                options.cardinalityLimits = pull.cardinalityLimits.ofAllKinds
                options.producers = producers
                return PrometheusExporter(host: prometheus.host, port: prometheus.port, options: options)
            case .component(let component):
                return components.make(
                    component, "metric reader", "metricReader", from: components.providers.metricReaders,
                    builtIn: ComponentProviders.pullExporters, path: "\(path).exporter.\(component.name)")
            }
        }
    }

    private func producers(_ producers: [TelemetryConfiguration.Component], _ path: String) -> [any MetricProducer] {
        producers.enumerated().compactMap { index, component in
            components.make(
                component, "metric producer", "metricProducer", from: components.providers.metricProducers, builtIn: [],
                path: "\(path).producers[\(index)].\(component.name)")
        }
    }

    // MARK: Logs

    private mutating func makeLogging() {
        guard let provider = configuration.loggerProvider else {
            settings.isLoggingOff = true
            settings.logs = []
            return
        }
        let path = "logger_provider"
        settings.logs = provider.processors.enumerated().compactMap { logProcessor($1, "\(path).processors[\($0)]") }
        let general = configuration.attributeLimits
        let limits = LogRecordLimits(
            attributeCount: provider.limits.count ?? general.count ?? 128,
            attributeValueLength: provider.limits.valueLength ?? general.valueLength,
            attributeValueDepth: provider.limits.valueDepth ?? general.valueDepth ?? AttributeValueLimits.defaultDepth)
        check(limits, "\(path).limits")
        settings.logOptions.limits = limits
        settings.logOptions.configurator = provider.configurator?.configurator ?? .enablingAll
    }

    private func logProcessor(_ processor: TelemetryConfiguration.LogProcessor, _ path: String) -> (any LogProcessor)? {
        switch processor {
        case .batch(let batch):
            let options = options(batch, "\(path).batch")
            return exporters.logs(batch.exporter, "\(path).batch.exporter").map { BatchLogProcessor($0, options: options) }
        case .simple(let exporter): return exporters.logs(exporter, "\(path).simple.exporter").map { SimpleLogProcessor($0) }
        case .spanEvents: return .spanEvents
        case .component(let component):
            return components.make(
                component, "log processor", "logProcessor", from: components.providers.logProcessors,
                builtIn: ComponentProviders.logProcessors, path: "\(path).\(component.name)")
        }
    }
}

extension TelemetryConfiguration.ScopeRules {
    /// The configurator of these rules.
    var configurator: ScopeConfigurator<Configuration> {
        let patterns = rules.map { (pattern: NamePattern($0.name), configuration: $0.configuration) }
        return ScopeConfigurator { [standard] scope in
            patterns.first { $0.pattern.matches(scope.name) }?.configuration ?? standard
        }
    }
}

extension TelemetryConfiguration.CardinalityLimits {
    fileprivate var ofAllKinds: [InstrumentKind: Int] {
        Dictionary(InstrumentKind.allCases.map { ($0, byKind[$0] ?? standard) }) { first, _ in first }
    }
}

extension TelemetryConfiguration.Prometheus {
    fileprivate var options: PrometheusOptions {
        var options = PrometheusOptions()
        options.includesScopeLabels = includesScopeLabels
        options.includesTargetInfo = includesTargetInfo
        options.translationStrategy = translationStrategy
        if let labels = resourceLabels { options.resourceLabels = .matching(labels.included ?? ["*"], excluding: labels.excluded) }
        return options
    }
}

extension MetricView {
    /// The view that a configuration describes.
    init(_ view: TelemetryConfiguration.View) {
        self.init(
            of: .instruments(
                view.instrumentName, kind: view.instrumentKind, unit: view.unit, meter: view.meterName, meterVersion: view.meterVersion,
                meterSchemaURL: view.meterSchemaURL),
            name: view.name, description: view.description,
            attributeKeys: view.attributeKeys.map { .matching($0.included ?? ["*"], excluding: $0.excluded) },
            aggregation: view.aggregation, cardinalityLimit: view.cardinalityLimit)
    }
}

extension Diagnostic.Severity {
    /// The severity that stands for a severity of log records.
    init(_ severity: LogSeverity) {
        self =
            switch severity {
            case ..<(.info): .debug
            case ..<(.warn): .info
            case ..<(.error): .warning
            default: .error
            }
    }
}
