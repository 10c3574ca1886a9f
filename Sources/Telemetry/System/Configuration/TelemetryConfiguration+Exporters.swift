// The model of exporters and of the processors in front of them.

extension TelemetryConfiguration {
    /// An exporter of spans or log records.
    public enum Exporter: Sendable, Equatable {
        /// `otlp_http` and `otlp_grpc`.
        case otlp(OTLP)
        /// `otlp_file/development`: lines of OTLP/JSON.
        case otlpFile(OTLPFileTarget)
        case console
        /// An exporter that code registers.
        case component(Component)
    }

    /// An exporter to a receiver of OTLP.
    public struct OTLP: Sendable, Equatable {
        /// `protobuf` or `json` over HTTP, or `grpc`.
        public var encoding: OTLPEncoding
        /// The URL that requests go to, with the path of the signal; nil for a receiver on this host.
        public var endpoint: String?
        /// PEM files with absolute paths.
        public var certificates = OTLPCertificateFiles()
        /// For gRPC: whether a connection to an endpoint without a scheme is not secure.
        public var isInsecure = false
        public var headers: [Header] = []
        /// Further headers as `name=value` separated by commas, as in `OTEL_EXPORTER_OTLP_HEADERS`; ``headers`` beat them.
        public var headersList: String?
        public var compression = OTLPCompression.uncompressed
        /// The longest time for delivering one batch; zero for no limit.
        public var timeout = Duration.seconds(10)
        /// The size of a request, before compression, above which it is not sent; zero for no limit.
        public var maximumRequestBytes = 64 << 20
        /// The size of a response above which its request counts as rejected.
        public var maximumResponseBytes = 4 << 20

        public init(encoding: OTLPEncoding = .protobuf, endpoint: String? = nil) {
            self.encoding = encoding
            self.endpoint = endpoint
        }
    }

    /// A header of requests.
    public struct Header: Sendable, Equatable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A processor that exports in batches.
    public struct Batch: Sendable, Equatable {
        public var exporter: Exporter
        /// The longest that an item waits for its batch: 5 seconds for spans and 1 second for log records.
        public var scheduleDelay: Duration
        /// The longest that one export may take.
        public var exportTimeout = Duration.seconds(30)
        /// Items that may wait; further ones are dropped and counted.
        public var maxQueueSize = 2048
        /// Items in one export at most; nil for 512, or the queue's size if that is smaller.
        public var maxExportBatchSize: Int?

        public init(_ exporter: Exporter, scheduleDelay: Duration) {
            self.exporter = exporter
            self.scheduleDelay = scheduleDelay
        }
    }

    /// Rules for scopes by their names, in which `*` stands for any characters and `?` for one; the first that matches applies.
    public struct ScopeRules<Configuration: ScopeConfiguration>: Sendable, Equatable {
        /// A rule for the scopes whose names match.
        public struct Rule: Sendable, Equatable {
            public var name: String
            public var configuration: Configuration

            public init(name: String, configuration: Configuration) {
                self.name = name
                self.configuration = configuration
            }
        }

        /// Applies to scopes that no rule matches.
        public var standard: Configuration
        public var rules: [Rule]

        public init(standard: Configuration = Configuration(), rules: [Rule] = []) {
            self.standard = standard
            self.rules = rules
        }
    }
}
