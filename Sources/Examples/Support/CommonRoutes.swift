// What every service answers besides its own routes: that it is up, and its metrics for Prometheus.

import Telemetry

/// The largest request of services that take albums: an album has at most 24 KB of JSON, and spans keep what was sent until they are
/// delivered, so that more would only fill memory.
package let maximumAlbumBytes = 64 << 10

extension Router {
    /// Adds `/status`, which answers as long as the service does, and `/metrics`.
    mutating func addCommonRoutes(_ telemetry: ServiceTelemetry) {
        on("GET", "/status") { request in
            request.span.updateName("/status")
            return .json(["status": "OK"], spanStatus: .ok)
        }
        on("GET", "/metrics") { request in
            request.span.updateName("/metrics")
            return await telemetry.page(for: request)
        }
    }
}

extension ServiceRequest {
    /// Whether it is one of the scrapes that Prometheus makes by itself every few seconds; it says in a header how long it waits.
    var isScrape: Bool { path == "/metrics" && headers["X-Prometheus-Scrape-Timeout-Seconds"] != nil }
}
