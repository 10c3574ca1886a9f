// Scrapes of one target.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

@testable import TelemetryConsole

struct ScrapeLoopTests {
    /// A target whose answers a test sets.
    private final class Target: Sendable {
        let answer = Mutex<Result<HTTPResponse, HTTPClientError>>(.failure(.interrupted))
        let requests = Atomic(0)

        func set(_ text: String, type: String? = "text/plain; version=0.0.4", status: Int = 200) {
            var response = HTTPResponse(status: status, body: Array(text.utf8))
            response.headers["Content-Type"] = type
            answer.withLock { $0 = .success(response) }
        }

        func fetch() throws(HTTPClientError) -> HTTPResponse {
            requests.add(1, ordering: .relaxed)
            return try answer.withLock { $0 }.get()
        }
    }

    private func loop(_ rig: ConsoleMetricRig, _ target: Target, limits: ScrapeLoop.Limits = .init()) throws -> ScrapeLoop {
        let environment = ServiceEnvironment(["SCRAPE": "http://localhost:9464/metrics"])
        let settings = try #require(try ScrapeTarget.targets(environment) { _ in nil }.first)
        return ScrapeLoop(settings, rig.store, limits: limits) { (_, _) throws(HTTPClientError) in try target.fetch() }
    }

    @Test func samplesGetTheLabelsOfTheTarget() async throws {
        let (rig, target) = (ConsoleMetricRig(), Target())
        let loop = try loop(rig, target)
        target.set("# TYPE a counter\na{job=\"other\"} 5\n")
        await loop.scrape()
        #expect(try rig.query("a", at: 0) == ["{__name__=\"a\", exported_job=\"other\", instance=\"localhost:9464\", job=\"scrape\"}": 5])
        #expect(try rig.value("up", at: 0) == 1)
        #expect(try rig.value("scrape_samples_scraped", at: 0) == 1)
        #expect(try rig.value("scrape_duration_seconds", at: 0) != nil)
        #expect(loop.status.health == .up)
        #expect(loop.status.lastSamples == 1)
    }

    @Test func seriesThatAPageNoLongerHasEnds() async throws {
        let (rig, target) = (ConsoleMetricRig(), Target())
        let loop = try loop(rig, target)
        target.set("a 1\nb 2\nc 3 \(MetricRequest.start * 1_000)\n")
        await loop.scrape()
        rig.clock.advance(by: .seconds(15))
        target.set("a 1\n")
        await loop.scrape()
        #expect(try rig.value("a", at: 15) == 1)
        #expect(try rig.query("b", at: 15).isEmpty)
        #expect(try rig.value("b", at: 14) == 2)
        // A sample with a time of its own lasts as long as any.
        #expect(try rig.value("c", at: 15) == 3)
    }

    @Test func failedScrapeEndsAllSeriesAndIsShown() async throws {
        let (rig, target) = (ConsoleMetricRig(), Target())
        let loop = try loop(rig, target)
        target.set("a 1\n")
        await loop.scrape()
        rig.clock.advance(by: .seconds(15))
        target.set("no", status: 500)
        await loop.scrape()
        #expect(try rig.query("a", at: 15).isEmpty)
        #expect(try rig.value("up", at: 15) == 0)
        #expect(loop.status.health == .down)
        #expect(loop.status.lastError == "the target answered with status 500")
        #expect(loop.status.failures == 1)
        rig.clock.advance(by: .seconds(15))
        target.set("a 2\n")
        await loop.scrape()
        #expect(try rig.value("a", at: 30) == 2)
        #expect(loop.status.lastError.isEmpty)
    }

    @Test(arguments: [
        ("<html>", "text/html", "the Content-Type is \"text/html\""), ("a b\n", "text/plain", "the value \"b\" is no number in line 1"),
        ("a 1\n", "application/openmetrics-text; version=1.0.0", "# EOF is missing"),
        ("xxx", "application/vnd.google.protobuf", "the page is no list of MetricFamily messages"),
    ])
    func pageThatCannotBeReadIsAnError(text: String, type: String, reason: String) async throws {
        let (rig, target) = (ConsoleMetricRig(), Target())
        let loop = try loop(rig, target)
        target.set(text, type: type)
        await loop.scrape()
        #expect(loop.status.lastError.hasPrefix(reason))
        #expect(try rig.value("up", at: 0) == 0)
    }

    @Test func pagesAreBounded() async throws {
        let (rig, target) = (ConsoleMetricRig(), Target())
        var limits = ScrapeLoop.Limits()
        limits.bytes = 10
        let loop = try loop(rig, target, limits: limits)
        target.set("a 1\nb 1\nc 1\n")
        await loop.scrape()
        #expect(loop.status.lastError == "the page is longer than 10 bytes")
    }

    @Test func creationCountsFromZeroAndExemplarsAreKept() async throws {
        let (rig, target) = (ConsoleMetricRig(), Target())
        let loop = try loop(rig, target)
        rig.clock.advance(by: .seconds(60))
        let trace = "0af7651916cd43dd8448eb211c80319c"
        target.set(
            """
            # TYPE a counter
            a_total{x="y"} 7 # {trace_id="\(trace)"} 1
            a_created{x="y"} \(MetricRequest.start + 30)
            # EOF

            """, type: "application/openmetrics-text; version=1.0.0")
        await loop.scrape()
        #expect(try rig.value("increase(a_total[31])", at: 60) == 7)
        let exemplars = try #require(rig.store.exemplars(ofMetric: "a_total", from: 0, to: .max))
        #expect(exemplars.map(\.traceID) == [trace])
    }

    @Test func exemplarThatPagesRepeatIsKeptOnce() async throws {
        let (rig, target) = (ConsoleMetricRig(), Target())
        let loop = try loop(rig, target)
        func page(_ value: Int, _ exemplar: String) -> String { "# TYPE a counter\na_total \(value) # \(exemplar)\n# EOF\n" }
        for (value, exemplar) in [
            (1, "{trace_id=\"1\"} 1"), (2, "{trace_id=\"1\"} 1"), (3, "{trace_id=\"2\"} 1"), (4, "{trace_id=\"2\"} 1 1700000050"),
            (5, "{trace_id=\"2\"} 1 1700000050"),
        ] {
            rig.clock.advance(by: .seconds(60))
            target.set(page(value, exemplar), type: "application/openmetrics-text; version=1.0.0")
            await loop.scrape()
        }
        let exemplars = try #require(rig.store.exemplars(ofMetric: "a_total", from: 0, to: .max))
        #expect(exemplars.map(\.traceID).sorted() == ["1", "2", "2"])
    }

    @Test func nativeHistogramsComeInProtobuf() async throws {
        typealias Wire = MetricRequest
        let (rig, target) = (ConsoleMetricRig(), Target())
        let loop = try loop(rig, target)
        // Schema 0: buckets (1, 2], (2, 4] and, after a gap of one, (8, 16], with 3, 1 and 2 values.
        let histogram =
            Wire.varint(1, 7) + Wire.double(2, 30) + Wire.signed(5, 0) + Wire.double(6, 1e-128) + Wire.varint(7, 1)
            + Wire.bytes(12, Wire.signed(1, 1) + Wire.varint(2, 2)) + Wire.bytes(12, Wire.signed(1, 1) + Wire.varint(2, 1))
            + Wire.signed(13, 3) + Wire.signed(13, -2) + Wire.signed(13, 1)
        let metric = Wire.bytes(1, Wire.text(1, "route") + Wire.text(2, "/a")) + Wire.bytes(7, histogram)
        let family = Wire.text(1, "latency") + Wire.varint(3, 4) + Wire.bytes(4, metric)
        var response = HTTPResponse(status: 200, body: [UInt8(family.count)] + family)
        response.headers["Content-Type"] = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
        target.answer.withLock { $0 = .success(response) }
        await loop.scrape()
        #expect(loop.status.lastError.isEmpty)
        let result = try PromQLEngine(store: rig.store).query("latency{route=\"/a\"}", at: Int64(MetricRequest.start) * 1_000)
        let found = try #require(result.series.first?.histogram(0))
        #expect(found.listedBuckets.map(\.upper) == [1e-128, 2, 4, 16])
        #expect(found.listedBuckets.map(\.count) == [1, 3, 1, 2])
        #expect(rig.store.families.contains { $0.prometheusName == "latency" && $0.kind == .exponentialHistogram })
    }

    @Test func classicHistogramsComeInProtobufToo() async throws {
        typealias Wire = MetricRequest
        let (rig, target) = (ConsoleMetricRig(), Target())
        let loop = try loop(rig, target)
        let bucket = Wire.bytes(3, Wire.varint(1, 4) + Wire.double(2, 0.5))
        let metric = Wire.bytes(7, Wire.varint(1, 6) + Wire.double(2, 9) + bucket)
        let family = Wire.text(1, "d") + Wire.varint(3, 4) + Wire.bytes(4, metric)
        var response = HTTPResponse(status: 200, body: [UInt8(family.count)] + family)
        response.headers["Content-Type"] = "application/vnd.google.protobuf"
        target.answer.withLock { $0 = .success(response) }
        await loop.scrape()
        #expect(try rig.value("d_bucket{le=\"0.5\"}", at: 0) == 4)
        #expect(try rig.value("d_bucket{le=\"+Inf\"}", at: 0) == 6)
        #expect(try rig.value("d_sum", at: 0) == 9)
    }
}

struct ScrapeTargetTests {
    private func targets(_ variables: [String: String], file: String = "") throws -> [ScrapeTarget] {
        try ScrapeTarget.targets(ServiceEnvironment(variables)) { $0 == "targets" ? Array(file.utf8) : nil }
    }

    @Test func listHasURLsWithAndWithoutPaths() throws {
        let found = try targets(["SCRAPE": "http://a:1/x, b:2", "SCRAPE_INTERVAL": "30"])
        #expect(found.map(\.url.description) == ["http://a:1/x", "http://b:2/metrics"])
        #expect(found.map(\.instance) == ["a:1", "b:2"])
        #expect(found[0].interval == .seconds(30))
        #expect(found[0].timeout == .seconds(10))
    }

    @Test func fileHasOptions() throws {
        let text = "# targets\n\nhttp://a:1 job=shop interval=5s timeout=500ms label.zone=eu # more\nb:2\n"
        let found = try targets(["SCRAPE_FILE": "targets"], file: text)
        #expect(found.count == 2)
        #expect(found[0].job == "shop")
        #expect(found[0].interval == .seconds(5))
        #expect(found[0].timeout == .milliseconds(500))
        #expect(found[0].labels == ["zone": "eu"])
    }

    @Test(arguments: [
        (["SCRAPE": "https://a"], ""), (["SCRAPE": "http://"], ""), (["SCRAPE_FILE": "missing"], ""),
        (["SCRAPE_FILE": "targets"], "a:1 interval=5"), (["SCRAPE_FILE": "targets"], "a:1 color=red"),
        (["SCRAPE_FILE": "targets"], "a:1 interval=1s timeout=2s"), (["SCRAPE": "a:1", "SCRAPE_INTERVAL": "0"], ""),
    ])
    func wrongSettingsAreErrors(variables: [String: String], file: String) {
        #expect(throws: StartFailure.self) { try targets(variables, file: file) }
    }
}

struct ScraperTests {
    @Test func targetIsScrapedOverHTTPUntilTheScraperStops() async throws {
        let server = try ServiceListener.start(host: "127.0.0.1", port: 0, options: .patient) { request in
            let isPrometheus = request.headers["accept"]?.contains("application/openmetrics-text") == true
            return .text(isPrometheus ? "a 5\n" : "", contentType: "text/plain; version=0.0.4")
        }
        let store = MetricStore()
        let targets = try ScrapeTarget.targets(ServiceEnvironment(["SCRAPE": "127.0.0.1:\(server.port)"])) { _ in nil }
        let scraper = Scraper.start(targets, into: store)
        #expect(await eventually { scraper.statuses[0].health == .up })
        scraper.stop()
        let result = try PromQLEngine(store: store).query("a", at: store.now)
        #expect(result.series.first?.values == [5])
        #expect(scraper.statuses[0].lastError.isEmpty)
        await server.stop(within: .seconds(2))
    }
}
