// The decision whether a request is sent at once or stored.

/// Connects an exporter with its spool: a request that cannot be sent is stored, and so are all after it until the spool is empty.
final class SpooledDelivery: Sendable {
    private let spool: Spool
    private let replayer: SpoolReplayer

    /// Opens the spool; its batches are sent only after ``start()``.
    init(_ options: SpoolOptions, _ receivers: OTLPReceivers) throws(ConfigurationError) {
        let settings = receivers.first
        let name = SpoolDirectory.name(signal: settings.signal.variablePart.lowercased(), url: receivers.key)
        spool = try Spool(options, name: name)
        // The replayer has a sender of its own, so that stored batches do not delay new ones.
        replayer = SpoolReplayer(spool, to: receivers.sender(), retry: settings.retry, timeout: settings.timeout)
    }

    func start() { _ = replayer.start() }

    /// Sends a request, or stores it.
    ///
    /// While batches wait in the spool, a request is stored behind them without an attempt. Otherwise it is tried once: the replayer
    /// retries, so that the queue of the processor does not fill up meanwhile.
    func send(_ body: OTLPRequestBody, deadline: Deadline, through sender: any OTLPRequestSender) async -> BatchOutcome {
        var sending = OTLPSending(itemCount: body.itemCount)
        if spool.isEmpty {
            // An attempt takes at most half of the time; at a shutdown the other half is needed to store the remaining batches.
            sending = await sender.send(body, deadline: .after(deadline.remaining / 2), maximumAttempts: 1)
            if case .retryable(let requested, let reason)? = sending.failure {
                replayer.recordFailure(requested: requested, reason: reason)
            }
            if sending.undelivered.isEmpty { return sending.outcome() }
        } else {
            sending.fail(body, .shutDown)
        }
        var kept = 0
        var later: [OTLPSending] = []
        for part in sending.undelivered.flatMap({ sender.parts(of: $0) }) {
            if part.withPieces({ spool.store($0, itemCount: part.itemCount) }) {
                kept += part.itemCount
            } else {
                // The spool cannot store the request, which is then sent as if there were no spool.
                later.append(await sender.send(part, deadline: deadline))
            }
        }
        return sending.outcome(kept: kept, later: later)
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
