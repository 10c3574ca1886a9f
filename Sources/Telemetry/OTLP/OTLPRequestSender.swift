// What delivers requests, to one receiver or to a fleet.

/// Delivers export requests, one at a time; a call blocks its thread, which is the export worker's.
protocol OTLPRequestSender: SpoolReceiver {
    /// Sends a request until it is delivered or rejected, its deadline has passed, or the attempts are used up. Ends early if the task is
    /// cancelled.
    ///
    /// - Parameter maximumAttempts: how often to try, with waits between; another receiver that is healthy is tried at once, and not counted.
    func send(_ body: OTLPRequestBody, deadline: Deadline, maximumAttempts: Int) async -> OTLPSending

    /// Returns the parts of a request as they are to be kept for later: those of one receiver together.
    func parts(of body: OTLPRequestBody) -> [OTLPRequestBody]

    /// The number of attempts beyond the first of each request.
    var retries: UInt64 { get }

    /// Why the last attempt of the latest request failed; nil if none has failed, or one has succeeded since.
    var retryCause: String? { get }

    /// Shuts down; a request in flight may still get its response, but is not retried.
    func shutdown()
}

extension OTLPRequestSender {
    func parts(of body: OTLPRequestBody) -> [OTLPRequestBody] { [body] }

    func send(_ body: OTLPRequestBody, deadline: Deadline) async -> OTLPSending {
        await send(body, deadline: deadline, maximumAttempts: .max)
    }
}

/// What became of a request, or of its parts.
struct OTLPSending {
    let itemCount: Int
    /// Parts that were not delivered, and may be later.
    private(set) var undelivered: [OTLPRequestBody] = []
    /// Why they were not.
    private(set) var failure: ExportFailure?
    /// Parts that will never be delivered.
    private(set) var losses: [PartedOutcome.Loss] = []

    init(itemCount: Int) {
        self.itemCount = itemCount
    }

    /// Records a part that was not delivered or not wholly.
    mutating func fail(_ part: OTLPRequestBody, _ failure: ExportFailure) {
        switch failure {
        case .partiallyRejected(let count, _): lose(max(0, min(count, part.itemCount)), failure)
        case .rejected: lose(part.itemCount, failure)
        case .retryable, .timedOut, .shutDown:
            undelivered.append(part)
            self.failure = failure
        }
    }

    private mutating func lose(_ count: Int, _ failure: ExportFailure) { losses.append(PartedOutcome.Loss(count: count, failure: failure)) }

    /// What became of the items if those of undelivered parts are lost but for some that were kept.
    ///
    /// - Parameters:
    ///   - kept: how many items were kept.
    ///   - later: what became of the undelivered parts that were not kept; nil if they were not tried again.
    func outcome(kept: Int = 0, later: [OTLPSending]? = nil) -> BatchOutcome {
        var outcome = PartedOutcome(takenOver: kept, losses: losses)
        if let later {
            for sending in later { outcome.losses += sending.allLosses }
        } else {
            outcome.losses = allLosses
        }
        return BatchOutcome(outcome, of: itemCount)
    }

    private var allLosses: [PartedOutcome.Loss] {
        guard let failure, !undelivered.isEmpty else { return losses }
        return losses + [PartedOutcome.Loss(count: undelivered.reduce(0) { $0 + $1.itemCount }, failure: failure)]
    }
}
