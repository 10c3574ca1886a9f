// Sends log records to an OTLP receiver over HTTP.

/// Sends log records to an OTLP receiver over HTTP: kept connections, retries inside the deadline.
///
/// What is not given in code comes from the `OTEL_EXPORTER_OTLP_*` variables of the environment that telemetry is started with;
/// without a ``TelemetrySystem``, of the process. (OTLP specification, "OTLP/HTTP".)
public final class OTLPLogExporter: LogExporter, ConfiguredExporter, KeepingExporter {
    private let delivery: OTLPDelivery

    /// - Parameters:
    ///   - endpoint: short for the endpoint in the options.
    ///   - options: how it is sent; what is left out is asked of the environment.
    public init(endpoint: String? = nil, options: OTLPOptions = OTLPOptions()) {
        delivery = OTLPDelivery(.logs, options.with(endpoint: endpoint))
    }

    func configure(_ environment: EnvironmentReader) throws(ConfigurationError) { try delivery.configure(environment) }

    var destinationName: String { delivery.name }

    var maximumConcurrentExports: Int { delivery.maximumConcurrentExports }

    var status: DestinationStatus { delivery.status }

    var component: ExportComponent { delivery.component }

    func interruptInFlightExports() { delivery.interruptInFlightExports() }

    /// Sends one batch, or keeps it in the spool if there is one: a batch that was kept counts as delivered here.
    public func export(_ batch: borrowing LogBatch, deadline: Deadline) async throws(ExportFailure) {
        try await deliver(batch.items, deadline: deadline).get()
    }

    func deliver(_ batch: ItemBatch, deadline: Deadline) async -> BatchOutcome {
        await delivery.send(OTLPRequestBody(batch, of: .logs), deadline: deadline)
    }

    /// Sends what waits in the spool. Returns as soon as nothing waits any more, or the receiver turns out to be away.
    public func forceFlush(deadline: Deadline) async -> FlushResult { await delivery.forceFlush(deadline: deadline) }

    /// Ends. What waits in the spool stays there for the next process.
    public func shutdown(deadline: Deadline) async -> FlushResult { await delivery.shutdown(deadline: deadline) }
}

extension LogExporter where Self == OTLPLogExporter {
    /// Sends log records to an OTLP receiver over HTTP; without arguments to what the environment says, or to this host.
    public static func otlp(endpoint: String? = nil, options: OTLPOptions = OTLPOptions()) -> Self {
        OTLPLogExporter(endpoint: endpoint, options: options)
    }
}
