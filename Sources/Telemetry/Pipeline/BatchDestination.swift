// What an export pipeline delivers to.

/// How handing a batch to a destination ended.
enum BatchOutcome: Sendable, Equatable {
    case delivered
    case failed(ExportFailure)
    /// The destination delivers it later and does the counting.
    case takenOver
}

/// What an export pipeline delivers to: the exporter of one signal.
protocol BatchDestination: Sendable {
    /// What it is, for people: the address of the receiver, or the kind of exporter.
    var name: String { get }
    /// How many batches it can deliver at the same time.
    var maximumConcurrentExports: Int { get }
    /// What it knows that the pipeline does not.
    var status: DestinationStatus { get }

    func export(_ batch: ItemBatch, deadline: Deadline) async -> BatchOutcome
    func forceFlush(deadline: Deadline) async -> FlushResult
    func shutdown(deadline: Deadline) async -> FlushResult

    /// Has exports that are under way end soon if what they deliver can be kept; called on another thread, at a shutdown.
    func hurry()
}

extension BatchDestination {
    func hurry() {}
}
