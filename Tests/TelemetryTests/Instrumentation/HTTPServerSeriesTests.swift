// Spans and measurements of server requests that have much in common are those of requests for themselves.

import Testing

@testable import Telemetry

struct HTTPServerSeriesTests {
    private let recorder = EndedSpans()
    private let clock = ManualClock()

    private func tracer(_ limits: SpanLimits = SpanLimits()) -> Tracer {
        TracerProvider(
            resource: .empty, sampler: .alwaysOn, limits: limits, processors: [recorder], idGenerator: nil, clock: .manual(clock)
        ).tracer(InstrumentationScope(name: "http"))
    }

    private func meters(_ reader: PullMetricReader) throws -> MeterProvider {
        try MeterProvider(resource: .empty, readers: [reader], clock: .manual(clock))
    }

    private func metrics(_ meters: MeterProvider) -> HTTPServerMetrics {
        HTTPServerMetrics(meters.meter(InstrumentationScope(name: "http")), recording: .activeRequests)
    }

    private func request(_ method: String, _ headers: HTTPHeaders, route: String?) -> HTTPServerRequest {
        HTTPServerRequest(
            method: method, target: "/a", headers: headers, peerAddress: "192.0.2.1", peerPort: 9, route: route)
    }

    private func points(_ reader: PullMetricReader) throws -> [HistogramPoint] {
        try reader.collect().metrics.first { $0.name == "http.server.request.duration" }?.points.histograms ?? []
    }

    @Test(
        arguments: [
            ["Host": "h:81"], ["Host": "h", "User-Agent": "test/1"], ["Forwarded": "for=192.0.2.7;proto=https;host=other:82", "Host": "h"],
            ["Host": "h", "X-Forwarded-Proto": "ftp"], ["x-forwarded-for": "192.0.2.8", "Host": "h"],
            ["Host": "h", "X-Forwarded-Host": "o"],
        ] as [HTTPHeaders])
    func spanHasTheSameAttributesWithMetricsAndWithout(headers: HTTPHeaders) throws {
        let meters = try meters(PullMetricReader())
        let metrics = metrics(meters)
        for (method, route) in [("GET", "/{a}"), ("GET", nil), ("TEAPOT", ""), ("GET", "/{a}")] as [(String, String?)] {
            let request = request(method, headers, route: route)
            tracer().startHTTPServerSpan(request, parent: .root, metrics: metrics).finish(statusCode: 200)
            tracer().startHTTPServerSpan(request, parent: .root).finish(statusCode: 200)
            let spans = Array(recorder.spans.suffix(2))
            #expect(spans[0].attributes == spans[1].attributes)
            var expected = request.attributes()
            expected["http.response.status_code"] = 200
            #expect(spans[0].attributes == expected)
        }
    }

    @Test func connectionsThatShareAPlaceAreNotTakenForEachOther() throws {
        let meters = try meters(PullMetricReader())
        let metrics = metrics(meters)
        for (address, port, host) in [
            ("192.0.2.1", 9, "a:81"), ("192.0.2.2", 9, "a:81"), ("192.0.2.2", 265, "a:81"), ("192.0.2.2", 265, "b"),
        ] {
            let request = HTTPServerRequest(
                method: "GET", target: "/", headers: ["Host": host], peerAddress: address, peerPort: port, route: nil)
            for _ in 0..<2 { tracer().startHTTPServerSpan(request, parent: .root, metrics: metrics).finish(statusCode: 200) }
            for span in recorder.spans.suffix(2) {
                #expect(span.attributes["network.peer.address"] == .string(address))
                #expect(span.attributes["client.address"] == .string(address))
                #expect(span.attributes["network.peer.port"] == .int(Int64(port)))
                #expect(span.attributes["server.address"] == .string(String(host.prefix(1))))
                #expect(span.attributes["server.port"] == (host == "b" ? nil : 81))
            }
        }
    }

    @Test func limitsHoldForAttributesThatAreEncodedOnce() throws {
        let meters = try meters(PullMetricReader())
        let metrics = metrics(meters)
        let request = request("DELETE", ["Host": "h"], route: "/{a}")
        tracer(SpanLimits(attributeCount: 3)).startHTTPServerSpan(request, parent: .root, metrics: metrics).finish(statusCode: 200)
        tracer(SpanLimits(attributeValueLength: 2)).startHTTPServerSpan(request, parent: .root, metrics: metrics).finish(statusCode: 200)
        let (few, short) = (try #require(recorder.spans.first), try #require(recorder.spans.last))
        #expect(few.attributes == ["http.request.method": "DELETE", "url.scheme": "http", "http.route": "/{a}"])
        #expect(few.droppedAttributeCount == 7)
        #expect(short.attributes["http.request.method"] == "DE")
        #expect(short.attributes["http.route"] == "/{")
    }

    @Test func requestsOfARouteWithDifferentOutcomesAreSeriesForThemselves() throws {
        let reader = PullMetricReader()
        let meters = try meters(reader)
        let metrics = metrics(meters)
        for status in [200, 404, 200, 503, 404, 200] {
            tracer().startHTTPServerSpan(request("GET", ["Host": "h"], route: "/{a}"), parent: .root, metrics: metrics)
                .finish(statusCode: status)
        }
        let counts = Dictionary(
            uniqueKeysWithValues: try points(reader).map { ($0.attributes["http.response.status_code"]?.intValue, $0.count) })
        #expect(counts == [200: 3, 404: 2, 503: 1])
    }

    @Test func requestsBeyondTheCardinalityLimitAreOneSeries() throws {
        let options = MetricReaderOptions(
            temporality: .delta, cardinalityLimits: Dictionary(uniqueKeysWithValues: InstrumentKind.allCases.map { ($0, 2) }))
        let reader = PullMetricReader(options: options)
        let meters = try meters(reader)
        let metrics = metrics(meters)
        func answer(_ route: String) {
            tracer().startHTTPServerSpan(request("GET", ["Host": "h"], route: route), parent: .root, metrics: metrics)
                .finish(statusCode: 200)
        }
        for route in ["/a", "/b", "/c", "/c"] { answer(route) }
        let counts = Dictionary(uniqueKeysWithValues: try points(reader).map { ($0.attributes["http.route"]?.stringValue, $0.count) })
        #expect(counts == ["/a": 1, "/b": 1, nil: 2])
    }
}
