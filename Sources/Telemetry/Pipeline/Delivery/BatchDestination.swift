// The destination of an export pipeline.

/// The result of handing a batch to a destination.
enum BatchOutcome: Sendable, Equatable {
    case delivered
    case failed(ExportFailure)
    /// The destination delivers the batch later and counts its items.
    case takenOver

    /// Throws the failure; does not distinguish a batch that is delivered later from a delivered one.
    func get() throws(ExportFailure) {
        if case .failed(let failure) = self { throw failure }
    }

    /// The pause that the receiver has asked for, if any.
    ///
    /// Limited to an hour, so that a wrong clock at the receiver does not cost everything that is recorded.
    var requestedPause: Duration? {
        guard case .failed(.retryable(let after?, _)) = self, after > .zero else { return nil }
        return min(after, .seconds(3600))
    }
}

/// Exports the encoded items of an export pipeline.
protocol BatchDestination: ExportDestination {
    /// How many batches it can deliver at the same time.
    var maximumConcurrentExports: Int { get }
    /// The end of a pause that the receiver has asked for; no batch is handed over before.
    var pausedUntil: Deadline { get }

    func export(_ batch: ItemBatch, deadline: Deadline) async -> BatchOutcome
}

extension BatchDestination {
    var pausedUntil: Deadline { Deadline(nanoseconds: 0) }
}

/// Stands for the exporter of a processor that was given none: it takes nothing.
struct MissingDestination: BatchDestination {
    let name = "no exporter"
    let maximumConcurrentExports = 1
    let status = ExporterStatus()

    func export(_ batch: ItemBatch, deadline: Deadline) async -> BatchOutcome {
        .failed(.rejected(reason: "the processor was given no exporter"))
    }

    func forceFlush(deadline: Deadline) async -> FlushResult { .completed }

    func shutdown(deadline: Deadline) async -> FlushResult { .completed }
}
