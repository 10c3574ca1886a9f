// What an export pipeline delivers to.

/// How handing a batch to a destination ended.
enum BatchOutcome: Sendable, Equatable {
    case delivered
    case failed(ExportFailure)
    /// The destination delivers it later and does the counting.
    case takenOver

    /// Throws the failure, for callers who need not know whether the destination delivers later.
    func get() throws(ExportFailure) {
        if case .failed(let failure) = self { throw failure }
    }

    /// How long the receiver asks to be left alone; nil when it does not ask.
    ///
    /// It is held to an hour, lest a slip of a clock costs everything that is recorded.
    var requestedPause: Duration? {
        guard case .failed(.retryable(let after?, _)) = self, after > .zero else { return nil }
        return min(after, .seconds(3600))
    }
}

/// What an export pipeline delivers to: an exporter of encoded items.
protocol BatchDestination: ExportDestination {
    /// How many batches it can deliver at the same time.
    var maximumConcurrentExports: Int { get }
    /// Until when no batch is to be handed over, because the receiver has asked for a pause of all that it is sent.
    var pausedUntil: Deadline { get }

    func export(_ batch: ItemBatch, deadline: Deadline) async -> BatchOutcome
}

extension BatchDestination {
    var pausedUntil: Deadline { Deadline(nanoseconds: 0) }
}
