// The endpoint at which Prometheus finds its pages.

/// Answers HTTP requests with pages.
struct PrometheusEndpoint: Sendable {
    let worker: ScrapeWorker
    let fallbackFormat: PrometheusFormat

    static let path = "/metrics"

    /// Few readers that ask for little.
    static func serverOptions(maximumHeldBytes: Int) -> HTTPServerOptions {
        var options = HTTPServerOptions()
        options.maximumConnections = 256
        options.limits.body = 64 * 1024
        // Whatever is asked for, one request fits.
        options.maximumHeldBytes = max(maximumHeldBytes, 2 * options.limits.body)
        // Metrics are wanted most when the program has no thread left: pages come from a thread of their own, and so do the answers.
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
            isCompressed: PrometheusNegotiation.acceptsGzip(acceptEncoding), deadline: .after(Self.patience(request.headers)))
        var response = HTTPResponse(status: page.status, headers: ["Content-Type": page.contentType], body: page.body)
        if let encoding = page.contentEncoding { response.headers["Content-Encoding"] = encoding }
        response.headers["Vary"] = "Accept, Accept-Encoding"
        return response
    }

    private static func joined(_ values: [String]) -> String? { values.isEmpty ? nil : values.joined(separator: ",") }

    /// How long the reader waits, if it says so as Prometheus does; a part of it is left for the way.
    static func patience(_ headers: HTTPHeaders) -> Duration {
        guard let text = headers["X-Prometheus-Scrape-Timeout-Seconds"], let seconds = Double(text), seconds.isFinite else {
            return .seconds(10)
        }
        return .seconds(min(max(seconds * 0.9, 0.5), 60))
    }
}
