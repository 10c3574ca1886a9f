// The examples of the guide to metrics, word for word: all are compiled, most are run.

import Testing

@testable import Telemetry

struct MetricsGuideTests {
    @Test func everyExampleOfTheGuideStandsHere() throws {
        let examples = try GuideExamples("Metrics.md")
        #expect(examples.blocks.count == 12)
        #expect(try examples.missing(in: #filePath) == [])
    }

    // MARK: Declarations that the examples use

    private struct Queue { var count = 3 }
    private struct Pool {
        struct State { var (used, waiting) = (5, 2) }
        var snapshot = State()
    }
    private struct Stopwatch { var seconds = 0.2 }
    private struct Order {}
    private struct Request { func header(_ name: String) -> String? { nil } }
    private struct Response { var status: Int }

    private func attributes(of order: Order) -> Attributes { ["payment": "card"] }
    private func respond(to request: Request) async throws -> Response { Response(status: 200) }

    // MARK: Examples that start the telemetry of the process: compiled, and not run

    private func firstCounter() throws {
        let telemetry = try TelemetrySystem.start(resource: .service("album-store"), metrics: [.prometheus()])
        let meter = telemetry.meter("album-store")
        let created = meter.counter("albums.created", unit: "{album}", description: "Albums added to the store.")

        created.add(1, ["genre": "jazz"])
        created.add(2, ["genre": "rock"])
    }

    private func views() throws {
        let views = [
            MetricView(of: "http.server.request.duration", attributeKeys: .only(["http.route", "http.response.status_code"])),
            MetricView(of: "checkout.duration", aggregation: .exponentialHistogram()),
            MetricView(of: .instruments("cache.requests", meter: "album-store"), name: "album_cache.requests", cardinalityLimit: 100),
            MetricView(of: "debug.*", aggregation: .drop),
        ]
        let telemetry = try TelemetrySystem.start(metrics: [.prometheus()], views: views)
        _ = telemetry
    }

    private func withoutExemplars(_ views: [MetricView]) throws {
        let telemetry = try TelemetrySystem.start(
            metrics: [.prometheus()], views: views, metricOptions: MetricOptions(exemplarFilter: .alwaysOff))
        _ = telemetry
    }

    private func ownServer(_ request: Request) async throws {
        let telemetry = try TelemetrySystem.start(metrics: [.prometheus(hasEndpoint: false)])
        let page = await telemetry.prometheus.page(accept: request.header("Accept"), acceptEncoding: request.header("Accept-Encoding"))
        _ = page
    }

    private func testing() throws -> MetricNumber? {
        let reader = PullMetricReader()
        let telemetry = try TelemetrySystem.start(spans: [], metrics: [reader])
        let created = telemetry.meter("album-store").counter("albums.created")
        created.add(3, ["genre": "jazz"])

        let metric = try reader.collect().metrics.first { $0.name == "albums.created" }
        let point = metric?.points.numbers.first { $0.attributes == ["genre": "jazz"] }
        return point?.value
    }

    // MARK: Examples that are run

    /// Returns meters with a pull reader, without telemetry of the process.
    private static func meters(_ reader: any MetricReader) throws -> MeterProvider {
        try MeterProvider(resource: .empty, readers: [reader])
    }

    @Test func theFirstCounterMakesThePageThatTheGuideShows() async throws {
        var options = PrometheusOptions()
        options.includesTargetInfo = false
        let exporter = PrometheusExporter(hasEndpoint: false, options: options)
        let provider = try Self.meters(exporter)
        let created = provider.meter(InstrumentationScope(name: "album-store"))
            .counter("albums.created", unit: "{album}", description: "Albums added to the store.")
        created.add(1, ["genre": "jazz"])
        created.add(2, ["genre": "rock"])
        let page = String(decoding: await exporter.page().body, as: UTF8.self)
        let shown = try #require(GuideExamples("Metrics.md", language: "").blocks.first)
        #expect(GuideExamples.lines(page) == shown)
    }

    @Test func theInstrumentsOfTheGuideTakeWhatTheyAreGiven() throws {
        let (reader, queue, pool, stopwatch, order) = (PullMetricReader(), Queue(), Pool(), Stopwatch(), Order())
        let provider = try Self.meters(reader)
        let meter = provider.meter(InstrumentationScope(name: "album-store"))

        let energy = meter.counter("energy.used", of: Double.self, unit: "J")
        let latency = meter.histogram("checkout.duration", unit: "s", boundaries: [0.01, 0.05, 0.1, 0.5, 1, 5])

        energy.add(12.5)
        latency.record(0.07, ["payment": "card"])

        let hits = meter.counter("cache.requests").bind(["result": "hit"])

        hits.add(1)

        if latency.isEnabled { latency.record(stopwatch.seconds, attributes(of: order)) }

        meter.observableGauge("queue.length", unit: "{job}") { $0.observe(queue.count, ["queue": "mail"]) }

        let used = meter.observableUpDownCounter("pool.used", unit: "{connection}")
        let waiting = meter.observableUpDownCounter("pool.waiting", unit: "{request}")
        let registration = meter.registerCallback(observing: used, waiting) { observations in
            let state = pool.snapshot
            observations.observe(used, state.used)
            observations.observe(waiting, state.waiting)
        }

        func values() throws -> [String: Double] {
            var values: [String: Double] = [:]
            for metric in try reader.collect().metrics {
                for point in metric.points.numbers { values[metric.name] = point.value.doubleValue }
                for point in metric.points.histograms { values[metric.name] = Double(point.count) }
            }
            return values
        }
        let own = ["energy.used": 12.5, "checkout.duration": 2, "cache.requests": 1, "queue.length": 3]
        #expect(try values() == own.merging(["pool.used": 5, "pool.waiting": 2]) { $1 })
        registration.unregister()
        #expect(try values() == own)
    }

    @Test func requestsAndTheProcessAreMeasuredAsTheGuideSays() async throws {
        let (reader, request, context) = (PullMetricReader(), Request(), Context.root)
        let telemetry = TelemetrySystem(
            resource: .empty, propagator: .composite([]),
            tracerProvider: TracerProvider(
                resource: .empty, sampler: .alwaysOn, limits: SpanLimits(), processors: [], idGenerator: nil, clock: .system),
            meterProvider: try Self.meters(reader))
        let tracer = telemetry.tracer("album-store")
        let incoming = HTTPServerRequest(method: "GET", target: "/albums/7")

        let metrics = HTTPServerMetrics(telemetry.meter("album-store"), recording: [.activeRequests])
        let response = try await tracer.withHTTPServerSpan(incoming, parent: context, metrics: metrics, statusCode: \.status) { server in
            server.setRoute("/albums/{id}")
            return try await respond(to: request)
        }
        ProcessMetrics.register(on: telemetry.meter("process"))

        #expect(response.status == 200)
        let found = try reader.collect().metrics
        let duration = try #require(found.first { $0.name == "http.server.request.duration" }?.points.histograms.first)
        #expect(duration.attributes["http.route"] == "/albums/{id}")
        #expect(found.contains { $0.name == "http.server.active_requests" })
        #expect(found.count { $0.name.hasPrefix("process.") } > 4)
    }
}
