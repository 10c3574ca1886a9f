// The metrics of requests that services of Node have by prom-client.

package import Telemetry

/// Counts requests under the names of the originals: `http_requests_total`, `http_request_duration_seconds`, `active_connections`.
///
/// The route of a request is a pattern, or `unmatched`: paths are without number. A request whose client has gone is counted and no longer
/// active when its handler returns.
package struct NodeRequestMetrics: RequestLayer {
    /// The names that get no suffixes on the page for Prometheus.
    package static let names: Set = ["http_requests_total", "http_request_duration_seconds", "active_connections"]
    /// The default boundaries of prom-client, in seconds.
    package static let boundaries: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    private static let methods: Set = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    private let router: Router
    private let requests: Counter<Int>
    private let durations: Histogram<Double>
    private let active: UpDownCounter<Int>

    /// - Parameter router: knows the routes, that of `/metrics` included.
    package init(_ meter: Meter, _ router: Router) {
        self.router = router
        requests = meter.counter("http_requests_total", description: "Total number of HTTP requests")
        durations = meter.histogram(
            "http_request_duration_seconds", description: "Duration of HTTP requests in seconds", boundaries: Self.boundaries)
        active = meter.upDownCounter("active_connections", description: "Number of active connections")
        active.add(0)
    }

    package func respond(to request: ServiceRequest, next: Handler) async -> ServiceResponse {
        let start = ContinuousClock.now
        active.add(1)
        defer { active.add(-1) }
        let response = await next(request)
        var route = "unmatched"
        if case .found(let found, _) = router.match(request) { route = found.pattern }
        let labels: Attributes = [
            "method": .string(Self.methods.contains(request.method) ? request.method : "_OTHER"), "route": .string(route),
            "status_code": AttributeValue(response.status),
        ]
        requests.add(1, labels)
        durations.record(start.duration(to: .now) / .seconds(1), labels)
        return response
    }
}
