// Sends spans to an OTLP receiver over HTTP.

/// Sends spans to an OTLP receiver over HTTP: kept connections, retries inside the deadline.
///
/// What is not given in code comes from the `OTEL_EXPORTER_OTLP_*` variables of the environment that telemetry is started with;
/// without a ``TelemetrySystem``, of the process. (OTLP specification, "OTLP/HTTP".)
public final class OTLPSpanExporter: SpanExporter, ConfiguredExporter, KeepingExporter {
    private let delivery: OTLPDelivery

    /// - Parameters:
    ///   - endpoint: the receiver's base URL, as `http://collector:4318`; `v1/traces` is appended unless it ends so. A Unix socket is
    ///     `unix:/run/collector.sock`.
    ///   - headers: sent with every request.
    ///   - timeout: the longest that delivering one batch may take, retries included; 10 seconds by default, zero for no limit.
    ///   - compression: whether bodies are compressed; by default they are not.
    ///   - encoding: how messages are written; by default in protobuf.
    ///   - certificates: whom `https` trusts, and what it shows the receiver.
    ///   - retry: how long to wait between attempts.
    ///   - spool: where batches wait on disk while the receiver is away; by default they do not.
    ///   - options: what is rarely changed.
    public init(
        endpoint: String? = nil, headers: [String: String]? = nil, timeout: Duration? = nil, compression: OTLPCompression? = nil,
        encoding: OTLPEncoding? = nil, certificates: OTLPCertificateFiles = OTLPCertificateFiles(), retry: RetryPolicy = RetryPolicy(),
        spool: SpoolOptions? = nil, options: OTLPOptions = OTLPOptions()
    ) {
        delivery = OTLPDelivery(
            .traces,
            OTLPArguments(
                endpoint: endpoint, headers: headers, timeout: timeout, compression: compression, encoding: encoding,
                certificates: certificates, retry: retry, spool: spool, options: options))
    }

    func configure(_ environment: EnvironmentReader) throws(ConfigurationError) { try delivery.configure(environment) }

    var destinationName: String { delivery.name }

    var maximumConcurrentExports: Int { delivery.maximumConcurrentExports }

    var status: DestinationStatus { delivery.status }

    var component: ExportComponent { delivery.component }

    func hurry() { delivery.hurry() }

    /// Sends one batch, or keeps it in the spool if there is one: a batch that was kept counts as delivered here.
    public func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
        try await deliver(batch.items, deadline: deadline).get()
    }

    func deliver(_ batch: ItemBatch, deadline: Deadline) async -> BatchOutcome {
        await delivery.send(OTLPRequestBody(batch, of: .traces), deadline: deadline)
    }

    /// Sends what waits in the spool. Returns as soon as nothing waits any more, or the receiver turns out to be away.
    public func forceFlush(deadline: Deadline) async -> FlushResult { await delivery.forceFlush(deadline: deadline) }

    /// Ends. What waits in the spool stays there for the next process.
    public func shutdown(deadline: Deadline) async -> FlushResult { await delivery.shutdown(deadline: deadline) }
}

extension SpanExporter where Self == OTLPSpanExporter {
    /// Sends spans to an OTLP receiver over HTTP; without arguments to what the environment says, or to this host.
    ///
    /// The parameters are those of ``OTLPSpanExporter/init(endpoint:headers:timeout:compression:encoding:certificates:retry:spool:options:)``.
    public static func otlp(
        endpoint: String? = nil, headers: [String: String]? = nil, timeout: Duration? = nil, compression: OTLPCompression? = nil,
        encoding: OTLPEncoding? = nil, certificates: OTLPCertificateFiles = OTLPCertificateFiles(), retry: RetryPolicy = RetryPolicy(),
        spool: SpoolOptions? = nil, options: OTLPOptions = OTLPOptions()
    ) -> Self {
        OTLPSpanExporter(
            endpoint: endpoint, headers: headers, timeout: timeout, compression: compression, encoding: encoding,
            certificates: certificates, retry: retry, spool: spool, options: options)
    }
}
