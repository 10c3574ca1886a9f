// The OTLP exporter of log records.

/// Sends log records to an OTLP receiver over HTTP or gRPC: kept connections, retries inside the deadline.
///
/// Settings that code omits come from the `OTEL_EXPORTER_OTLP_*` variables of the environment that telemetry is started with;
/// without a ``TelemetrySystem``, from that of the process. (OTLP specification.)
public final class OTLPLogExporter: LogExporter, EnvironmentConfigurable, KeepingExporter {
    private let delivery: OTLPDelivery

    /// - Parameters:
    ///   - endpoint: replaces the endpoint of the options.
    ///   - options: the options; settings that they omit come from the environment.
    public init(endpoint: String? = nil, options: OTLPOptions = OTLPOptions()) {
        delivery = OTLPDelivery(.logs, options.with(endpoint: endpoint))
    }

    /// Takes settings that code omits from the environment.
    public func configure(_ environment: EnvironmentReader) throws(ConfigurationError) { try delivery.configure(environment) }

    public var destinationName: String { delivery.name }

    public var maximumConcurrentExports: Int { delivery.maximumConcurrentExports }

    public var status: ExporterStatus { delivery.status }

    public var component: ExporterComponent { delivery.component }

    public func interruptInFlightExports() { delivery.interruptInFlightExports() }

    /// Sends one batch, or stores it in the spool if there is one; a stored batch counts as delivered here.
    public func export(_ batch: borrowing LogBatch, deadline: Deadline) async throws(ExportFailure) {
        try await deliver(batch.items, deadline: deadline).get()
    }

    func deliver(_ batch: ItemBatch, deadline: Deadline) async -> BatchOutcome {
        await delivery.send(OTLPRequestBody(batch, of: .logs), deadline: deadline)
    }

    /// Sends the batches of the spool; returns once it is empty, or the receiver is unavailable.
    public func forceFlush(deadline: Deadline) async -> FlushResult { await delivery.forceFlush(deadline: deadline) }

    /// Shuts down; the batches of the spool are left to the next process.
    public func shutdown(deadline: Deadline) async -> FlushResult { await delivery.shutdown(deadline: deadline) }
}

extension LogExporter where Self == OTLPLogExporter {
    /// Sends log records to an OTLP receiver over HTTP or gRPC; without arguments to what the environment says, or to this host.
    public static func otlp(endpoint: String? = nil, options: OTLPOptions = OTLPOptions()) -> Self {
        OTLPLogExporter(endpoint: endpoint, options: options)
    }
}

extension LogProcessor where Self == BatchLogProcessor {
    /// Refuses an exporter without a processor.
    @available(*, unavailable, message: "An exporter stands behind a processor: .batch(.otlp()).")
    public static func otlp(endpoint: String? = nil, options: OTLPOptions = OTLPOptions()) -> Self {
        .batch(OTLPLogExporter(endpoint: endpoint, options: options))
    }
}
