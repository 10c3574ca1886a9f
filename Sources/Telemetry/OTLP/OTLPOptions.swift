// The options of OTLP exporters in code.

/// The encoding of OTLP messages, and the protocol that carries them: the values of `OTEL_EXPORTER_OTLP_PROTOCOL`.
public enum OTLPEncoding: String, Sendable, Hashable, CaseIterable {
    /// `http/protobuf`: the bytes as they were recorded.
    case protobuf = "http/protobuf"
    /// `http/json`: readable, but several times larger and slower; for receivers that accept nothing else.
    case json = "http/json"

    /// `grpc`: the bytes as they were recorded, over HTTP/2, usually to port 4317. The system's nghttp2 must be installed.
    case grpc

    var contentType: String { self == .json ? "application/json" : "application/x-protobuf" }
}

/// The compression of request bodies.
public enum OTLPCompression: String, Sendable, Hashable, CaseIterable {
    /// No compression; `none` in environment variables.
    case uncompressed = "none"
    /// With the system's zlib, which must be installed.
    case gzip
    /// With the system's zstd, which must be installed; for receivers that take it, as the OpenTelemetry Collector does.
    case zstd
}

/// The PEM files for `https`; files that are nil come from the environment.
public struct OTLPCertificateFiles: Sendable, Hashable {
    /// The authorities that may have signed the receiver's certificate, instead of the system's.
    public var authority: String?
    /// The certificate that identifies the client, followed by those that lead to an authority.
    public var client: String?
    /// The key of the client's certificate, without a password.
    public var clientKey: String?

    public init(authority: String? = nil, client: String? = nil, clientKey: String? = nil) {
        self.authority = authority
        self.client = client
        self.clientKey = clientKey
    }
}

/// The options of OTLP; nil means the `OTEL_EXPORTER_OTLP_*` variable, or else the specification's default.
public struct OTLPOptions: Sendable {
    /// The receiver's base URL, as `http://collector:4318`; `v1/traces` or its like is appended unless it ends so. A Unix socket is
    /// `unix:/run/collector.sock`. For gRPC a URL without a path, as `http://collector:4317`, or a host and a port.
    public var endpoint: String?
    /// Equal receivers in place of one endpoint, each written as ``endpoint``; empty for one. At most 64. With neither in code the variables
    /// count, among them `OTEL_SWIFT_EXPORTER_OTLP_ENDPOINTS`.
    public var endpoints: [String]
    /// How requests are spread over the members of a fleet: the endpoints, and the addresses of their names. Nil means the variable
    /// `OTEL_SWIFT_EXPORTER_OTLP_LOAD_BALANCING`, or else ``OTLPLoadBalancing/byConnection``.
    public var loadBalancing: OTLPLoadBalancing?
    /// How long addresses are used, left and stayed connected to.
    public var addresses: AddressPolicy
    /// The headers of every request.
    public var headers: [String: String]?
    /// The longest time for delivering one batch, retries included; 10 seconds by default, zero for no limit.
    public var timeout: Duration?
    /// The compression of bodies; none by default.
    public var compression: OTLPCompression?
    /// The encoding and the protocol of messages; protobuf over HTTP by default.
    public var encoding: OTLPEncoding?
    /// The authorities that `https` trusts, and the client's certificate.
    public var certificates: OTLPCertificateFiles
    /// The waits between attempts.
    public var retry: RetryPolicy
    /// The spool that stores batches while the receiver is unavailable; none by default.
    public var spool: SpoolOptions?
    /// The path that is appended to an endpoint in code; nil for the signal's, as `v1/traces`, empty to use the endpoint as it is. gRPC has
    /// no such path.
    public var path: String?
    /// The number of batches that are sent at the same time, from 1 to 64, each over a connection of its own. (OTLP specification, "OTLP/HTTP Concurrent Requests".)
    public var maximumConcurrentRequests: Int
    /// The size, before compression, above which a request is dropped and counted. (OTLP specification, "Request Size".)
    public var maximumRequestBytes: Int
    /// The size of a response above which its request counts as rejected. (OTLP specification, "Response Size".)
    public var maximumResponseBytes: Int
    /// A product that is put before the exporter's `User-Agent`, as `MyDistribution/1.2.3`.
    public var userAgentProduct: String?

    public init(
        endpoint: String? = nil, headers: [String: String]? = nil, timeout: Duration? = nil, compression: OTLPCompression? = nil,
        encoding: OTLPEncoding? = nil, certificates: OTLPCertificateFiles = OTLPCertificateFiles(), retry: RetryPolicy = RetryPolicy(),
        spool: SpoolOptions? = nil, path: String? = nil, maximumConcurrentRequests: Int = 1, maximumRequestBytes: Int = 64 << 20,
        maximumResponseBytes: Int = 4 << 20, userAgentProduct: String? = nil, endpoints: [String] = [],
        loadBalancing: OTLPLoadBalancing? = nil, addresses: AddressPolicy = AddressPolicy()
    ) {
        self.endpoint = endpoint
        self.endpoints = endpoints
        self.loadBalancing = loadBalancing
        self.addresses = addresses
        self.headers = headers
        self.timeout = timeout
        self.compression = compression
        self.encoding = encoding
        self.certificates = certificates
        self.retry = retry
        self.spool = spool
        self.path = path
        self.maximumConcurrentRequests = maximumConcurrentRequests
        self.maximumRequestBytes = maximumRequestBytes
        self.maximumResponseBytes = maximumResponseBytes
        self.userAgentProduct = userAgentProduct
    }

    /// Returns these options with an endpoint that was given beside them, if one was.
    func with(endpoint: String?) -> OTLPOptions {
        guard let endpoint else { return self }
        var options = self
        options.endpoint = endpoint
        return options
    }

    /// The options of each receiver: one for each endpoint of a list, or these.
    var ofEachEndpoint: [OTLPOptions] {
        guard !endpoints.isEmpty, endpoint == nil else { return [self] }
        return endpoints.map { endpoint in
            var options = self
            (options.endpoint, options.endpoints) = (endpoint, [])
            return options
        }
    }
}

extension OTLPOptions: CheckedSettings {
    /// The requests that an exporter may send at the same time.
    static let concurrentRequests = 1...64

    var problem: ConfigurationError? {
        if !Self.concurrentRequests.contains(maximumConcurrentRequests) {
            return ConfigurationError(
                setting: "maximumConcurrentRequests", value: "\(maximumConcurrentRequests)",
                expected: "\(Self.concurrentRequests.lowerBound) to \(Self.concurrentRequests.upperBound) requests")
        }
        for (setting, limit) in [("maximumRequestBytes", maximumRequestBytes), ("maximumResponseBytes", maximumResponseBytes)]
        where limit < 1 {
            return ConfigurationError(setting: setting, value: "\(limit)", expected: "1 byte or more")
        }
        return endpointsProblem ?? retry.problem ?? addresses.problem ?? spool?.problem
    }

    private var endpointsProblem: ConfigurationError? {
        guard !endpoints.isEmpty else { return nil }
        if let endpoint {
            return ConfigurationError(
                setting: "endpoint", value: HTTPURL.withoutUserInformation(endpoint), expected: "either one endpoint or a list of endpoints"
            )
        }
        return OTLPListedEndpoint.problem(of: endpoints).map {
            ConfigurationError(setting: "endpoints", value: $0.value, expected: $0.expected)
        }
    }
}
