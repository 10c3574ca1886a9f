// The in-memory model of declarative configuration.

/// A declarative configuration: what an OpenTelemetry configuration file says, or code that fills in the same fields.
///
/// ```swift
/// var configuration = try TelemetryConfiguration.parse(file: "/etc/otel.yaml")
/// configuration.tracerProvider?.sampler = .parentBased(.init(root: .ratio(0.1)))
/// let telemetry = try TelemetrySystem.start(configuration: configuration)
/// ```
///
/// The fields are those of the schema 1.2 of `opentelemetry-configuration`, with its defaults. A provider that is nil records nothing.
/// (Specification: configuration SDK, "In-Memory configuration model".)
public struct TelemetryConfiguration: Sendable, Equatable {
    /// The version of the schema: `1.0` to `1.2`.
    public var fileFormat = "1.2"
    /// Whether nothing is recorded; the context is still propagated.
    public var isDisabled = false
    /// The least severity of messages about telemetry itself; `Diagnostics.setMinimumSeverity` beats it.
    public var logLevel = LogSeverity.info
    /// The limits of attributes where neither spans nor log records have their own.
    public var attributeLimits = AttributeLimits()
    /// What the telemetry describes.
    public var resource = ResourceDescription()
    /// How the context travels between processes; not at all by default.
    public var propagator = Propagation()
    public var tracerProvider: TracerProvider?
    public var meterProvider: MeterProvider?
    public var loggerProvider: LoggerProvider?
    /// The settings of instrumentation: of the helpers for HTTP, databases and models, and of libraries.
    public var instrumentation = Instrumentation()
    /// The settings of this SDK that the schema has no names for.
    public var distribution = Distribution()
    /// Where the properties stand in a file; nil for a configuration made in code.
    var source: ConfigurationSource?
    /// The configuration as it was parsed, whatever code has changed since: one element, or none for a configuration made in code.
    var original: [TelemetryConfiguration] = []

    public init() {}

    /// Configurations are equal if their fields are; where they come from does not count.
    public static func == (left: TelemetryConfiguration, right: TelemetryConfiguration) -> Bool {
        left.fileFormat == right.fileFormat && left.isDisabled == right.isDisabled && left.logLevel == right.logLevel
            && left.attributeLimits == right.attributeLimits && left.resource == right.resource && left.propagator == right.propagator
            && left.tracerProvider == right.tracerProvider && left.meterProvider == right.meterProvider
            && left.loggerProvider == right.loggerProvider && left.instrumentation == right.instrumentation
            && left.distribution == right.distribution
    }

    /// The limits of attributes; nil stands for the next wider limit, or the specification's default.
    public struct AttributeLimits: Sendable, Equatable {
        /// Unicode scalars of a text that are kept; nil keeps all.
        public var valueLength: Int?
        /// Levels of arrays and maps that are kept; 64 by default.
        public var valueDepth: Int?
        /// Attributes that are kept; 128 by default.
        public var count: Int?

        public init(valueLength: Int? = nil, valueDepth: Int? = nil, count: Int? = nil) {
            self.valueLength = valueLength
            self.valueDepth = valueDepth
            self.count = count
        }
    }

    /// The attributes of the resource, and who else may add some.
    public struct ResourceDescription: Sendable, Equatable {
        /// The attributes; of repeated names the last one counts.
        public var attributes: [Attribute] = []
        /// Further attributes as `name=value` separated by commas, as in `OTEL_RESOURCE_ATTRIBUTES`; ``attributes`` beat them.
        public var attributesList: String?
        public var schemaURL: String?
        /// The detectors of further attributes; none by default. `container`, `host`, `process` and `service` are the schema's, `os` and
        /// `kubernetes` this SDK's own.
        public var detectors: [Component] = []
        /// Which of the detected attributes are kept; all by default.
        public var detectedAttributes = NameSelection()

        public init() {}
    }

    /// An attribute of the resource.
    public struct Attribute: Sendable, Equatable {
        public var name: String
        public var value: AttributeValue

        public init(name: String, value: AttributeValue) {
            self.name = name
            self.value = value
        }
    }

    /// Names that are selected by patterns, in which `*` stands for any characters and `?` for one.
    public struct NameSelection: Sendable, Equatable {
        /// The patterns of selected names; nil selects all.
        public var included: [String]?
        /// The patterns of names that are not selected nevertheless.
        public var excluded: [String]

        public init(included: [String]? = nil, excluded: [String] = []) {
            self.included = included
            self.excluded = excluded
        }
    }

    /// The propagators.
    public struct Propagation: Sendable, Equatable {
        /// `tracecontext`, `baggage`, `b3`, `b3multi`, `jaeger`, `xray`, or names that code registers.
        public var composite: [Component] = []
        /// Further names separated by commas, as in `OTEL_PROPAGATORS`.
        public var compositeList: String?

        public init(composite: [Component] = [], compositeList: String? = nil) {
            self.composite = composite
            self.compositeList = compositeList
        }
    }

    /// A component by its name, with properties of its own: one that code registers with ``ComponentProviders``.
    public struct Component: Sendable, Equatable {
        public var name: String
        public var properties: ConfigurationProperties

        public init(_ name: String, _ properties: ConfigurationProperties = ConfigurationProperties()) {
            self.name = name
            self.properties = properties
        }
    }

    /// The settings under `distribution.swift-telemetry`.
    public struct Distribution: Sendable, Equatable {
        /// Whether a change of the file is applied while the program runs: `watch`.
        public var watchesFile = false
        /// Whether the SDK reports metrics about itself: `self_metrics`.
        public var hasSelfMetrics = false
        /// Whether each time is read from the kernel's clock: `kernel_clock`.
        public var usesKernelClock = false
        /// Equal receivers for the OTLP exporters without an endpoint, to each of which HTTP appends the path of the signal: `otlp_endpoints`.
        public var otlpEndpoints: [String] = []
        /// How OTLP exporters spread requests over the addresses of their receivers: `otlp_load_balancing`.
        public var otlpLoadBalancing = OTLPLoadBalancing.byConnection

        public init(watchesFile: Bool = false, hasSelfMetrics: Bool = false, usesKernelClock: Bool = false) {
            self.watchesFile = watchesFile
            self.hasSelfMetrics = hasSelfMetrics
            self.usesKernelClock = usesKernelClock
        }
    }
}
