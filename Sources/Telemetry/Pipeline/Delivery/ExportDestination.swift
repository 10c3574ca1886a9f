// The common part of everything that a pipeline delivers to.

/// What those who deliver have in common: the exporter of one signal, seen from the thread that works for it.
protocol ExportDestination: Sendable {
    /// What it is, for people: the address of the receiver, or the kind of exporter.
    var name: String { get }
    /// What it knows that who hands it batches does not.
    var status: DestinationStatus { get }
    /// What it is, for metrics about telemetry itself.
    var component: ExportComponent { get }

    /// Tells by when a shutdown has to be over, before the flush that comes first.
    func prepareShutdown(deadline: Deadline)
    func forceFlush(deadline: Deadline) async -> FlushResult
    func shutdown(deadline: Deadline) async -> FlushResult

    /// Has exports that are under way end soon if what they deliver can be kept; called on another thread, at a shutdown.
    func interruptInFlightExports()
}

extension ExportDestination {
    var component: ExportComponent { ExportComponent(type: String(describing: Self.self)) }
    func prepareShutdown(deadline: Deadline) {}
    func interruptInFlightExports() {}
}

/// What a destination knows that its pipeline does not: retries, and items that it took over to deliver them later.
struct DestinationStatus: Sendable, Hashable {
    var retries: UInt64 = 0
    /// Items taken over that were delivered, were lost, and wait.
    var delivered: UInt64 = 0
    var dropped: [DropReason: UInt64] = [:]
    var waiting: UInt64 = 0
    var lastFailure: PipelineHealth.Failure?
    /// What the last attempt to deliver has met with; nil when it has succeeded.
    var retryCause: String?
}

/// What a component is, and where it delivers to. (Semantic conventions: `otel.component.type`, `server.address`, `server.port`.)
struct ExportComponent: Sendable, Hashable {
    /// As the conventions name it, or the name of the type where they have none.
    var type: String
    var serverAddress: String?
    var serverPort: Int?
}
