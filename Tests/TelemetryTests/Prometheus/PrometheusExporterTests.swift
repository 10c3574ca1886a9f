// The Prometheus exporter: pages and endpoint.

import ExampleSupport
import Synchronization
import Testing

@testable import Telemetry

struct PrometheusExporterTests {
    private typealias Samples = PrometheusSamples

    private static func collector(_ body: @escaping @Sendable () -> Void = {}) -> MetricCollector {
        MetricCollector { (_: Deadline) throws(MetricCollectionError) in
            body()
            return Samples.batch([Samples.counter("c")])
        }
    }

    private func text(_ page: PrometheusPage) -> String { String(decoding: page.body, as: UTF8.self) }

    private func exporter(_ options: PrometheusOptions = PrometheusOptions()) -> PrometheusExporter {
        let exporter = PrometheusExporter(hasEndpoint: false, options: options)
        exporter.register(Self.collector())
        return exporter
    }

    @Test func pageHasTheNegotiatedFormat() async throws {
        let exporter = exporter()
        let page = await exporter.page()
        #expect(page.status == 200 && page.contentType == "text/plain; version=0.0.4; charset=utf-8" && page.contentEncoding == nil)
        #expect(text(page) == "# TYPE c_total counter\nc_total 1\n")
        let open = await exporter.page(accept: "application/openmetrics-text;version=1.0.0", acceptEncoding: "gzip")
        #expect(open.contentEncoding == "gzip")
        let bytes = try Gzip.decompressed(open.body, maximumBytes: 10_000)
        #expect(String(decoding: bytes, as: UTF8.self).hasSuffix("# EOF\n"))
        #expect(await exporter.shutdown(deadline: .after(.patience)) == .completed)
    }

    @Test func temporalityIsCumulativeForEveryInstrument() {
        for kind in InstrumentKind.allCases { #expect(PrometheusExporter(hasEndpoint: false).options.temporality[kind] == .cumulative) }
        var options = PrometheusOptions()
        options.aggregations = [.histogram: .exponentialHistogram()]
        options.cardinalityLimits = [.counter: 7]
        let exporter = PrometheusExporter(hasEndpoint: false, options: options)
        #expect(exporter.options.aggregations == options.aggregations && exporter.options.cardinalityLimits == [.counter: 7])
    }

    @Test func fallbackFormatIsConfigurable() async {
        var options = PrometheusOptions()
        options.fallbackFormat = .openMetrics
        #expect(await exporter(options).page().contentType.hasPrefix("application/openmetrics-text; version=1.0.0"))
    }

    @Test func pageIsUnavailableBeforeStartAndAfterShutdown() async {
        let exporter = PrometheusExporter(hasEndpoint: false)
        #expect(await exporter.page().status == 503)
        exporter.register(Self.collector())
        #expect(await exporter.page().status == 200)
        _ = await exporter.shutdown(deadline: .after(.patience))
        let page = await exporter.page()
        #expect(page.status == 503 && text(page) == "telemetry has ended\n")
        #expect(await exporter.forceFlush(deadline: .never) == .completed)
    }

    @Test func concurrentScrapesGetCompletePagesAndShareCollections() async {
        let collections = Mutex(0)
        let exporter = PrometheusExporter(hasEndpoint: false)
        exporter.register(Self.collector { collections.withLock { $0 += 1 } })
        let accepts = [nil, "application/openmetrics-text", "text/plain;version=1.0.0"]
        await withTaskGroup(of: Bool.self) { group in
            for index in 0..<150 {
                group.addTask {
                    let page = await exporter.page(accept: accepts[index % 3])
                    return page.status == 200 && String(decoding: page.body, as: UTF8.self).contains("c_total 1\n")
                }
            }
            for await isWhole in group { #expect(isWhole) }
        }
        #expect((1...150).contains(collections.withLock { $0 }))
    }

    @Test func pageAfterShutdownOfProviderNamesTheReason() async {
        let exporter = PrometheusExporter(hasEndpoint: false)
        exporter.register(MetricCollector { (_: Deadline) throws(MetricCollectionError) in throw .shutDown })
        #expect(await exporter.page().status == 503)
    }

    // MARK: The endpoint

    private func get(
        _ target: String, _ exporter: PrometheusExporter, method: String = "GET", _ headers: HTTPHeaders = [:]
    ) async throws -> HTTPResponse {
        let port = try #require(exporter.port)
        let url = try #require(HTTPURL("http://127.0.0.1:\(port)\(target)"))
        return try await HTTPClient().send(.init(method: method, url: url, headers: headers), deadline: .after(.patience))
    }

    @Test func endpointServesSlashMetrics() async throws {
        let exporter = PrometheusExporter(host: "127.0.0.1", port: 0)
        try exporter.configure(EnvironmentReader([:]))
        exporter.register(Self.collector())
        let answer = try await get("/metrics?name=x", exporter)
        #expect(answer.status == 200 && answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(String(decoding: answer.body.bytes, as: UTF8.self) == "# TYPE c_total counter\nc_total 1\n")
        let head = try await get("/metrics", exporter, method: "HEAD")
        #expect(head.status == 200 && head.body.bytes.isEmpty)
        let compressed = try await get("/metrics", exporter, ["Accept-Encoding": "gzip", "Accept": "application/openmetrics-text"])
        #expect(compressed.headers["Content-Encoding"] == "gzip")
        #expect(try Gzip.decompressed(compressed.body.bytes, maximumBytes: 10_000).suffix(6).elementsEqual("# EOF\n".utf8))
        let elsewhere = try await get("/", exporter)
        #expect(elsewhere.status == 404 && String(decoding: elsewhere.body.bytes, as: UTF8.self) == "metrics are at /metrics\n")
        let posted = try await get("/metrics", exporter, method: "POST")
        #expect(posted.status == 405 && posted.headers["Allow"] == "GET, HEAD")
        #expect(await exporter.shutdown(deadline: .after(.patience)) == .completed)
        #expect(exporter.port == nil)
    }

    @Test func endpointAnswersWhileTheCooperativePoolIsBlocked() async throws {
        let exporter = PrometheusExporter(host: "127.0.0.1", port: 0)
        try exporter.configure(EnvironmentReader([:]))
        exporter.register(Self.collector())
        let port = try #require(exporter.port)
        let (blocked, release) = (Semaphore(), Semaphore())
        let answer = Mutex("")
        let areReleased = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<ProcessorLane.count {
                group.addTask {
                    blocked.post()
                    return release.wait(until: .after(.patience))
                }
            }
            _ = WorkerThread.start(named: "reader") {
                for _ in 0..<ProcessorLane.count { _ = blocked.wait(until: .after(.patience)) }
                let connection = RawConnection(port: port)
                connection?.send("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                let text = connection?.readToEnd()
                answer.withLock { $0 = text ?? "no connection" }
                for _ in 0..<ProcessorLane.count { release.post() }
            }
            return await group.reduce(true) { $0 && $1 }
        }
        #expect(areReleased, "The answer came only when threads were free again.")
        #expect(answer.withLock { $0 }.hasSuffix("c_total 1\n"))
        _ = await exporter.shutdown(deadline: .after(.patience))
    }

    @Test func hostAndPortInCodeBeatTheEnvironment() async throws {
        let port = try #require(ScriptedServer.freePort())
        let exporter = PrometheusExporter()
        try exporter.configure(
            EnvironmentReader(["OTEL_EXPORTER_PROMETHEUS_HOST": "127.0.0.1", "OTEL_EXPORTER_PROMETHEUS_PORT": "\(port)"]))
        #expect(exporter.port == port)
        _ = await exporter.shutdown(deadline: .after(.patience))
        let coded = PrometheusExporter(host: "127.0.0.1", port: 0)
        try coded.configure(EnvironmentReader(["OTEL_EXPORTER_PROMETHEUS_HOST": "nowhere.invalid", "OTEL_EXPORTER_PROMETHEUS_PORT": "x"]))
        #expect(coded.port != nil)
        _ = await coded.shutdown(deadline: .after(.patience))
    }

    @Test func portInUseThrowsFromCodeAndIsReportedFromEnvironment() async throws {
        let other = try HTTPServer.start(host: "127.0.0.1", port: 0, options: .patient) { _ in HTTPResponse(status: 200) }
        let coded = PrometheusExporter(host: "127.0.0.1", port: other.port)
        let error = #expect(throws: ConfigurationError.self) { try coded.configure(EnvironmentReader([:])) }
        #expect(error?.description.contains("is taken already, by another program or by a server of this one") == true)
        let told = PrometheusExporter()
        try told.configure(
            EnvironmentReader(["OTEL_EXPORTER_PROMETHEUS_HOST": "127.0.0.1", "OTEL_EXPORTER_PROMETHEUS_PORT": "\(other.port)"]))
        #expect(told.port == nil)
        told.register(Self.collector())
        #expect(await told.page().status == 200, "Pages need no endpoint.")
        await other.shutdown(within: .seconds(5))
    }

    @Test func deallocatedExporterFreesItsPort() async throws {
        let port = try #require(ScriptedServer.freePort())
        var exporter: PrometheusExporter? = PrometheusExporter(host: "127.0.0.1", port: port)
        try exporter?.configure(EnvironmentReader([:]))
        #expect(exporter?.port == port)
        exporter = nil
        var next: HTTPServer?
        let deadline = Deadline.after(.seconds(60))
        while next == nil && !deadline.hasPassed {
            next = try? HTTPServer.start(host: "127.0.0.1", port: port, options: .patient) { _ in HTTPResponse(status: 200) }
            if next == nil { await Task.yield() }
        }
        #expect(next != nil)
        await next?.shutdown(within: .seconds(5))
    }

    @Test func collectionTimeoutFollowsTheScrapeTimeoutWithinBounds() {
        #expect(PrometheusEndpoint.collectionTimeout([:]) == .seconds(10))
        #expect(PrometheusEndpoint.collectionTimeout(["X-Prometheus-Scrape-Timeout-Seconds": "10"]) == .seconds(9))
        for (text, expected) in [("1e9", Duration.seconds(60)), ("-1", .seconds(0.5)), ("nan", .seconds(10)), ("x", .seconds(10))] {
            #expect(PrometheusEndpoint.collectionTimeout(["X-Prometheus-Scrape-Timeout-Seconds": text]) == expected)
        }
    }
}
