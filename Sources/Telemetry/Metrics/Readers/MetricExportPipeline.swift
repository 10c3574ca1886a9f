// Requests, counts and settings of a periodic reader.

/// The state that a periodic reader shares with its thread.
final class MetricExportPipeline: Sendable {
    /// The settings of a reader, after code, environment and defaults are resolved.
    struct Settings: Sendable, Hashable {
        /// The time between the starts of two collections.
        var interval: Duration
        /// The longest time that one export may take.
        var timeout: Duration
        /// The points of one export; nil for all points of a collection.
        var maxExportBatchSize: Int?
    }

    /// The component type of the semantic conventions; `name` is the type with a number.
    static let kind = "periodic_metric_reader"
    let name: String
    let settings: Settings
    let clock: TelemetryClock
    let destination: ExporterDestination<MetricBatch>
    let requests: FlushRequests
    let accounting: ExportAccounting
    /// The observer of what is collected, before it is delivered.
    let fetched = EventObserver<MetricBatch>()
    let wake = WakeSignal()
    let runner: ExportRunner
    /// The number of points collected, and whether a shutdown has ended.
    private let collected = Locked<(count: UInt64, isSettled: Bool)>((0, false))

    init(_ exporter: any MetricExporter, settings: Settings, clock: TelemetryClock) {
        let destination = ExporterDestination(exporter)
        let runner = ExportRunner(wake: wake)
        name = ComponentNames.next(Self.kind)
        self.settings = settings
        self.clock = clock
        self.destination = destination
        self.runner = runner
        requests = FlushRequests(to: destination, wake: wake, runner: runner)
        accounting = ExportAccounting(name: name, items: .dataPoint, destination: destination.name, clock: clock)
    }

    /// The delivery of points so far.
    var health: PipelineHealth {
        if requests.isOfParent { return PipelineHealth(name: name, destination: destination.name, queueCapacity: 0) }
        // The delivered and dropped points are read before the collected ones, so that they are never more.
        var health = PipelineHealth(name: name, destination: destination, accounting: accounting, queueCapacity: 0)
        health.accepted = collected.withLock { $0.count }
        return health
    }

    /// Begins a flush or a shutdown without waiting for it.
    func request(isShutdown: Bool, _ deadline: Deadline, halfTime: Deadline? = nil) -> FlushRequest {
        requests.request(isShutdown: isShutdown, deadline, halfTime: halfTime) { [self] in settle() }
    }

    /// Counts collected points; returns false if a shutdown has ended, and counts them as dropped.
    func accept(_ count: Int) -> Bool {
        let isOpen = collected.withLock { collected in
            collected.count &+= UInt64(count)
            return !collected.isSettled
        }
        if !isOpen { settle() }
        return isOpen
    }

    /// Counts points that are not yet exported as dropped: nothing is pending when a shutdown returns.
    private func settle() {
        let accepted = collected.withLock { collected in
            collected.isSettled = true
            return collected.count
        }
        accounting.settle(accepted: accepted, cause: destination.status.retryCause)
    }
}

extension ExporterDestination<MetricBatch> {
    init(_ exporter: any MetricExporter) {
        self.init(
            exporter,
            Calls(
                export: { batch, deadline throws(ExportFailure) in try await exporter.export(batch, deadline: deadline) },
                forceFlush: { await exporter.forceFlush(deadline: $0) }, shutdown: { await exporter.shutdown(deadline: $0) }))
    }
}
