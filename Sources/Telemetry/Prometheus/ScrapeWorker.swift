// The thread behind the Prometheus exporter.

/// Collects and renders pages, one at a time: where the scrape asks, or on a thread of its own.
///
/// A page whose collection calls no code of the host is made by the caller, without a change of threads, which takes longer than the page. Where
/// callbacks may block, and while another page is being made, scrapes wait for the thread, so that none waits for the cooperative
/// pool, and those that wait share one collection. The thread starts when it is needed and ends when the worker is closed.
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
        /// Whether a page is being made, by the thread or by a caller.
        var isBusy = false
        /// Whether the latest page was so large that a caller should not be held up by the next one.
        var isLarge = false
    }

    /// What pages are made with; used only by whoever has set `isBusy`, hence `@unchecked`.
    private final class Pages: @unchecked Sendable {
        private let options: PrometheusOptions
        lazy var renderer = PrometheusRenderer(options: options)
        var accumulator = DeltaAccumulator()

        init(_ options: PrometheusOptions) {
            self.options = options
        }
    }

    /// The limit for waiting scrapes; further ones get a page with status 503.
    private static let maximumWaiting = 256
    /// The size of a page, a millisecond's work, up to which callers make the next one.
    private static let largestPageAtOnce = 1 << 20

    private let pages: Pages
    private let state = Locked(State())
    private let wake = WakeSignal()
    private let generation = ProcessGeneration.current

    init(options: PrometheusOptions) {
        pages = Pages(options)
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
        if let collector = beginAtOnce() {
            let page = Self.page(pages, collector, format, isCompressed: isCompressed, deadline: deadline)
            endPage(isLarge: page.body.count > Self.largestPageAtOnce)
            return page
        }
        return await withCheckedContinuation { continuation in
            let request = Request(format: format, isCompressed: isCompressed, deadline: deadline, continuation: continuation)
            if let refusal = admit(request) { continuation.resume(returning: .unavailable(refusal)) }
        }
    }

    /// Returns what to collect with if the caller makes the page, and must call `endPage` after it.
    private func beginAtOnce() -> MetricCollector? {
        guard generation == ProcessGeneration.current, case .taken(let collector) = state.withLock({ $0.registration }),
            !collector.callsHost
        else { return nil }
        return state.withLock { state in
            guard case .taken = state.registration, !state.isBusy, !state.isLarge, state.waiting.isEmpty else { return nil }
            state.isBusy = true
            return collector
        }
    }

    private func endPage(isLarge: Bool) {
        let mustWake = state.withLock { state in
            state.isBusy = false
            state.isLarge = isLarge
            return !state.waiting.isEmpty
        }
        if mustWake { wake.raise() }
    }

    private static func page(
        _ pages: Pages, _ collector: MetricCollector, _ format: PrometheusFormat, isCompressed: Bool, deadline: Deadline
    ) -> PrometheusPage {
        do throws(MetricCollectionError) {
            let batch = pages.accumulator.accumulate(try collector.collect(deadline: deadline))
            let (bytes, isCompressed) = pages.renderer.page(of: batch, format: format, isCompressed: isCompressed)
            return PrometheusPage(
                status: 200, contentType: format.contentType, contentEncoding: isCompressed ? "gzip" : nil, body: bytes)
        } catch {
            return .unavailable(reason(error))
        }
    }

    private static func reason(_ error: MetricCollectionError) -> String {
        error == .shutDown ? ended : "telemetry has not started yet, or OTEL_SDK_DISABLED switches it off"
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
        while true {
            let (requests, registration) = state.withLock { state in
                guard !state.isBusy else { return ([Request](), state.registration) }
                defer { state.waiting = [] }
                state.isBusy = !state.waiting.isEmpty
                return (state.waiting, state.registration)
            }
            if !requests.isEmpty {
                let bytes = answer(requests, registration)
                endPage(isLarge: bytes > Self.largestPageAtOnce)
            } else if case .shutDown = registration {
                return
            } else {
                _ = wake.wait(until: .never)
            }
        }
    }

    /// Returns the size of the largest page.
    private func answer(_ requests: [Request], _ registration: ReaderRegistration<MetricCollector>) -> Int {
        do throws(MetricCollectionError) {
            guard case .taken(let collector) = registration else { throw .notRegistered }
            let batch = pages.accumulator.accumulate(try collector.collect(deadline: requests.map(\.deadline).max() ?? .never))
            // Requests of the same format and compression share the bytes of one page.
            var made: [PrometheusFormat: [Bool: (bytes: [UInt8], isCompressed: Bool)]] = [:]
            for request in requests {
                let known = made[request.format]?[request.isCompressed]
                let (bytes, isCompressed) =
                    known ?? pages.renderer.page(of: batch, format: request.format, isCompressed: request.isCompressed)
                made[request.format, default: [:]][request.isCompressed] = (bytes, isCompressed)
                let page = PrometheusPage(
                    status: 200, contentType: request.format.contentType, contentEncoding: isCompressed ? "gzip" : nil, body: bytes)
                request.continuation.resume(returning: page)
            }
            return made.values.reduce(0) { max($0, $1.values.map(\.bytes.count).max() ?? 0) }
        } catch {
            let reason = Self.reason(error)
            for request in requests { request.continuation.resume(returning: .unavailable(reason)) }
            return 0
        }
    }
}
