// What an export pipeline delivers to.

/// What those who deliver have in common: the exporter of one signal, seen from the thread that works for it.
protocol ExportDestination: Sendable {
    /// What it is, for people: the address of the receiver, or the kind of exporter.
    var name: String { get }
    /// What it knows that who hands it batches does not.
    var status: DestinationStatus { get }
    /// What it is, for metrics about telemetry itself.
    var component: ExportComponent { get }

    func forceFlush(deadline: Deadline) async -> FlushResult
    func shutdown(deadline: Deadline) async -> FlushResult

    /// Has exports that are under way end soon if what they deliver can be kept; called on another thread, at a shutdown.
    func hurry()
}

extension ExportDestination {
    var component: ExportComponent { ExportComponent(type: String(describing: Self.self)) }
    func hurry() {}
}

/// How handing a batch to a destination ended.
enum BatchOutcome: Sendable, Equatable {
    case delivered
    case failed(ExportFailure)
    /// The destination delivers it later and does the counting.
    case takenOver
}

/// What an export pipeline delivers to: an exporter of encoded items.
protocol BatchDestination: ExportDestination {
    /// How many batches it can deliver at the same time.
    var maximumConcurrentExports: Int { get }

    func export(_ batch: ItemBatch, deadline: Deadline) async -> BatchOutcome
}
