// Delivers one OTLP request: sends, understands the answer, waits, sends again.

import Synchronization

/// Delivers OTLP requests of one signal to one receiver, one at a time.
///
/// It blocks the thread that it is called on: the export worker's own.
final class OTLPSender: Sendable {
    /// A larger request is not sent. (OTLP specification: "Request Size Limits".)
    private static let maximumRequestBytes = 64 * 1024 * 1024

    private let connection: BlockingHTTPConnection
    private let url: HTTPURL
    private let headers: [(name: String, value: String)]
    private let timeout: Duration
    private let retry: RetryPolicy
    /// Raised to end a wait between two attempts.
    private let wake = WakeSignal()
    private let isShutDown = Atomic(false)
    private let isCancelled = Atomic(false)
    private let retryCount = Atomic<UInt64>(0)

    init(url: HTTPURL, settings: OTLPSettings, retry: RetryPolicy) {
        self.url = url
        connection = BlockingHTTPConnection(to: url)
        timeout = settings.timeout
        self.retry = retry
        // Names from the configuration come last, so that they can replace what is set here.
        let fixed = [
            (name: "Content-Type", value: "application/x-protobuf"), (name: "User-Agent", value: "OTel-OTLP-Exporter-Swift/\(SDK.version)"),
        ]
        let own = settings.headers
        headers = fixed.filter { fixed in !own.contains { $0.name.lowercased() == fixed.name.lowercased() } } + own
    }

    /// Sends a request until it is delivered, refused for good, or the time is over. Ends early when the task is cancelled.
    func send(_ body: OTLPRequestBody, deadline: Deadline) async throws(ExportFailure) {
        guard !isShutDown.load(ordering: .relaxed) else { throw .shutDown }
        guard body.byteCount <= Self.maximumRequestBytes else {
            throw .rejected(reason: "the request has \(body.byteCount) bytes, more than the \(Self.maximumRequestBytes) that may be sent")
        }
        let limit = min(deadline, .after(timeout))
        isCancelled.store(Task.isCancelled, ordering: .sequentiallyConsistent)
        // A cancellation that came when the last batch was already through is not meant for this one.
        connection.clearInterruption()
        let result = await withTaskCancellationHandler {
            body.withPieces { pieces -> Result<Void, ExportFailure> in attempt(pieces, until: limit) }
        } onCancel: {
            isCancelled.store(true, ordering: .sequentiallyConsistent)
            connection.interrupt()
            wake.raise()
        }
        try result.get()
    }

    /// Attempts beyond the first of each request.
    var retries: UInt64 { retryCount.load(ordering: .relaxed) }

    func shutdown() {
        isShutDown.store(true, ordering: .relaxed)
        connection.close()
    }

    private func attempt(_ pieces: [UnsafeRawBufferPointer], until limit: Deadline) -> Result<Void, ExportFailure> {
        var number = 0
        var reason = ""
        while true {
            number += 1
            if number > 1 { retryCount.wrappingAdd(1, ordering: .relaxed) }
            let requested: Duration?
            switch post(pieces, until: limit) {
            case .delivered: return .success(())
            case .deliveredWithWarning(let warning):
                Diagnostics.report(.warning, topic: "otlp.warning.\(url)", "\(url) took the spans, but \(warning)")
                return .success(())
            case .partiallyRejected(let count, let reason): return .failure(.partiallyRejected(count: count, reason: "\(url): \(reason)"))
            case .rejected(let reason): return .failure(.rejected(reason: "\(url): \(reason)"))
            case .retryable(let after, let why):
                requested = after
                // An attempt that the end of the time has cut off says less than the one before.
                reason = number > 1 && limit.hasPassed ? "\(reason); at last \(why)" : why
            }
            if isCancelled.load(ordering: .sequentiallyConsistent) { return .failure(.timedOut) }
            let fraction = Double(RandomLanes.shared.number() >> 11) * 0x1p-53
            let wait = retry.delay(afterAttempt: number, requested: requested, fraction: fraction)
            let next = Deadline.after(wait)
            guard next < limit else {
                return .failure(.retryable(after: requested, reason: "\(url), \(number) attempts: \(reason)"))
            }
            // An earlier cancellation may have left the signal raised: only one of this request ends the wait.
            while wake.wait(until: next), !isCancelled.load(ordering: .sequentiallyConsistent) {}
            if isCancelled.load(ordering: .sequentiallyConsistent) { return .failure(.timedOut) }
        }
    }

    private func post(_ pieces: [UnsafeRawBufferPointer], until limit: Deadline) -> OTLPOutcome {
        do throws(HTTPClientError) {
            let response = try connection.post(headers: headers, body: pieces, deadline: limit)
            return OTLPOutcome(
                status: response.status, retryAfter: response.headers["Retry-After"], contentType: response.headers["Content-Type"],
                body: response.body.bytes, now: Int(SystemClock.wallNanoseconds() / 1_000_000_000))
        } catch {
            // An interruption is a cancellation, of this request or, too late, of the one before: then it is sent again.
            let isRetryable = error.isTransient || error == .interrupted
            return isRetryable ? .retryable(after: nil, reason: error.withAdvice) : .rejected(reason: error.withAdvice)
        }
    }
}
