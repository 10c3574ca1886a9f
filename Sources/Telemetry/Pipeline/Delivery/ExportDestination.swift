// The common part of everything that a pipeline delivers to.

/// The exporter of one signal, as the worker's thread sees it.
protocol ExportDestination: Sendable {
    /// The name in messages: the address of the receiver, or the kind of exporter.
    var name: String { get }
    /// The counts that only the destination knows.
    var status: DestinationStatus { get }
    /// The component for metrics about telemetry itself.
    var component: ExportComponent { get }

    /// Announces the deadline of a shutdown, before the flush that comes first.
    func prepareShutdown(deadline: Deadline)
    func forceFlush(deadline: Deadline) async -> FlushResult
    func shutdown(deadline: Deadline) async -> FlushResult

    /// Ends exports in flight soon if their batches can be kept. Called on another thread, at half the time of a shutdown.
    func interruptInFlightExports()
}

extension ExportDestination {
    var component: ExportComponent { ExportComponent(type: String(describing: Self.self)) }
    func prepareShutdown(deadline: Deadline) {}
    func interruptInFlightExports() {}
}

/// The counts that only a destination knows: retries, and items that it took over to deliver later.
struct DestinationStatus: Sendable, Hashable {
    var retries: UInt64 = 0
    /// Items taken over that were delivered, were lost, and wait.
    var delivered: UInt64 = 0
    var dropped: [DropReason: UInt64] = [:]
    var waiting: UInt64 = 0
    var lastFailure: PipelineHealth.Failure?
    /// The failure of the last attempt to deliver; nil if it succeeded.
    var retryCause: String?
}

/// The type and the server of a component. (Semantic conventions: `otel.component.type`, `server.address`, `server.port`.)
struct ExportComponent: Sendable, Hashable {
    /// As the conventions name it, or the name of the type where they have none.
    var type: String
    var serverAddress: String?
    var serverPort: Int?
}
