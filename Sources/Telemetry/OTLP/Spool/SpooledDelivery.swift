// Sends what can be sent now, and keeps the rest on disk for later.

/// Joins an exporter of one signal with its spool: what cannot be sent goes there, and everything after it.
final class SpooledDelivery: Sendable {
    private let spool: Spool
    private let replayer: SpoolReplayer

    /// Opens the spool; nothing is sent from it before ``start()``.
    init(_ options: SpoolOptions, _ settings: OTLPSettings) throws(ConfigurationError) {
        let name = SpoolDirectory.name(signal: settings.signal.variablePart.lowercased(), url: settings.url.description)
        spool = try Spool(options, name: name)
        // A sender of its own, so that what comes in is never held up by what waits.
        replayer = SpoolReplayer(spool, to: OTLPSender(settings), retry: settings.retry, timeout: settings.timeout)
    }

    func start() { _ = replayer.start() }

    /// Sends a request, or else keeps it.
    ///
    /// While something waits, new requests go behind it without a look at the network. Else it is tried once: trying again is what
    /// the spool is for, and meanwhile the queue of the processor would fill up.
    func send(_ body: OTLPRequestBody, deadline: Deadline, through sender: OTLPSender) async -> BatchOutcome {
        if spool.isEmpty {
            do throws(ExportFailure) {
                // A receiver that never answers leaves half of the time: at a shutdown that is what the others are kept in.
                try await sender.send(body, deadline: .after(deadline.remaining / 2), maximumAttempts: 1)
                return .delivered
            } catch {
                switch error {
                case .retryable(let requested, let reason): replayer.noteFailure(requested: requested, reason: reason)
                case .timedOut, .shutDown: break
                case .rejected, .partiallyRejected: return .failed(error)
                }
            }
        }
        if body.withPieces({ spool.store($0, itemCount: body.itemCount) }) { return .takenOver }
        // Nothing can be kept: then all is as if there were no spool.
        do throws(ExportFailure) {
            try await sender.send(body, deadline: deadline)
            return .delivered
        } catch {
            return .failed(error)
        }
    }

    /// Adds what became of the items that it has taken over.
    func add(to status: inout DestinationStatus) {
        status.add(spool.counts)
        status.retries &+= replayer.retries
        status.lastFailure = replayer.lastFailure
    }

    /// Tries at once to send what waits; does not wait for a receiver that is away.
    func flush(deadline: Deadline) async -> FlushResult { await replayer.flush(deadline: deadline) }

    /// Ends; what waits stays on disk for the next process.
    func shutdown(deadline: Deadline) async -> FlushResult { await replayer.stop(deadline: deadline) }

    /// Ends without waiting for it.
    func abandon() { replayer.abandon() }
}
