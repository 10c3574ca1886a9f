// The model of tracing.

extension TelemetryConfiguration {
    /// The tracer provider.
    public struct TracerProvider: Sendable, Equatable {
        public var processors: [SpanProcessor]
        public var limits = SpanLimits()
        public var sampler = Sampler.parentBased(ParentBased())
        /// A generator of identifiers that code registers; nil for random ones.
        public var idGenerator: Component?
        /// Which tracers are on; nil for all.
        public var configurator: ScopeRules<TracerConfiguration>?

        public init(processors: [SpanProcessor]) {
            self.processors = processors
        }
    }

    /// A processor of spans.
    public enum SpanProcessor: Sendable, Equatable {
        case batch(Batch)
        case simple(Exporter)
        /// A processor that code registers.
        case component(Component)
    }

    /// The limits of a span; nil stands for those of ``AttributeLimits``, or the specification's default.
    public struct SpanLimits: Sendable, Equatable {
        public var attributes = AttributeLimits()
        public var eventCount: Int?
        public var linkCount: Int?
        public var eventAttributeCount: Int?
        public var linkAttributeCount: Int?

        public init() {}
    }

    /// A sampler.
    public indirect enum Sampler: Sendable, Equatable {
        case alwaysOn
        case alwaysOff
        /// Records what the other sampler drops too, without exporting it.
        case alwaysRecord(root: Sampler)
        case parentBased(ParentBased)
        /// `trace_id_ratio_based`: keeps a share of the traces, from 0 to 1.
        case ratio(Double)
        /// `probability/development`: keeps a share of the traces, and says so in `tracestate`.
        case probability(Double)
        /// `composite/development`.
        case composite(ComposableSampler)
        /// `jaeger_remote/development`.
        case jaegerRemote(JaegerRemote)
        /// A sampler that code registers.
        case component(Component)
    }

    /// Samplers by the kind of parent that a span has.
    public struct ParentBased: Sendable, Equatable {
        public var root: Sampler
        public var remoteParentSampled: Sampler
        public var remoteParentNotSampled: Sampler
        public var localParentSampled: Sampler
        public var localParentNotSampled: Sampler

        public init(
            root: Sampler = .alwaysOn, remoteParentSampled: Sampler = .alwaysOn, remoteParentNotSampled: Sampler = .alwaysOff,
            localParentSampled: Sampler = .alwaysOn, localParentNotSampled: Sampler = .alwaysOff
        ) {
            self.root = root
            self.remoteParentSampled = remoteParentSampled
            self.remoteParentNotSampled = remoteParentNotSampled
            self.localParentSampled = localParentSampled
            self.localParentNotSampled = localParentNotSampled
        }
    }

    /// A sampler that asks a Jaeger sampling server over HTTP.
    public struct JaegerRemote: Sendable, Equatable {
        public var endpoint: String
        public var interval = Duration.seconds(60)
        /// Decides until the first answer.
        public var initial: Sampler

        public init(endpoint: String, initial: Sampler) {
            self.endpoint = endpoint
            self.initial = initial
        }
    }

    /// A composable sampler.
    public indirect enum ComposableSampler: Sendable, Equatable {
        case alwaysOn
        case alwaysOff
        case probability(Double)
        case parentThreshold(root: ComposableSampler)
        /// Samples by the first rule that matches; a span that none matches is dropped.
        case ruleBased([SamplingRule])
    }

    /// A rule of a composable sampler: all of its conditions must match, and one without conditions always does.
    public struct SamplingRule: Sendable, Equatable {
        /// The kinds of parents.
        public enum Parent: String, Sendable, Hashable, CaseIterable {
            case none, remote, local
        }

        /// A condition on an attribute. A value that is no text counts as it is written; of an array one element must match.
        public enum AttributeCondition: Sendable, Equatable {
            case values(key: String, [String])
            case patterns(key: String, NameSelection)
        }

        public var attributes: [AttributeCondition] = []
        /// Kinds of which the span must have one; empty for any.
        public var spanKinds: [SpanKind] = []
        /// Parents of which the span must have one; empty for any.
        public var parents: [Parent] = []
        public var sampler: ComposableSampler

        public init(_ sampler: ComposableSampler) {
            self.sampler = sampler
        }
    }
}
