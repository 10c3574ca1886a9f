// Scrapes all targets of a console.

import ExampleSupport
import Synchronization
import Telemetry

/// Reads the pages of targets into a store, each target in a task of its own.
package final class Scraper: Sendable {
    private let client: HTTPClient
    private let loops: [ScrapeLoop]
    private let tasks: Mutex<[Task<Void, Never>]>

    /// Begins to scrape.
    ///
    /// - Parameter archive: the file in which scrapes are kept too.
    package static func start(
        _ targets: [ScrapeTarget], into store: MetricStore, archive: RunArchive? = nil, maximumBytes: Int = 16 << 20
    ) -> Scraper {
        let client = HTTPClient(maximumResponseBytes: maximumBytes, maximumConnectionsPerHost: 8)
        var limits = ScrapeLoop.Limits()
        limits.bytes = maximumBytes
        let loops = targets.map { target in
            ScrapeLoop(target, store, limits: limits, keep: { archive?.store($0) }) { (target, deadline) throws(HTTPClientError) in
                var headers: HTTPHeaders = [
                    "Accept": ScrapeLoop.accept, "Accept-Encoding": "gzip", "User-Agent": "swift-telemetry-console",
                ]
                headers.add("X-Prometheus-Scrape-Timeout-Seconds", GoNumber.text(target.timeout / .seconds(1)))
                let request = HTTPOutgoingRequest(method: "GET", url: target.url, headers: headers)
                return try await client.send(request, deadline: deadline)
            }
        }
        return Scraper(client, loops)
    }

    private init(_ client: HTTPClient, _ loops: [ScrapeLoop]) {
        self.client = client
        self.loops = loops
        tasks = Mutex(loops.map { loop in Task { await loop.run() } })
    }

    /// What is known of each target.
    package var statuses: [ScrapeTargetStatus] { loops.map(\.status) }

    /// Ends all scrapes.
    package func stop() {
        for task in tasks.withLock({ $0 }) { task.cancel() }
        client.shutdown()
    }
}
