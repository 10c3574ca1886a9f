// The public metric reader for Prometheus, with or without an endpoint of its own.

/// Collects metrics when Prometheus, or another reader of its formats, scrapes them.
///
/// It answers at `/metrics` on a port of its own, and ``page(accept:acceptEncoding:within:)`` gives the same pages to any web framework.
/// (Specification: Prometheus exporter.)
public final class PrometheusExporter: MetricReader {
    private struct State {
        var isConfigured = false
        var server: HTTPServer?
    }

    private let host: String?
    private let requestedPort: Int?
    private let hasEndpoint: Bool
    private let prometheusOptions: PrometheusOptions
    private let worker: ScrapeWorker
    private let state = Locked(State())

    /// - Parameters:
    ///   - host: a name or address of this machine on which the endpoint answers; `0.0.0.0` stands for all of its addresses. Without
    ///     one `OTEL_EXPORTER_PROMETHEUS_HOST` counts, then `localhost`.
    ///   - port: its port; 0 lets the system choose. Without one `OTEL_EXPORTER_PROMETHEUS_PORT` counts, then 9464.
    ///   - hasEndpoint: whether the exporter opens an endpoint; without one only `page` returns the metrics.
    ///   - options: the content and format of pages.
    public init(
        host: String? = nil, port: Int? = nil, hasEndpoint: Bool = true, options: PrometheusOptions = PrometheusOptions()
    ) {
        self.host = host
        requestedPort = port
        self.hasEndpoint = hasEndpoint
        prometheusOptions = options
        worker = ScrapeWorker(options: options)
    }

    deinit {
        worker.close()
        // The server has no other owner, and its port must become free.
        if let server = state.withLock({ $0.server }) { Task { await server.shutdown(within: .zero) } }
    }

    public var options: MetricReaderOptions { prometheusOptions.readerOptions }

    /// The port on which the endpoint listens; nil without an endpoint.
    public var port: Int? { state.withLock { $0.server?.port } }

    /// Returns the page for a scrape.
    ///
    /// - Parameters:
    ///   - accept: the `Accept` header of the request; several are joined by commas.
    ///   - acceptEncoding: its `Accept-Encoding` header.
    ///   - duration: the longest time to wait for callbacks.
    public func page(
        accept: String? = nil, acceptEncoding: String? = nil, within duration: Duration = .seconds(10)
    ) async -> PrometheusPage {
        await worker.page(
            PrometheusNegotiation.format(accept: accept, fallback: prometheusOptions.fallbackFormat),
            isCompressed: PrometheusNegotiation.acceptsGzip(acceptEncoding), deadline: .after(duration))
    }

    public func register(_ collector: MetricCollector) {
        if let refusal = worker.register(collector) { return refusal.report("PrometheusExporter") }
        if !state.withLock({ $0.isConfigured }) {
            do throws(ConfigurationError) {
                try configure(.process)
            } catch {
                Diagnostics.report(.error, "There is no endpoint for Prometheus: \(error)")
            }
        }
    }

    /// Completes at once: a pull reader buffers nothing.
    public func forceFlush(deadline: Deadline) async -> FlushResult { .completed }

    /// Closes the endpoint; pages in transfer are delivered unless the deadline passes first.
    public func shutdown(deadline: Deadline) async -> FlushResult {
        let server = state.withLock { state in
            defer { state.server = nil }
            state.isConfigured = true
            return state.server
        }
        await server?.shutdown(within: deadline.remaining)
        worker.close()
        return .completed
    }
}

extension PrometheusExporter: EnvironmentConfigurable {
    /// Opens the endpoint; its host and port come from the environment where code leaves them open.
    ///
    /// - Throws: if an address given in code cannot be used.
    public func configure(_ environment: EnvironmentReader) throws(ConfigurationError) {
        state.withLock { $0.isConfigured = true }
        guard hasEndpoint else { return }
        let host = host ?? environment.text("OTEL_EXPORTER_PROMETHEUS_HOST") ?? "localhost"
        let port = requestedPort ?? environment.integer("OTEL_EXPORTER_PROMETHEUS_PORT", in: 0...65_535, default: 9464)
        let endpoint = PrometheusEndpoint(worker: worker, fallbackFormat: prometheusOptions.fallbackFormat)
        do throws(HTTPServerError) {
            let options = PrometheusEndpoint.serverOptions(maximumHeldBytes: prometheusOptions.maximumEndpointBytes)
            let server = try HTTPServer.start(host: host, port: port, options: options) { request in
                await endpoint.answer(request)
            }
            state.withLock { $0.server = server }
        } catch {
            let expected =
                "an address of this machine and a free port (\(error)); OTEL_EXPORTER_PROMETHEUS_HOST and OTEL_EXPORTER_PROMETHEUS_PORT, "
                + "or code, name others"
            // An address from code must be usable; one from the environment or the default does not prevent the start.
            if requestedPort != nil || self.host != nil {
                throw ConfigurationError(setting: "prometheus", value: "\(host):\(port)", expected: expected)
            }
            Diagnostics.report(
                .error, topic: "prometheus.endpoint",
                "There is no endpoint for Prometheus: \"\(host):\(port)\" cannot be used; expected \(expected).")
        }
    }
}

extension MetricReader where Self == PrometheusExporter {
    /// Serves metrics to Prometheus, by default at `http://localhost:9464/metrics`.
    ///
    /// The parameters are those of ``PrometheusExporter/init(host:port:hasEndpoint:options:)``.
    public static func prometheus(
        port: Int? = nil, host: String? = nil, hasEndpoint: Bool = true, options: PrometheusOptions = PrometheusOptions()
    ) -> Self {
        PrometheusExporter(host: host, port: port, hasEndpoint: hasEndpoint, options: options)
    }
}
