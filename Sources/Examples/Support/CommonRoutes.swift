// The routes that every service has beside its own, for probes and for Prometheus.

import Telemetry

/// The largest request body of services that take albums: an album has at most 24 KB of JSON, and spans keep 4 KiB of a body until they
/// are exported, so that more would only fill memory.
package let maximumAlbumBytes = 64 << 10

extension Router {
    /// Adds `/status`, which answers as long as the service does, and `/metrics`.
    mutating func addCommonRoutes(_ telemetry: ServiceTelemetry) {
        on("GET", "/status", spanName: .pattern) { _ in .json(["status": "OK"], spanStatus: .ok) }
        on("GET", "/metrics", spanName: .pattern) { await telemetry.metricsPage(for: $0) }
    }
}

extension ServiceRequest {
    /// Whether Prometheus sent the request by itself, as it does every few seconds: only then a header has its timeout.
    var isScrape: Bool { path == "/metrics" && headers["X-Prometheus-Scrape-Timeout-Seconds"] != nil }
}
