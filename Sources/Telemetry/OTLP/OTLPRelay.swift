// Passes on requests that were received from elsewhere.

/// Sends OTLP requests of one signal to a receiver as they came, with the delivery of the exporters: kept connections, retries, a spool.
///
/// What waits is bounded by bytes. A request that could not be delivered waits for another attempt as long as there is room; then the oldest
/// one is dropped and counted.
package final class OTLPRelay: Sendable {
    package enum Signal: Sendable {
        case traces, metrics, logs

        fileprivate var exported: OTLPSignal {
            switch self {
            case .traces: .traces
            case .metrics: .metrics
            case .logs: .logs
            }
        }
    }

    /// What became of the items that were submitted.
    package struct Counts: Sendable, Equatable {
        package var delivered = 0
        /// Items that the receiver has refused.
        package var rejected = 0
        /// Items that made room for later ones, or were left at the end.
        package var dropped = 0
        package var waiting = 0
        /// Why the last request was not delivered; nil once one was.
        package var lastFailure: String?
    }

    private struct Request {
        let bytes: [UInt8]
        let itemCount: Int
    }

    private struct State {
        /// The oldest one first.
        var waiting: [Request] = []
        var waitingBytes = 0
        var counts = Counts()
        var isEnding = false
    }

    /// The pause after a request that could not be delivered.
    private static let pause = Duration.seconds(1)

    private let delivery: OTLPDelivery
    private let maximumBytes: Int
    private let state = Locked(State())
    private let wake = WakeSignal()
    private let end = Semaphore()
    private let timeout: Duration

    /// - Parameter maximumBytes: the requests that may wait, in bytes.
    /// - Throws: if an option or a variable of the environment cannot be used.
    package init(_ signal: Signal, _ options: OTLPOptions, maximumBytes: Int) throws(ConfigurationError) {
        guard maximumBytes > 0 else {
            throw ConfigurationError(setting: "maximumBytes", value: "\(maximumBytes)", expected: "1 byte or more")
        }
        self.maximumBytes = maximumBytes
        timeout = options.timeout ?? .seconds(10)
        delivery = OTLPDelivery(signal.exported, options)
        try delivery.configure(.process)
        guard WorkerThread.start(named: "otlp-relay", { self.work() }) else {
            throw ConfigurationError(setting: "forwarding", value: "", expected: "a system that gives another thread")
        }
    }

    /// The address of the receiver.
    package var name: String { delivery.name }

    package var counts: Counts {
        var counts = state.withLock { $0.counts }
        let spooled = delivery.status
        counts.delivered += Int(clamping: spooled.delivered)
        for (reason, count) in spooled.dropped {
            if reason == .rejected { counts.rejected += Int(clamping: count) } else { counts.dropped += Int(clamping: count) }
        }
        counts.waiting += Int(clamping: spooled.waiting)
        counts.lastFailure = counts.lastFailure ?? (spooled.waiting > 0 ? spooled.retryCause : nil) ?? spooled.lastFailure?.message
        return counts
    }

    /// Takes a request; it never waits.
    package func submit(_ bytes: [UInt8], itemCount: Int) {
        state.withLock { state in
            guard !state.isEnding else { return state.counts.dropped += itemCount }
            state.waiting.append(Request(bytes: bytes, itemCount: itemCount))
            state.waitingBytes += bytes.count
            state.counts.waiting += itemCount
            while state.waitingBytes > maximumBytes, !state.waiting.isEmpty { Self.dropOldest(&state) }
        }
        wake.raise()
    }

    /// Lets requests wait again, before all others.
    private func putBack(_ requests: [Request], _ state: inout State) {
        state.waiting.insert(contentsOf: requests, at: 0)
        state.waitingBytes += requests.reduce(0) { $0 + $1.bytes.count }
        while state.waitingBytes > maximumBytes, !state.waiting.isEmpty { Self.dropOldest(&state) }
    }

    private static func dropOldest(_ state: inout State) {
        let oldest = state.waiting.removeFirst()
        state.waitingBytes -= oldest.bytes.count
        state.counts.waiting -= oldest.itemCount
        state.counts.dropped += oldest.itemCount
    }

    /// Delivers what waits until the deadline, and ends.
    package func shutdown(deadline: Deadline) async {
        state.withLock { $0.isEnding = true }
        wake.raise()
        await withCheckedContinuation { continuation in
            let isStarted = WorkerThread.start(named: "otlp-relay-end") {
                _ = self.end.wait(until: deadline)
                continuation.resume()
            }
            if !isStarted { continuation.resume() }
        }
        state.withLock { state in
            while !state.waiting.isEmpty { Self.dropOldest(&state) }
        }
        _ = await delivery.shutdown(deadline: deadline)
    }

    private func work() {
        let runner = ExportRunner(wake: wake)
        while true {
            runner.runPendingJobs()
            let (next, isEnding) = state.withLock { state -> (Request?, Bool) in
                guard !state.waiting.isEmpty else { return (nil, state.isEnding) }
                let request = state.waiting.removeFirst()
                state.waitingBytes -= request.bytes.count
                return (request, state.isEnding)
            }
            guard let next else {
                if isEnding { return end.post() }
                _ = wake.wait(until: .never)
                continue
            }
            let (outcome, rest) = runner.run(until: .after(timeout * 2)) { [delivery, timeout] in
                let body = OTLPRequestBody(encoded: next.bytes, itemCount: next.itemCount)
                let (outcome, rest) = await delivery.sendReturningRest(body, deadline: .after(timeout))
                return (outcome, rest.map { Request(bytes: $0.contiguous, itemCount: $0.itemCount) })
            }
            let mayComeBack = record(outcome, next, rest)
            guard mayComeBack else { continue }
            // The end is told of by the same signal as a new request; after the pause the end is looked for.
            let limit = Deadline.after(outcome.requestedPause ?? Self.pause)
            while !state.withLock({ $0.isEnding }), !limit.hasPassed { _ = wake.wait(until: limit) }
            if state.withLock({ $0.isEnding }) { return end.post() }
        }
    }

    /// Counts what became of a request; returns whether it waits for another attempt.
    ///
    /// - Parameter rest: the parts that may be delivered later, if others were delivered or lost.
    private func record(_ outcome: BatchOutcome, _ request: Request, _ rest: [Request]) -> Bool {
        state.withLock { state in
            if case .parted(let parted) = outcome {
                let waiting = rest.reduce(0) { $0 + $1.itemCount }
                let rejected = parted.losses.reduce(0) { $0 + ($1.isRejection ? $1.count : 0) }
                state.counts.rejected += rejected
                state.counts.dropped += max(0, parted.lostCount - rejected - waiting)
                state.counts.delivered += request.itemCount - parted.lostCount - parted.takenOver
                state.counts.waiting -= request.itemCount - waiting
                state.counts.lastFailure = parted.losses.first?.failure.description
                putBack(rest, &state)
                return !rest.isEmpty
            }
            guard case .failed(let failure) = outcome else {
                // What the spool has taken over, the spool counts.
                if outcome == .delivered { state.counts.delivered += request.itemCount }
                state.counts.waiting -= request.itemCount
                state.counts.lastFailure = nil
                return false
            }
            state.counts.lastFailure = failure.description
            switch failure {
            case .retryable, .timedOut:
                putBack([request], &state)
                return true
            case .partiallyRejected(let count, _):
                state.counts.rejected += min(count, request.itemCount)
                state.counts.delivered += request.itemCount - min(count, request.itemCount)
            default: state.counts.rejected += request.itemCount
            }
            state.counts.waiting -= request.itemCount
            return false
        }
    }
}

extension PartedOutcome.Loss {
    /// True if the receiver has refused the items for good.
    fileprivate var isRejection: Bool {
        switch failure {
        case .rejected, .partiallyRejected: true
        default: false
        }
    }
}
