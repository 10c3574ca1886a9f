// The options of OTLP exporters in code.

/// How OTLP messages are written.
public enum OTLPEncoding: String, Sendable, Hashable, CaseIterable {
    /// `http/protobuf`: the bytes as they were recorded.
    case protobuf = "http/protobuf"
    /// `http/json`: several times the bytes and the work, for receivers that take nothing else and for people to read.
    case json = "http/json"

    var contentType: String { self == .json ? "application/json" : "application/x-protobuf" }
}

/// How the bodies of requests are compressed.
public enum OTLPCompression: String, Sendable, Hashable, CaseIterable {
    /// Not at all; `none` in environment variables.
    case uncompressed = "none"
    /// With the system's zlib, which must be installed.
    case gzip
}

/// The files that `https` is set up with, all of them PEM. What is left out is asked of the environment.
public struct OTLPCertificateFiles: Sendable, Hashable {
    /// The authorities that may have signed the receiver's certificate, instead of the system's.
    public var authority: String?
    /// The certificate that shows the receiver who we are, followed by those that lead to an authority.
    public var client: String?
    /// The key that belongs to the client's certificate; no password may protect it.
    public var clientKey: String?

    public init(authority: String? = nil, client: String? = nil, clientKey: String? = nil) {
        self.authority = authority
        self.client = client
        self.clientKey = clientKey
    }
}

/// How OTLP is sent over HTTP. What is nil is asked of the `OTEL_EXPORTER_OTLP_*` variables, then it is the specification's default.
public struct OTLPOptions: Sendable {
    /// The receiver's base URL, as `http://collector:4318`; `v1/traces` or its like is appended unless it ends so. A Unix socket is
    /// `unix:/run/collector.sock`.
    public var endpoint: String?
    /// Sent with every request.
    public var headers: [String: String]?
    /// The longest that delivering one batch may take, retries included; 10 seconds by default, zero for no limit.
    public var timeout: Duration?
    /// Whether bodies are compressed; by default they are not.
    public var compression: OTLPCompression?
    /// How messages are written; by default in protobuf.
    public var encoding: OTLPEncoding?
    /// Whom `https` trusts, and what it shows the receiver.
    public var certificates: OTLPCertificateFiles
    /// How long to wait between attempts.
    public var retry: RetryPolicy
    /// Where batches wait on disk while the receiver is away; by default they do not.
    public var spool: SpoolOptions?
    /// What is appended to an endpoint given in code; nil for the signal's own, as `v1/traces`, empty to use the endpoint as it is.
    public var path: String?
    /// Batches that are sent at the same time, each over a connection of its own. (OTLP specification, "OTLP/HTTP Concurrent Requests".)
    public var maximumConcurrentRequests: Int
    /// A larger request is not sent, but dropped and counted; measured before compression. (OTLP specification, "Request Size".)
    public var maximumRequestBytes: Int
    /// A larger answer makes its request count as rejected. (OTLP specification, "Response Size".)
    public var maximumResponseBytes: Int
    /// Put in front of the exporter's own `User-Agent`, as `MyDistribution/1.2.3`.
    public var userAgentProduct: String?

    public init(
        endpoint: String? = nil, headers: [String: String]? = nil, timeout: Duration? = nil, compression: OTLPCompression? = nil,
        encoding: OTLPEncoding? = nil, certificates: OTLPCertificateFiles = OTLPCertificateFiles(), retry: RetryPolicy = RetryPolicy(),
        spool: SpoolOptions? = nil, path: String? = nil, maximumConcurrentRequests: Int = 1, maximumRequestBytes: Int = 64 << 20,
        maximumResponseBytes: Int = 4 << 20, userAgentProduct: String? = nil
    ) {
        precondition((1...64).contains(maximumConcurrentRequests), "From 1 to 64 requests are sent at the same time.")
        precondition(maximumRequestBytes > 0, "A request has at least one byte.")
        precondition(maximumResponseBytes > 0, "A response has at least one byte.")
        self.endpoint = endpoint
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
}
