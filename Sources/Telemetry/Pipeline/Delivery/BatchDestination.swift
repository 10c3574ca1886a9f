// The destination of an export pipeline.

/// The result of handing a batch to a destination.
enum BatchOutcome: Sendable, Equatable {
    case delivered
    case failed(ExportFailure)
    /// The destination delivers the batch later and counts its items.
    case takenOver
    /// Parts of the batch went to several receivers, and not all of them were delivered.
    case parted(PartedOutcome)

    /// Creates the simplest outcome that says the same.
    init(_ parted: PartedOutcome, of count: Int) {
        let losses = parted.losses.filter { $0.count > 0 }
        if losses.isEmpty, parted.takenOver == 0 {
            self = parted.losses.first.map { .failed($0.failure) } ?? .delivered
        } else if losses.isEmpty, parted.takenOver == count {
            self = .takenOver
        } else if losses.count == 1, parted.takenOver == 0, losses[0].isWhole(of: count) {
            self = .failed(losses[0].failure)
        } else {
            self = .parted(PartedOutcome(takenOver: parted.takenOver, losses: losses))
        }
    }

    /// Throws the failure; does not distinguish a batch that is delivered later from a delivered one.
    func get() throws(ExportFailure) {
        switch self {
        case .delivered, .takenOver: break
        case .failed(let failure): throw failure
        case .parted(let parted):
            guard let first = parted.losses.first else { return }
            throw .partiallyRejected(count: parted.lostCount, reason: first.failure.description)
        }
    }

    /// The pause that the receiver has asked for, if any.
    ///
    /// Limited to an hour, so that a wrong clock at the receiver does not cost everything that is recorded.
    var requestedPause: Duration? {
        guard case .failed(.retryable(let after?, _)) = self, after > .zero else { return nil }
        return min(after, .seconds(3600))
    }
}

/// What became of a batch whose parts went to several receivers; items that are not named were delivered.
struct PartedOutcome: Sendable, Equatable {
    struct Loss: Sendable, Equatable {
        let count: Int
        let failure: ExportFailure

        /// Returns whether the failure says by itself that these items of a batch were lost.
        fileprivate func isWhole(of batch: Int) -> Bool {
            if case .partiallyRejected(let rejected, _) = failure { return rejected == count }
            return count == batch
        }
    }

    /// The items that are delivered later, and counted by the destination.
    var takenOver = 0
    var losses: [Loss] = []

    var lostCount: Int { losses.reduce(0) { $0 + $1.count } }
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
