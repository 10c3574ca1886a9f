// The protocols of exporters that say more of a delivery than whether it failed.

/// An exporter that names its receiver, and reports what only it knows of its deliveries.
///
/// An exporter of spans, log records or metrics may conform to it; each requirement has a default. What it reports is in
/// ``TelemetrySystem/health``, in the messages to ``Diagnostics``, and in the metrics `otel.sdk.exporter.…`, as with the exporters of the SDK. The
/// properties are read on any thread, some while batches are exported: they must not block.
public protocol ReportingExporter: Sendable {
    /// The receiver, as in `http://collector:4318/v1/traces`, without passwords; by default the name of the type.
    var destinationName: String { get }

    /// The counts that only the exporter knows; by default there are none.
    var status: ExporterStatus { get }

    /// The exporter in the metrics `otel.sdk.exporter.…`; by default the name of the type, without a server.
    var component: ExporterComponent { get }

    /// How many batches of a processor it exports at the same time, each on a thread of its own; by default one.
    ///
    /// It is read once, after the exporter was configured. A metric reader exports one batch at a time.
    var maximumConcurrentExports: Int { get }

    /// True if a batch counts as exported only once ``status`` says so; false by default.
    ///
    /// Such an exporter returns from `export` when it has buffered a batch, and delivers it later. From then on its ``status`` counts the items.
    var isBuffering: Bool { get }

    /// Ends exports in flight soon if nothing is lost by it; by default they go on.
    ///
    /// It is called on another thread than `export`, when half of the time of a shutdown has passed: an exporter that can keep its batches
    /// elsewhere uses the other half for that.
    func interruptInFlightExports()
}

extension ReportingExporter {
    public var destinationName: String { String(describing: Self.self) }
    public var status: ExporterStatus { ExporterStatus() }
    public var component: ExporterComponent { ExporterComponent(type: String(describing: Self.self)) }
    public var maximumConcurrentExports: Int { 1 }
    public var isBuffering: Bool { false }
    public func interruptInFlightExports() {}
}

/// An exporter that says of each batch whether it was delivered, or buffered because the receiver is away.
protocol KeepingExporter<Batch>: ReportingExporter {
    /// What pipelines hand over: `ItemBatch` for spans and log records, `MetricBatch` for metrics.
    associatedtype Batch: Sendable

    /// Delivers or keeps one batch; ``ReportingExporter/status`` counts the kept items from then on.
    func deliver(_ batch: Batch, deadline: Deadline) async -> BatchOutcome
}
