// The delivery of one request: encoding, attempts, and waits between them.

import Synchronization

/// Delivers OTLP requests to one receiver over one connection, one at a time.
final class OTLPSender: OTLPRequestSender {
    private let transport: any OTLPTransport
    private let settings: OTLPSettings
    private let encoder: OTLPBodyEncoder
    /// Raised to end a wait between two attempts.
    private let wake = WakeSignal()
    private let isShutDown = Atomic(false)
    private let isCancelled = Atomic(false)
    private let retryCount = Atomic<UInt64>(0)
    private let cause = Locked<String?>(nil)
    private let hasReportedRetries = Atomic(false)

    /// - Parameter directory: the addresses of the receiver, which all senders to it share.
    init(_ settings: OTLPSettings, _ directory: HostDirectory) {
        self.settings = settings
        transport = settings.transport(directory)
        encoder = OTLPBodyEncoder(settings)
    }

    private var url: String { settings.destination }

    func send(_ body: OTLPRequestBody, deadline: Deadline, maximumAttempts: Int) async -> OTLPSending {
        var sending = OTLPSending(itemCount: body.itemCount)
        guard !isShutDown.load(ordering: .relaxed) else {
            sending.fail(body, .shutDown)
            return sending
        }
        let limit = min(deadline, .after(settings.timeout))
        isCancelled.store(Task.isCancelled, ordering: .sequentiallyConsistent)
        // A cancellation that came after the last batch was delivered does not count for this one.
        transport.clearInterruption()
        let result = await withTaskCancellationHandler {
            body.withPieces { encoder.withEncoded($0) { pieces in attempt(pieces, until: limit, maximumAttempts) } }
        } onCancel: {
            isCancelled.store(true, ordering: .sequentiallyConsistent)
            transport.interrupt()
            wake.raise()
        }
        if case .failure(let failure) = result { sending.fail(body, failure) }
        return sending
    }

    var retries: UInt64 { retryCount.load(ordering: .relaxed) }

    var retryCause: String? { cause.withLock { $0 } }

    func shutdown() {
        isShutDown.store(true, ordering: .sequentiallyConsistent)
        wake.raise()
        transport.close()
    }

    private func attempt(
        _ pieces: [UnsafeRawBufferPointer], until limit: Deadline, _ maximumAttempts: Int
    ) -> Result<Void, ExportFailure> {
        let notice = Deadline.after(settings.retry.noticeDelay)
        var number = 0
        // Attempts at other addresses, which need no wait.
        var failovers = 0
        cause.withLock { $0 = nil }
        while true {
            number += 1
            if number > 1 { retryCount.wrappingAdd(1, ordering: .relaxed) }
            let requested: Duration?
            var (isOutOfTime, isInterrupted) = (false, false)
            switch transport.post(pieces, until: limit) {
            case .delivered:
                recordDelivery()
                return .success(())
            case .deliveredWithWarning(let warning):
                recordDelivery()
                Diagnostics.report(.warning, topic: "otlp.warning.\(url)", "\(url) took the \(settings.signal.items), but \(warning).")
                return .success(())
            case .partiallyRejected(let count, let reason): return .failure(.partiallyRejected(count: count, reason: "\(url): \(reason)"))
            case .rejected(let reason): return .failure(.rejected(reason: "\(url): \(reason)"))
            case .interrupted:
                requested = nil
                isInterrupted = true
            case .retryable(let after, let why):
                requested = after
                // The cause of an attempt that the deadline has cut off says less than the one before.
                recordCause(why, afterEarlier: number > 1 && limit.hasPassed)
            case .timedOut(let why):
                requested = nil
                isOutOfTime = limit.hasPassed
                recordCause(why, afterEarlier: number > 1)
            }
            if let failure = failureWithoutRetry(after: number) { return .failure(failure) }
            let reason = summary(ofAttempts: number)
            if isOutOfTime { return .failure(.timedOut(reason: reason)) }
            // The address of a request that was interrupted has not failed.
            if !isInterrupted, failovers < AddressBook.capacity, transport.leave(for: requested) {
                failovers += 1
                continue
            }
            let waits = number - failovers
            let wait = settings.retry.delay(afterAttempt: waits, requested: requested, fraction: LaneGenerator.fraction())
            let next = Deadline.after(wait)
            guard next < limit, waits < maximumAttempts else {
                let pause = requested.flatMap {
                    $0 > limit.remaining ? "; it asks to be left alone for \($0), longer than this export may take" : nil
                }
                return .failure(.retryable(after: requested, reason: reason + (pause ?? "")))
            }
            if notice.hasPassed { reportRetries(reason) }
            // An earlier cancellation may have left the signal raised; only one of this request ends the wait.
            while wake.wait(until: next), !isAbandoned {}
            if let failure = failureWithoutRetry(after: number) { return .failure(failure) }
        }
    }

    private func recordDelivery() {
        cause.withLock { $0 = nil }
        hasReportedRetries.store(false, ordering: .relaxed)
    }

    /// Sets the cause of a failed attempt, in place of the earlier cause or after it.
    private func recordCause(_ why: String, afterEarlier: Bool) {
        cause.withLock { cause in
            if afterEarlier, let earlier = cause { cause = "\(earlier); at last \(why)" } else { cause = why }
        }
    }

    /// Returns the receiver, the number of attempts, and the cause of the last failure.
    private func summary(ofAttempts number: Int) -> String {
        "\(url), \(quantity(number, "attempt")): \(retryCause ?? "no answer so far")"
    }

    /// Reports that a request has been retried for long; once until a request is delivered again.
    private func reportRetries(_ reason: String) {
        guard !hasReportedRetries.exchange(true, ordering: .relaxed) else { return }
        Diagnostics.report(
            .warning, "\(settings.signal.items) are still not delivered after retries for \(settings.retry.noticeDelay): \(reason).")
    }

    private var isAbandoned: Bool {
        isCancelled.load(ordering: .sequentiallyConsistent) || isShutDown.load(ordering: .sequentiallyConsistent)
    }

    /// Returns why the request must not be retried; nil if it may be.
    private func failureWithoutRetry(after number: Int) -> ExportFailure? {
        if isCancelled.load(ordering: .sequentiallyConsistent) { return .timedOut(reason: summary(ofAttempts: number)) }
        return isShutDown.load(ordering: .sequentiallyConsistent) ? .shutDown : nil
    }
}

extension OTLPSender {
    var name: String { url }

    func send(_ request: UnsafeRawBufferPointer, deadline: Deadline) -> OTLPOutcome {
        var outcome: OTLPOutcome?
        let encoding = encoder.withEncoded([request]) { pieces in
            outcome = postOnce(pieces, until: deadline)
            return .success(())
        }
        if case .failure(let failure) = encoding { return .rejected(reason: failure.description) }
        return outcome ?? .rejected(reason: "nothing was sent")
    }

    /// Makes one attempt, at other addresses too while one of them is healthy.
    private func postOnce(_ pieces: [UnsafeRawBufferPointer], until deadline: Deadline) -> OTLPOutcome {
        var failovers = 0
        while true {
            let outcome = transport.post(pieces, until: deadline)
            let requested: Duration?
            switch outcome {
            case .retryable(let after, _): requested = after
            case .timedOut: requested = nil
            default: return outcome
            }
            guard !deadline.hasPassed, transport.leave(for: requested), failovers < AddressBook.capacity else { return outcome }
            failovers += 1
        }
    }

    func interrupt() { transport.interrupt() }
}
