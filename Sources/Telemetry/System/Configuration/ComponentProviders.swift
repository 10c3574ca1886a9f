// The components that programs register for use in configurations.

/// Makes components of a program's own for the names that a configuration gives them.
///
/// ```swift
/// var components = ComponentProviders()
/// try components.register(sampler: "quiet") { properties in
///     QuietSampler(share: try properties.number("share") ?? 0.5)
/// }
/// let telemetry = try TelemetrySystem.start(components: components)   // with OTEL_CONFIG_FILE
/// ```
///
/// A closure that throws makes the start throw, with the place in the file. (Specification: configuration SDK, "PluginComponentProvider".)
public struct ComponentProviders: Sendable {
    /// Makes a component of its properties.
    public typealias Provider<Component> = @Sendable (ConfigurationProperties) throws -> Component

    /// The detectors and propagators that need no registration.
    static let detectors = ["container", "host", "process", "service", "os", "kubernetes"]
    static let propagators = ["tracecontext", "baggage", "b3", "b3multi", "jaeger", "xray"]
    static let samplers = [
        "always_on", "always_off", "always_record", "parent_based", "trace_id_ratio_based", "probability/development",
        "composite/development", "jaeger_remote/development",
    ]
    static let exporters = ["otlp_http", "otlp_grpc", "otlp_file/development", "console"]
    static let processors = ["batch", "simple"]
    static let logProcessors = processors + ["event_to_span_event_bridge/development"]
    static let pullExporters = ["prometheus/development"]
    static let idGenerators = ["random"]

    private(set) var samplers: [String: Provider<any Sampler>] = [:]
    private(set) var idGenerators: [String: Provider<any IDGenerator>] = [:]
    private(set) var spanProcessors: [String: Provider<any SpanProcessor>] = [:]
    private(set) var spanExporters: [String: Provider<any SpanExporter>] = [:]
    private(set) var metricExporters: [String: Provider<any MetricExporter>] = [:]
    private(set) var metricReaders: [String: Provider<any MetricReader>] = [:]
    private(set) var metricProducers: [String: Provider<any MetricProducer>] = [:]
    private(set) var logProcessors: [String: Provider<any LogProcessor>] = [:]
    private(set) var logExporters: [String: Provider<any LogExporter>] = [:]
    private(set) var propagators: [String: Provider<any Propagator>] = [:]
    private(set) var detectors: [String: Provider<any ResourceDetector>] = [:]

    public init() {}

    /// Registers a sampler. Like all of these methods, it throws if the name is taken.
    public mutating func register(sampler name: String, _ provider: @escaping Provider<any Sampler>) throws(ConfigurationError) {
        try Self.add("sampler", name, provider, to: &samplers, besides: Self.samplers)
    }

    /// Registers a generator of identifiers.
    public mutating func register(idGenerator name: String, _ provider: @escaping Provider<any IDGenerator>) throws(ConfigurationError) {
        try Self.add("idGenerator", name, provider, to: &idGenerators, besides: Self.idGenerators)
    }

    /// Registers a span processor.
    public mutating func register(spanProcessor name: String, _ provider: @escaping Provider<any SpanProcessor>) throws(ConfigurationError)
    {
        try Self.add("spanProcessor", name, provider, to: &spanProcessors, besides: Self.processors)
    }

    /// Registers an exporter of spans.
    public mutating func register(spanExporter name: String, _ provider: @escaping Provider<any SpanExporter>) throws(ConfigurationError) {
        try Self.add("spanExporter", name, provider, to: &spanExporters, besides: Self.exporters)
    }

    /// Registers an exporter of metrics for periodic readers.
    public mutating func register(
        metricExporter name: String, _ provider: @escaping Provider<any MetricExporter>
    ) throws(ConfigurationError) {
        try Self.add("metricExporter", name, provider, to: &metricExporters, besides: Self.exporters)
    }

    /// Registers a reader that is asked for metrics: an exporter of `pull` readers.
    public mutating func register(metricReader name: String, _ provider: @escaping Provider<any MetricReader>) throws(ConfigurationError) {
        try Self.add("metricReader", name, provider, to: &metricReaders, besides: Self.pullExporters)
    }

    /// Registers a producer of metrics.
    public mutating func register(
        metricProducer name: String, _ provider: @escaping Provider<any MetricProducer>
    ) throws(ConfigurationError) {
        try Self.add("metricProducer", name, provider, to: &metricProducers, besides: [])
    }

    /// Registers a log processor.
    public mutating func register(logProcessor name: String, _ provider: @escaping Provider<any LogProcessor>) throws(ConfigurationError) {
        try Self.add("logProcessor", name, provider, to: &logProcessors, besides: Self.logProcessors)
    }

    /// Registers an exporter of log records.
    public mutating func register(logExporter name: String, _ provider: @escaping Provider<any LogExporter>) throws(ConfigurationError) {
        try Self.add("logExporter", name, provider, to: &logExporters, besides: Self.exporters)
    }

    /// Registers a propagator.
    public mutating func register(propagator name: String, _ provider: @escaping Provider<any Propagator>) throws(ConfigurationError) {
        try Self.add("propagator", name, provider, to: &propagators, besides: Self.propagators + ["none"])
    }

    /// Registers a resource detector.
    public mutating func register(detector name: String, _ provider: @escaping Provider<any ResourceDetector>) throws(ConfigurationError) {
        try Self.add("detector", name, provider, to: &detectors, besides: Self.detectors)
    }

    private static func add<Component>(
        _ kind: String, _ name: String, _ provider: @escaping Provider<Component>, to providers: inout [String: Provider<Component>],
        besides builtIn: [String]
    ) throws(ConfigurationError) {
        guard !name.isEmpty, providers[name] == nil, !builtIn.contains(name) else {
            throw ConfigurationError(
                setting: "register(\(kind):)", value: name, expected: "a name that is neither built in nor registered already")
        }
        providers[name] = provider
    }
}
