// The decision whether a request is sent at once or stored.

/// Connects an exporter with its spool: a request that cannot be sent is stored, and so are all after it until the spool is empty.
final class SpooledDelivery: Sendable {
    private let spool: Spool
    private let replayer: SpoolReplayer

    /// Opens the spool; its batches are sent only after ``start()``.
    init(_ options: SpoolOptions, _ settings: OTLPSettings) throws(ConfigurationError) {
        let name = SpoolDirectory.name(signal: settings.signal.variablePart.lowercased(), url: settings.destination)
        spool = try Spool(options, name: name)
        // The replayer has a sender of its own, so that stored batches do not delay new ones.
        replayer = SpoolReplayer(spool, to: OTLPSender(settings), retry: settings.retry, timeout: settings.timeout)
    }

    func start() { _ = replayer.start() }

    /// Sends a request, or stores it.
    ///
    /// While batches wait in the spool, a request is stored behind them without an attempt. Otherwise it is tried once: the replayer
    /// retries, so that the queue of the processor does not fill up meanwhile.
    func send(_ body: OTLPRequestBody, deadline: Deadline, through sender: OTLPSender) async -> BatchOutcome {
        if spool.isEmpty {
            do throws(ExportFailure) {
                // An attempt takes at most half of the time; at a shutdown the other half is needed to store the remaining batches.
                try await sender.send(body, deadline: .after(deadline.remaining / 2), maximumAttempts: 1)
                return .delivered
            } catch {
                switch error {
                case .retryable(let requested, let reason): replayer.recordFailure(requested: requested, reason: reason)
                case .timedOut, .shutDown: break
                case .rejected, .partiallyRejected: return .failed(error)
                }
            }
        }
        if body.withPieces({ spool.store($0, itemCount: body.itemCount) }) { return .takenOver }
        // The spool cannot store the request, which is then sent as if there were no spool.
        do throws(ExportFailure) {
            try await sender.send(body, deadline: deadline)
            return .delivered
        } catch {
            return .failed(error)
        }
    }

    /// Adds the outcomes of the items that the spool has taken over.
    func add(to status: inout ExporterStatus) {
        status.add(spool.counts)
        status.retries &+= replayer.retries
        status.lastFailure = replayer.lastFailure
    }

    /// Tries at once to send the stored batches; does not wait for a receiver that is unavailable.
    func flush(deadline: Deadline) async -> FlushResult { await replayer.flush(deadline: deadline) }

    /// Shuts down; stored batches stay on disk for the next process.
    func shutdown(deadline: Deadline) async -> FlushResult { await replayer.stop(deadline: deadline) }

    /// Shuts down without waiting for the thread to end.
    func abandon() { replayer.abandon() }
}
