// Shared state of a periodic reader and its thread: requests, counts, destination.

/// What the thread of a periodic reader shares with those who ask it to flush, to end, or how it is doing.
final class MetricExportPipeline: Sendable {
    /// How a reader collects and exports, once code, environment and defaults have had their say.
    struct Settings: Sendable, Hashable {
        /// Between the starts of two collections.
        var interval: Duration
        /// The longest that one export may take.
        var timeout: Duration
        /// Points in one export; nil for all that a collection has found.
        var maxExportBatchSize: Int?
    }

    /// What the reader is, as the semantic conventions name such components, and its name, which is that with a number.
    static let kind = "periodic_metric_reader"
    let name: String
    let settings: Settings
    let clock: TelemetryClock
    let destination: MetricDestination
    let requests: FlushRequests
    let ledger: DeliveryLedger
    let wake = WakeSignal()
    let runner: ExportRunner
    /// Points that were collected, and whether a shutdown has ended.
    private let collected = Locked<(count: UInt64, isSettled: Bool)>((0, false))

    init(_ exporter: any MetricExporter, settings: Settings, clock: TelemetryClock) {
        let destination = MetricDestination(exporter: exporter)
        let runner = ExportRunner(wake: wake)
        name = ComponentNames.next(Self.kind)
        self.settings = settings
        self.clock = clock
        self.destination = destination
        self.runner = runner
        requests = FlushRequests(to: destination, wake: wake, runner: runner)
        ledger = DeliveryLedger(name: name, destination: destination.name, clock: clock)
    }

    /// What became of the points so far.
    var health: PipelineHealth {
        if requests.isOfParent { return PipelineHealth(name: name, destination: destination.name, queueCapacity: 0) }
        // What is done with is read before what has come in: so there is never more of it.
        var health = PipelineHealth(name: name, destination: destination, ledger: ledger, queueCapacity: 0)
        health.accepted = collected.withLock { $0.count }
        return health
    }

    /// Begins a flush or the shutdown, without waiting for it.
    func request(isShutdown: Bool, _ deadline: Deadline) -> FlushRequest {
        requests.request(isShutdown: isShutdown, deadline) { [self] in settle() }
    }

    /// Counts points that were collected; false if a shutdown has ended, and they are given up.
    func accept(_ count: Int) -> Bool {
        let isOpen = collected.withLock { collected in
            collected.count &+= UInt64(count)
            return !collected.isSettled
        }
        if !isOpen { settle() }
        return isOpen
    }

    /// Counts what is still on its way as given up: nothing waits when a shutdown returns.
    private func settle() {
        let accepted = collected.withLock { collected in
            collected.isSettled = true
            return collected.count
        }
        ledger.settle(accepted: accepted, cause: destination.status.retryCause)
    }
}
