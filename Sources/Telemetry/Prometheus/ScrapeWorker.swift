// The thread behind the Prometheus exporter.

/// Collects and renders pages on a thread of its own, so that no scrape waits for the cooperative pool.
///
/// Callbacks may block the thread. Concurrent scrapes share one collection. The thread starts with the first scrape and ends when
/// the worker is closed.
final class ScrapeWorker: Sendable {
    private struct Request {
        let format: PrometheusFormat
        let isCompressed: Bool
        let deadline: Deadline
        let continuation: CheckedContinuation<PrometheusPage, Never>
    }

    private struct State {
        var registration = ReaderRegistration<MetricCollector>.open
        var waiting: [Request] = []
        var isRunning = false
    }

    /// The limit for waiting scrapes; further ones get a page with status 503.
    private static let maximumWaiting = 256

    private let options: PrometheusOptions
    private let state = Locked(State())
    private let wake = WakeSignal()
    private let generation = ProcessGeneration.current

    init(options: PrometheusOptions) {
        self.options = options
    }

    /// Registers the collector; returns the reason if it is refused.
    func register(_ collector: MetricCollector) -> ReaderRefusal? {
        state.withLock { state in
            let refusal = state.registration.refusal
            if refusal == nil { state.registration = .taken(collector) }
            return refusal
        }
    }

    /// Returns the page for a scrape; its status is 503 if no metrics can be collected.
    func page(_ format: PrometheusFormat, isCompressed: Bool, deadline: Deadline) async -> PrometheusPage {
        await withCheckedContinuation { continuation in
            let request = Request(format: format, isCompressed: isCompressed, deadline: deadline, continuation: continuation)
            if let refusal = admit(request) { continuation.resume(returning: .unavailable(refusal)) }
        }
    }

    /// Ends the thread; waiting and later scrapes get a page with status 503.
    func close() {
        let waiting = state.withLock { state in
            state.registration = .shutDown
            defer { state.waiting = [] }
            return state.waiting
        }
        wake.raise()
        for request in waiting { request.continuation.resume(returning: .unavailable(Self.ended)) }
    }

    private static let ended = "telemetry has ended"
    private static let startedBeforeFork = "telemetry was started before this process was forked: start it anew"
    private static let busy = "too many readers at once: try again"

    /// Queues a request; returns the reason if it is refused.
    private func admit(_ request: Request) -> String? {
        let (refusal, mustStart): (String?, Bool) = state.withLock { state in
            if case .shutDown = state.registration { return (Self.ended, false) }
            if generation != ProcessGeneration.current { return (Self.startedBeforeFork, false) }
            if state.waiting.count >= Self.maximumWaiting { return (Self.busy, false) }
            state.waiting.append(request)
            defer { state.isRunning = true }
            return (nil, !state.isRunning)
        }
        if refusal != nil { return refusal }
        wake.raise()
        if mustStart && !WorkerThread.start(named: "prometheus", { self.run() }) { refuseAll() }
        return nil
    }

    /// Refuses all waiting requests because no thread can be started; the next request tries again.
    private func refuseAll() {
        let waiting = state.withLock { state in
            state.isRunning = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for request in waiting { request.continuation.resume(returning: .unavailable("the system gives no more threads")) }
    }

    private func run() {
        let renderer = PrometheusRenderer(options: options)
        var accumulator = DeltaAccumulator()
        while true {
            let (requests, registration) = state.withLock { state in
                defer { state.waiting = [] }
                return (state.waiting, state.registration)
            }
            if case .shutDown = registration { return }
            if requests.isEmpty {
                _ = wake.wait(until: .never)
            } else {
                answer(requests, registration, renderer, &accumulator)
            }
        }
    }

    private func answer(
        _ requests: [Request], _ registration: ReaderRegistration<MetricCollector>, _ renderer: PrometheusRenderer,
        _ accumulator: inout DeltaAccumulator
    ) {
        do throws(MetricCollectionError) {
            guard case .taken(let collector) = registration else { throw .notRegistered }
            let batch = accumulator.accumulate(try collector.collect(deadline: requests.map(\.deadline).max() ?? .never))
            // Requests of the same format and compression share the bytes of one page.
            var pages: [PrometheusFormat: [Bool: (bytes: [UInt8], isCompressed: Bool)]] = [:]
            for request in requests {
                let known = pages[request.format]?[request.isCompressed]
                let (bytes, isCompressed) =
                    known ?? renderer.page(of: batch, format: request.format, isCompressed: request.isCompressed)
                pages[request.format, default: [:]][request.isCompressed] = (bytes, isCompressed)
                let page = PrometheusPage(
                    status: 200, contentType: request.format.contentType, contentEncoding: isCompressed ? "gzip" : nil, body: bytes)
                request.continuation.resume(returning: page)
            }
        } catch {
            let reason = error == .shutDown ? Self.ended : "telemetry has not started yet"
            for request in requests { request.continuation.resume(returning: .unavailable(reason)) }
        }
    }
}
