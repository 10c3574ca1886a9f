// HTTP metrics: instruments and attributes by the conventions, and durations equal to those of spans.

import Synchronization
import Testing

@testable import Telemetry

struct HTTPMetricsTests {
    private struct Response { var status: Int }
    private struct Refused: Error {}

    private static let boundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

    private let recorder = EndedSpans()
    private let reader = PullMetricReader()
    private let clock = ManualClock()
    private let tracer: Tracer
    private let meters: MeterProvider
    private let meter: Meter

    init() throws {
        tracer = TracerProvider(
            resource: .service("shop"), sampler: .alwaysOn, limits: SpanLimits(), processors: [recorder], idGenerator: nil,
            clock: .manual(clock)
        ).tracer(InstrumentationScope(name: "http"))
        meters = try MeterProvider(resource: .service("shop"), readers: [reader], clock: .manual(clock))
        meter = meters.meter(InstrumentationScope(name: "http"))
    }

    private func unsampledTracer() -> Tracer {
        TracerProvider(
            resource: .empty, sampler: .alwaysOff, limits: SpanLimits(), processors: [recorder], idGenerator: nil, clock: .manual(clock)
        ).tracer(InstrumentationScope(name: "http"))
    }

    private func metric(_ name: String) throws -> MetricData? { try reader.collect().metrics.first { $0.name == name } }

    /// The only point of a histogram.
    private func histogram(_ name: String) throws -> HistogramPoint {
        let points = try #require(try metric(name)).points.histograms
        #expect(points.count == 1)
        return try #require(points.first)
    }

    // MARK: Times

    @Test func exceptionOfAMeasuredSpanIsNotLaterThanItsEnd() async throws {
        let memory = InMemorySpanExporter()
        let telemetry = try TelemetrySystem.start(
            spans: [.simple(memory)], metrics: [PullMetricReader()], logs: [], environment: [:])
        let (tracer, meter) = (telemetry.tracer("shop"), telemetry.meter("shop"))
        let (server, client, database) = (HTTPServerMetrics(meter), HTTPClientMetrics(meter), DatabaseClientMetrics(meter))
        for _ in 0..<20 {
            _ = try? await tracer.withHTTPServerSpan(
                HTTPServerRequest(method: "GET", target: "/"), parent: .root, metrics: server, statusCode: { (_: Int) in 200 }
            ) { _ in throw Refused() }
            _ = try? await tracer.withHTTPClientSpan(
                HTTPClientRequest(method: "GET", url: "http://shop/"), metrics: client, statusCode: { (_: Int) in 200 }
            ) { _ in throw Refused() }
            _ = try? await tracer.withDatabaseClientSpan(DatabaseOperation("GET", at: DatabaseEndpoint(.redis)), metrics: database) { _ in
                throw Refused()
            }
        }
        await telemetry.forceFlush()
        let events = memory.finishedSpans.map { span in span.events.map { $0.time <= (span.endTime) } }
        #expect(events == Array(repeating: [true], count: 60))
        await telemetry.shutdown()
    }

    // MARK: Instruments

    @Test func serverInstrumentsMatchTheConventions() throws {
        let metrics = HTTPServerMetrics(meter, recording: [.activeRequests, .requestBodySize, .responseBodySize])
        let server = tracer.startHTTPServerSpan(HTTPServerRequest(method: "PUT", target: "/"), parent: .root, metrics: metrics)
        server.setBodySizes(request: 3, response: 4)
        server.finish(statusCode: 204)
        let found = try reader.collect().metrics
        #expect(
            found.map { "\($0.name) \($0.unit) \($0.description)" }.sorted() == [
                "http.server.active_requests {request} Number of active HTTP server requests.",
                "http.server.request.body.size By Size of HTTP server request bodies.",
                "http.server.request.duration s Duration of HTTP server requests.",
                "http.server.response.body.size By Size of HTTP server response bodies.",
            ])
        #expect(try histogram("http.server.request.duration").boundaries == Self.boundaries)
        #expect(try histogram("http.server.request.body.size").sum == 3)
        #expect(try histogram("http.server.response.body.size").sum == 4)
        guard case .sum(_, _, let isMonotonic) = try metric("http.server.active_requests")?.points else {
            Issue.record("requests under way are a sum")
            return
        }
        #expect(!isMonotonic)
    }

    @Test func clientInstrumentsMatchTheConventions() throws {
        let metrics = HTTPClientMetrics(meter, recording: [.activeRequests, .requestBodySize, .responseBodySize])
        let client = tracer.startHTTPClientSpan(HTTPClientRequest(method: "PUT", url: "http://h/"), metrics: metrics)
        client.setBodySizes(request: 3, response: 4)
        client.finish(statusCode: 204)
        #expect(
            try reader.collect().metrics.map { "\($0.name) \($0.unit) \($0.description)" }.sorted() == [
                "http.client.active_requests {request} Number of active HTTP requests.",
                "http.client.request.body.size By Size of HTTP client request bodies.",
                "http.client.request.duration s Duration of HTTP client requests.",
                "http.client.response.body.size By Size of HTTP client response bodies.",
            ])
        #expect(try histogram("http.client.request.duration").boundaries == Self.boundaries)
    }

    @Test func onlyDurationIsRecordedByDefault() throws {
        let headers: @Sendable (String) -> [String] = { $0 == "content-length" ? ["9"] : [] }
        let server = tracer.startHTTPServerSpan(
            HTTPServerRequest(method: "GET", target: "/", headers: headers), parent: .root, metrics: HTTPServerMetrics(meter))
        server.setBodySizes(request: 1, response: 1)
        server.finish(statusCode: 200, responseHeaders: headers)
        tracer.startHTTPClientSpan(HTTPClientRequest(method: "GET", url: "http://h/"), metrics: HTTPClientMetrics(meter))
            .finish(statusCode: 200, responseHeaders: headers)
        #expect(try reader.collect().metrics.map(\.name) == ["http.server.request.duration", "http.client.request.duration"])
    }

    // MARK: Attributes

    @Test func serverDurationHasExactlyTheConventionsAttributes() throws {
        let request = HTTPServerRequest(
            method: "GET", target: "/albums/7?sort=year", scheme: "HTTPS", protocolVersion: "HTTP/2.0", peerAddress: "192.0.2.1",
            peerPort: 9
        ) { ["host": ["shop.example:8443"], "user-agent": ["test/1"]][$0] ?? [] }
        let server = tracer.startHTTPServerSpan(request, parent: .root, metrics: HTTPServerMetrics(meter))
        server.finish(statusCode: 503, route: "/albums/{id}")
        #expect(
            try histogram("http.server.request.duration").attributes == [
                "http.request.method": "GET", "url.scheme": "https", "http.route": "/albums/{id}", "http.response.status_code": 503,
                "error.type": "503", "network.protocol.version": "2",
            ])
    }

    @Test func clientDurationHasExactlyTheConventionsAttributes() throws {
        let request = HTTPClientRequest(
            method: "GET", url: "https://user:secret@shop.example/albums/7?sig=secret", urlTemplate: "/albums/{id}", resendCount: 2)
        let client = tracer.startHTTPClientSpan(request, metrics: HTTPClientMetrics(meter))
        client.setPeer(address: "192.0.2.1", port: 443, protocolVersion: "HTTP/1.1")
        client.finish(statusCode: 404)
        #expect(
            try histogram("http.client.request.duration").attributes == [
                "http.request.method": "GET", "server.address": "shop.example", "server.port": 443, "http.response.status_code": 404,
                "error.type": "404", "network.protocol.version": "1.1",
            ])
    }

    @Test func optInAttributesAreRecordedOnRequest() throws {
        let incoming = HTTPServerRequest(method: "GET", target: "/") { $0 == "host" ? ["shop.example:8080"] : [] }
        tracer.startHTTPServerSpan(incoming, parent: .root, metrics: HTTPServerMetrics(meter, recording: .serverAddress))
            .finish(statusCode: 200)
        let server = try histogram("http.server.request.duration").attributes
        #expect(server["server.address"] == "shop.example")
        #expect(server["server.port"] == 8080)
        let outgoing = HTTPClientRequest(method: "GET", url: "HTTP://h:81/p", urlTemplate: "/p")
        tracer.startHTTPClientSpan(outgoing, metrics: HTTPClientMetrics(meter, recording: [.scheme, .urlTemplate])).finish(statusCode: 200)
        let client = try histogram("http.client.request.duration").attributes
        #expect(client["url.scheme"] == "http")
        #expect(client["url.template"] == "/p")
        #expect(client["server.port"] == 81)
    }

    @Test func bodySizesHaveTheAttributesOfTheDuration() throws {
        let headers: @Sendable (String) -> [String] = { $0 == "content-length" ? ["12"] : [] }
        let metrics = HTTPServerMetrics(meter, recording: [.requestBodySize, .responseBodySize])
        tracer.startHTTPServerSpan(
            HTTPServerRequest(method: "PUT", target: "/", route: "/", headers: headers), parent: .root, metrics: metrics
        ).finish(statusCode: 500, responseHeaders: headers)
        let duration = try histogram("http.server.request.duration").attributes
        for name in ["http.server.request.body.size", "http.server.response.body.size"] {
            #expect(try histogram(name).attributes == duration)
            #expect(try histogram(name).sum == 12)
        }
        tracer.startHTTPClientSpan(
            HTTPClientRequest(method: "PUT", url: "http://h/", urlTemplate: "/t", headers: headers),
            metrics: HTTPClientMetrics(meter, recording: [.requestBodySize])
        ).finish(statusCode: 200)
        var expected = try histogram("http.client.request.duration").attributes
        #expect(expected["url.template"] == nil)
        expected["url.template"] = "/t"
        #expect(try histogram("http.client.request.body.size").attributes == expected)
    }

    @Test(
        arguments: [
            ([], nil), (["0"], 0), ([" 7 "], 7), (["7", "7"], 7), (["7", "8"], nil), (["-1"], nil), (["x"], nil),
            (["99999999999999999999"], nil),
        ] as [([String], Int?)])
    func contentLengthRequiresValidNumber(values: [String], length: Int?) {
        #expect(HTTPConventions.contentLength { _ in values } == length)
    }

    @Test func unknownMethodsAreOneSeries() throws {
        let (server, client) = (HTTPServerMetrics(meter), HTTPClientMetrics(meter))
        for method in ["FETCH", "get", "\u{1F600}"] {
            tracer.startHTTPServerSpan(HTTPServerRequest(method: method, target: "/"), parent: .root, metrics: server)
                .finish(statusCode: 405)
            tracer.startHTTPClientSpan(HTTPClientRequest(method: method, url: "http://h/"), metrics: client).finish(statusCode: 200)
        }
        let points = [try histogram("http.server.request.duration"), try histogram("http.client.request.duration")]
        for point in points {
            #expect(point.attributes["http.request.method"] == "_OTHER")
            #expect(point.count == 3)
        }
    }

    @Test(arguments: [
        ("https", "https"), ("wss", "wss"), ("HTTPS, http", "https"), ("ftp", "http"), ("x'y", "http"), ("", "http"),
    ])
    func forwardedSchemeRequiresHTTPScheme(header: String, scheme: String) throws {
        let request = HTTPServerRequest(method: "GET", target: "/") { $0 == "x-forwarded-proto" ? [header] : [] }
        let metrics = HTTPServerMetrics(meter)
        tracer.startHTTPServerSpan(request, parent: .root, metrics: metrics).finish(statusCode: 200)
        #expect(try histogram("http.server.request.duration").attributes["url.scheme"] == .string(scheme))
    }

    @Test func forwardedBeatsXForwardedAndUntrustedHeadersAreIgnored() throws {
        let request = HTTPServerRequest(method: "GET", target: "/") {
            ["forwarded": ["for=192.0.2.1;proto=https"], "x-forwarded-proto": ["ws"]][$0] ?? []
        }
        let metrics = HTTPServerMetrics(meter)
        metrics.record(request, .server(statusCode: 200), duration: .seconds(1))
        metrics.record(
            request, .server(statusCode: 200), duration: .seconds(1), conventions: HTTPConventions(trustsForwardedHeaders: false))
        let points = try #require(try metric("http.server.request.duration")).points.histograms
        #expect(points.compactMap { $0.attributes["url.scheme"]?.stringValue }.sorted() == ["http", "https"])
    }

    @Test func errorTypeIsEqualOnSpanAndMetric() async throws {
        let (server, client) = (HTTPServerMetrics(meter), HTTPClientMetrics(meter))
        func answer(_ body: () throws -> Response) async {
            let request = HTTPServerRequest(method: "GET", target: "/")
            _ = try? await tracer.withHTTPServerSpan(request, parent: .root, metrics: server, statusCode: \.status) { _ in try body() }
        }
        func ask(_ body: () throws -> Response) async {
            let request = HTTPClientRequest(method: "GET", url: "http://h/")
            _ = try? await tracer.withHTTPClientSpan(request, metrics: client, statusCode: \.status) { _ in try body() }
        }
        for body in [{ throw Refused() }, { Response(status: 200) }, { Response(status: 404) }, { throw CancellationError() }]
            as [() throws -> Response]
        {
            await answer(body)
            await ask(body)
        }
        for (kind, name) in [(SpanKind.server, "http.server.request.duration"), (.client, "http.client.request.duration")] {
            func outcome(_ attributes: Attributes) -> String {
                "\(attributes["http.response.status_code"] ?? "-") \(attributes["error.type"] ?? "-")"
            }
            let spans = recorder.spans.filter { $0.kind == kind }.map { outcome($0.attributes) }
            let points = try #require(try metric(name)).points.histograms.map { outcome($0.attributes) }
            #expect(points.count == 4)
            #expect(spans.sorted() == points.sorted())
        }
    }

    // MARK: Durations

    @Test func durationEqualsThatOfTheSpan() throws {
        let metrics = HTTPServerMetrics(meter)
        for (index, milliseconds) in [3, 250, 12_000].enumerated() {
            let server = tracer.startHTTPServerSpan(
                HTTPServerRequest(method: "GET", target: "/", route: "/\(index)"), parent: .root, metrics: metrics,
                startTime: index == 1 ? TelemetryClock.manual(clock).now.advanced(by: .milliseconds(-40)) : nil)
            clock.advance(by: .milliseconds(milliseconds))
            if index == 2 {
                server.span.end()
                clock.advance(by: .seconds(1))
            }
            server.finish(statusCode: 200)
        }
        let points = try #require(try metric("http.server.request.duration")).points.histograms
        #expect(points.count == 3)
        let spans = recorder.spans
        for (index, seconds) in [0.003, 0.29, 12].enumerated() {
            let sum = points.first { $0.attributes["http.route"] == .string("/\(index)") }?.sum
            #expect(sum == seconds)
            #expect(spans[index].endTime.duration(since: spans[index].startTime) == .milliseconds(Int(seconds * 1000 + 0.5)))
        }
    }

    @Test(arguments: [-3600, 3600], [true, false]) func durationsAndChildrenSurviveWallClockSteps(step: Int, isSampled: Bool) throws {
        let tracer = isSampled ? self.tracer : unsampledTracer()
        let server = tracer.startHTTPServerSpan(
            HTTPServerRequest(method: "GET", target: "/"), parent: .root, metrics: HTTPServerMetrics(meter))
        clock.stepWallClock(by: .seconds(step))
        clock.advance(by: .milliseconds(10))
        let client = tracer.startHTTPClientSpan(
            HTTPClientRequest(method: "GET", url: "http://albums:80/"), parent: server.context, metrics: HTTPClientMetrics(meter))
        clock.advance(by: .milliseconds(5))
        client.finish(statusCode: 200)
        clock.advance(by: .milliseconds(10))
        server.finish(statusCode: 200)
        #expect(try histogram("http.server.request.duration").sum == 0.025)
        #expect(try histogram("http.client.request.duration").sum == 0.005)
        guard isSampled else { return }
        let (inner, outer) = (try #require(recorder.spans.first), try #require(recorder.spans.last))
        #expect(inner.duration == .milliseconds(5) && outer.duration == .milliseconds(25))
        #expect(inner.startTime == outer.startTime.advanced(by: .milliseconds(10)))
    }

    @Test func unsampledRequestsAreMeasured() async throws {
        let read = Mutex<[String]>([])
        let request = HTTPServerRequest(method: "GET", target: "/") { name in
            read.withLock { $0.append(name) }
            return []
        }
        let metrics = HTTPServerMetrics(meter)
        _ = await unsampledTracer().withHTTPServerSpan(request, parent: .root, metrics: metrics, statusCode: \.status) { server in
            server.setRoute("/late")
            clock.advance(by: .milliseconds(20))
            return Response(status: 200)
        }
        let point = try histogram("http.server.request.duration")
        #expect(point.sum == 0.02)
        #expect(point.attributes["http.route"] == "/late")
        #expect(recorder.spans.isEmpty)
        // Only the headers of the scheme are read.
        #expect(read.withLock { $0 } == ["forwarded", "x-forwarded-proto"])
    }

    @Test func exemplarHasTheSpanOfTheRequest() throws {
        let server = tracer.startHTTPServerSpan(
            HTTPServerRequest(method: "GET", target: "/"), parent: .root, metrics: HTTPServerMetrics(meter))
        server.finish(statusCode: 200)
        let exemplar = try #require(try histogram("http.server.request.duration").exemplars.first)
        #expect(exemplar.traceID == server.span.context.traceID)
        #expect(exemplar.spanID == server.span.context.spanID)
    }

    @Test func exchangeIsMeasuredOnce() throws {
        let server = tracer.startHTTPServerSpan(
            HTTPServerRequest(method: "GET", target: "/"), parent: .root, metrics: HTTPServerMetrics(meter, recording: .activeRequests))
        server.finish(statusCode: 200)
        server.finish(statusCode: 500)
        #expect(try histogram("http.server.request.duration").count == 1)
        #expect(try metric("http.server.active_requests")?.points.numbers.map(\.value) == [.int(0)])
    }

    // MARK: Requests under way

    @Test func activeRequestsDecreaseWithTheSameAttributes() throws {
        let server = HTTPServerMetrics(meter, recording: .activeRequests)
        let client = HTTPClientMetrics(meter, recording: .activeRequests)
        let incoming = tracer.startHTTPServerSpan(HTTPServerRequest(method: "GET", target: "/"), parent: .root, metrics: server)
        let outgoing = tracer.startHTTPClientSpan(
            HTTPClientRequest(method: "GET", url: "http://h/", urlTemplate: "/t"), metrics: client)
        for value in [1, 0] {
            let (server, client) = (try metric("http.server.active_requests"), try metric("http.client.active_requests"))
            #expect(server?.points.numbers.map(\.value) == [.int(Int64(value))])
            #expect(server?.points.numbers.first?.attributes == ["http.request.method": "GET", "url.scheme": "http"])
            #expect(client?.points.numbers.map(\.value) == [.int(Int64(value))])
            #expect(
                client?.points.numbers.first?.attributes == [
                    "http.request.method": "GET", "server.address": "h", "server.port": 80, "url.template": "/t",
                ])
            incoming.finish(statusCode: 500, route: "/late")
            outgoing.setPeer(address: "192.0.2.1", protocolVersion: "2")
            outgoing.finish(statusCode: 404)
        }
    }

    @Test(arguments: [HTTPServerMetrics.Extras.activeRequests, [.activeRequests, .serverAddress]])
    func activeRequestsHaveTheContextOfTheExchange(extras: HTTPServerMetrics.Extras) throws {
        let tenant = Context.root.with(attributes: ["tenant.id": "t1"])
        let incoming = tracer.startHTTPServerSpan(
            HTTPServerRequest(method: "GET", target: "/"), parent: tenant, metrics: HTTPServerMetrics(meter, recording: extras))
        let client = HTTPClientMetrics(meter, recording: .activeRequests)
        let outgoing = tracer.startHTTPClientSpan(HTTPClientRequest(method: "GET", url: "http://h/"), parent: tenant, metrics: client)
        Context.root.with(attributes: ["tenant.id": "t2"]).run {
            incoming.finish(statusCode: 200)
            outgoing.finish(statusCode: 200)
        }
        for name in ["http.server.active_requests", "http.client.active_requests"] {
            #expect(try metric(name)?.points.numbers.map(\.value) == [.int(0)])
        }
    }

    @Test func deallocatedExchangeIsNoLongerActive() throws {
        func drop() {
            _ = tracer.startHTTPServerSpan(
                HTTPServerRequest(method: "GET", target: "/"), parent: .root, metrics: HTTPServerMetrics(meter, recording: .activeRequests))
        }
        drop()
        #expect(try metric("http.server.active_requests")?.points.numbers.map(\.value) == [.int(0)])
        #expect(try metric("http.server.request.duration") == nil)
    }

    @Test func disabledMeterRecordsNothing() throws {
        meters.update(.disabling("http"))
        let metrics = HTTPServerMetrics(meter, recording: .activeRequests)
        #expect(metrics.series(of: HTTPServerRequest(method: "GET", target: "/"), .standard, nil) == nil)
        tracer.startHTTPServerSpan(HTTPServerRequest(method: "GET", target: "/"), parent: .root, metrics: metrics).finish(statusCode: 200)
        #expect(try reader.collect().metrics.isEmpty)
        #expect(recorder.spans.count == 1)
    }
}
