// What every service answers besides its own routes: that it is up, and figures for Prometheus.

import Synchronization
package import Telemetry

/// Counts what a service has answered since it was started.
package final class ServiceFigures: Sendable {
    private let startTime: Timestamp
    // Relaxed everywhere: the count stands alone, nothing is read because of it.
    private let requests = Atomic<Int>(0)

    package init(clock: TelemetryClock = .system) {
        startTime = clock.now
    }

    package func countRequest() {
        requests.wrappingAdd(1, ordering: .relaxed)
    }

    /// The figures in Prometheus' text format.
    package var page: String {
        let seconds = Double(startTime.nanosecondsSinceEpoch / 1_000_000) / 1000
        return """
            # HELP process_start_time_seconds Start time of the process since unix epoch in seconds.
            # TYPE process_start_time_seconds gauge
            process_start_time_seconds \(seconds)
            # HELP http_requests_total Requests received.
            # TYPE http_requests_total counter
            http_requests_total \(requests.load(ordering: .relaxed))

            """
    }
}

extension Router {
    /// Adds `/status`, which answers as long as the service does, and `/metrics`.
    mutating func addCommonRoutes(_ figures: ServiceFigures) {
        on("GET", "/status") { request in
            request.span.updateName("/status")
            return .json(["status": "OK"], spanStatus: .ok)
        }
        on("GET", "/metrics") { request in
            request.span.updateName("/metrics")
            var response = ServiceResponse.text(figures.page, contentType: "text/plain; version=0.0.4; charset=utf-8")
            response.spanStatus = .ok
            return response
        }
    }
}
