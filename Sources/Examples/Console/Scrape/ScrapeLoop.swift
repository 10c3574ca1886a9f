// Reads one target's page again and again.

import ExampleSupport
import Synchronization
import Telemetry

/// Scrapes one target at its interval, and keeps what is known of it.
final class ScrapeLoop: Sendable {
    /// Returns the response of a target.
    typealias Fetch = @Sendable (ScrapeTarget, Deadline) async throws(HTTPClientError) -> HTTPResponse
    /// Keeps the bytes of a scrape for later runs.
    typealias Keep = @Sendable (ScrapeRecord) -> Void

    /// Bytes of a page, and samples in it, that are read.
    struct Limits: Sendable {
        var bytes = 16 << 20
        var samples = 100_000
    }

    /// The formats that are read, the best first; only protobuf has native histograms.
    static let accept =
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.8,"
        + "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.7,"
        + "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.5,"
        + "text/plain;version=0.0.4;q=0.4,*/*;q=0.1"

    private let store: MetricStore
    private let target: ScrapeTarget
    private let limits: Limits
    private let fetch: Fetch
    private let keep: Keep
    private let state: Mutex<(status: ScrapeTargetStatus, memory: ScrapeMemory)>

    init(_ target: ScrapeTarget, _ store: MetricStore, limits: Limits = Limits(), keep: @escaping Keep = { _ in }, fetch: @escaping Fetch) {
        self.target = target
        self.keep = keep
        self.store = store
        self.limits = limits
        self.fetch = fetch
        let status = ScrapeTargetStatus(
            url: target.url.description, job: target.job, instance: target.instance, interval: target.interval, timeout: target.timeout)
        state = Mutex((status, ScrapeMemory()))
    }

    var status: ScrapeTargetStatus { state.withLock { $0.status } }

    /// Scrapes until the task is cancelled; a scrape that takes long delays the next one, and none is made up for.
    func run() async {
        let clock = ContinuousClock()
        var due = clock.now
        while !Task.isCancelled {
            await scrape()
            due = max(due.advanced(by: target.interval), clock.now)
            try? await clock.sleep(until: due)
        }
    }

    /// Scrapes once.
    func scrape() async {
        let clock = ContinuousClock()
        let (began, time) = (clock.now, store.now)
        let result = await page()
        let duration = began.duration(to: clock.now)
        var (page, type, bytes, reason): (ScrapedPage?, String?, [UInt8], String) = (nil, nil, [], "")
        switch result {
        case .success(let read): (page, type, bytes) = read
        case .failure(let failure): reason = failure.reason
        }
        keep(ScrapeRecord(labels: target.sampleLabels, time: time, duration: duration, type: type, page: bytes))
        let figures = ScrapeFigures(isUp: page != nil, seconds: duration / .seconds(1), samples: page?.samples.count ?? 0)
        var memory = state.withLock { $0.memory }
        store.receive(page, of: target.sampleLabels, at: time, figures, &memory)
        let after = memory
        state.withLock { state in
            state.memory = after
            state.status.health = page == nil ? .down : .up
            state.status.lastError = reason
            state.status.lastScrape = Timestamp(nanosecondsSinceEpoch: UInt64(max(0, time)) * 1_000_000)
            state.status.lastDuration = duration
            state.status.lastSamples = figures.samples
            if page == nil { state.status.failures += 1 }
        }
    }

    private struct Failure: Error {
        let reason: String
    }

    /// Returns the page, its content type, and its bytes, decompressed.
    private func page() async -> Result<(ScrapedPage, String?, [UInt8]), Failure> {
        let response: HTTPResponse
        do throws(HTTPClientError) { response = try await fetch(target, .after(target.timeout)) } catch {
            return .failure(Failure(reason: "\(error)"))
        }
        guard response.status == 200 else { return .failure(Failure(reason: "the target answered with status \(response.status)")) }
        var body = response.body.bytes
        guard body.count <= limits.bytes else { return .failure(Failure(reason: "the page is longer than \(limits.bytes) bytes")) }
        if (response.headers["content-encoding"] ?? "").lowercased() == "gzip" {
            do throws(GzipError) { body = try Gzip.decompressed(body, maximumBytes: limits.bytes) } catch {
                return .failure(Failure(reason: "the page cannot be decompressed: \(error)"))
            }
        }
        do throws(ScrapeSyntaxError) {
            let type = response.headers["content-type"] ?? "text/plain"
            return .success((try ScrapedPage(body, type: type, maximumSamples: limits.samples), type, body))
        } catch { return .failure(Failure(reason: "\(error)")) }
    }
}
