// The HTTP side of the exporter: paths, methods, headers and the limits of its server.

/// Answers the HTTP requests of scrapers.
struct PrometheusEndpoint: Sendable {
    let worker: ScrapeWorker
    let fallbackFormat: PrometheusFormat

    static let path = "/metrics"

    /// Returns limits for few scrapers with small requests.
    static func serverOptions(maximumHeldBytes: Int) -> HTTPServerOptions {
        var options = HTTPServerOptions()
        options.maximumConnections = 256
        options.limits.body = 64 * 1024
        // One request fits, however low the configured limit is.
        options.maximumHeldBytes = max(maximumHeldBytes, 2 * options.limits.body)
        // Metrics matter most when the cooperative pool is blocked: pages and answers use threads of their own.
        options.runsHandlersOnItsThread = true
        return options
    }

    func answer(_ request: HTTPRequest) async -> HTTPResponse {
        guard request.path == Self.path else { return .text("metrics are at \(Self.path)\n", status: 404) }
        guard request.method == "GET" || request.method == "HEAD" else {
            var refusal = HTTPResponse.text("metrics are asked for with GET\n", status: 405)
            refusal.headers["Allow"] = "GET, HEAD"
            return refusal
        }
        let accept = Self.joined(request.headers.values(named: "Accept"))
        let acceptEncoding = Self.joined(request.headers.values(named: "Accept-Encoding"))
        let page = await worker.page(
            PrometheusNegotiation.format(accept: accept, fallback: fallbackFormat),
            isCompressed: PrometheusNegotiation.acceptsGzip(acceptEncoding), deadline: .after(Self.collectionTimeout(request.headers)))
        var response = HTTPResponse(status: page.status, headers: ["Content-Type": page.contentType], body: page.body)
        if let encoding = page.contentEncoding { response.headers["Content-Encoding"] = encoding }
        response.headers["Vary"] = "Accept, Accept-Encoding"
        return response
    }

    private static func joined(_ values: [String]) -> String? { values.isEmpty ? nil : values.joined(separator: ",") }

    /// Returns nine tenths of the scrape timeout that Prometheus sends, from 0.5 to 60 seconds; 10 seconds without one.
    static func collectionTimeout(_ headers: HTTPHeaders) -> Duration {
        guard let text = headers["X-Prometheus-Scrape-Timeout-Seconds"], let seconds = Double(text), seconds.isFinite else {
            return .seconds(10)
        }
        return .seconds(min(max(seconds * 0.9, 0.5), 60))
    }
}
