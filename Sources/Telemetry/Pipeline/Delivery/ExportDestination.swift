// The common part of everything that a pipeline delivers to.

/// The exporter of one signal, as the worker's thread sees it.
protocol ExportDestination: Sendable {
    /// The name in messages: the address of the receiver, or the kind of exporter.
    var name: String { get }
    /// The counts that only the destination knows.
    var status: ExporterStatus { get }
    /// The component for metrics about telemetry itself.
    var component: ExporterComponent { get }

    /// Announces the deadline of a shutdown, before the flush that comes first.
    func prepareShutdown(deadline: Deadline)
    func forceFlush(deadline: Deadline) async -> FlushResult
    func shutdown(deadline: Deadline) async -> FlushResult

    /// Ends exports in flight soon if their batches can be kept. Called on another thread, at half the time of a shutdown.
    func interruptInFlightExports()
}

extension ExportDestination {
    var component: ExporterComponent { ExporterComponent(type: String(describing: Self.self)) }
    func prepareShutdown(deadline: Deadline) {}
    func interruptInFlightExports() {}
}
