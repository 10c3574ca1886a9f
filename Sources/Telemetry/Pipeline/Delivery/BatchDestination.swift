// What an export pipeline delivers to.

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
    func hurry()
}

extension ExportDestination {
    var component: ExportComponent { ExportComponent(type: String(describing: Self.self)) }
    func prepareShutdown(deadline: Deadline) {}
    func hurry() {}
}

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
