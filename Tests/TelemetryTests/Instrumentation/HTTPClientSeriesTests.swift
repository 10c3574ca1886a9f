// Spans and measurements of client requests that have much in common are those of requests for themselves.

import Testing

@testable import Telemetry

struct HTTPClientSeriesTests {
    private let recorder = EndedSpans()
    private let clock = ManualClock()
    private let reader = PullMetricReader()
    private let meters: MeterProvider

    init() throws {
        meters = try MeterProvider(resource: .empty, readers: [reader], clock: .manual(clock))
    }

    private func tracer(_ limits: SpanLimits = SpanLimits()) -> Tracer {
        TracerProvider(
            resource: .empty, sampler: .alwaysOn, limits: limits, processors: [recorder], idGenerator: nil, clock: .manual(clock)
        ).tracer(InstrumentationScope(name: "http"))
    }

    private func metrics(_ extras: HTTPClientMetrics.Extras = []) -> HTTPClientMetrics {
        HTTPClientMetrics(meters.meter(InstrumentationScope(name: "http")), recording: extras)
    }

    private func points() throws -> [HistogramPoint] {
        try reader.collect().metrics.first { $0.name == "http.client.request.duration" }?.points.histograms ?? []
    }

    @Test(
        arguments: [
            "http://a/albums", "http://a:81/albums?year=1969&sig=secret", "https://a", "HTTP://a/albums", "http://me:word@a/albums",
            "http://a/people/@me", "http://[2001:db8::1]:81/", "//a/albums", "/albums", "a:443", "http://", "http:///albums",
            "http://a#b?c",
            "ftp://a/file", "http://a?sig=secret", "",
        ])
    func spanHasTheSameAttributesWithMetricsAndWithout(url: String) {
        let metrics = metrics(.activeRequests)
        for (method, template, version) in [
            ("GET", "/{a}", "1.1"), ("GET", nil, nil), ("TEAPOT", "", "HTTP/2.0"), ("CONNECT", nil, "1.1"), ("GET", "/{a}", "1.1"),
        ] as [(String, String?, String?)] {
            let request = HTTPClientRequest(
                method: method, url: url, protocolVersion: version, peerAddress: "192.0.2.1", peerPort: 9, urlTemplate: template,
                resendCount: 1)
            tracer().startHTTPClientSpan(request, parent: .root, metrics: metrics).finish(statusCode: 404)
            tracer().startHTTPClientSpan(request, parent: .root).finish(statusCode: 404)
            let spans = Array(recorder.spans.suffix(2))
            #expect(spans[0].attributes == spans[1].attributes && spans[0].name == spans[1].name)
            var expected = request.attributes()
            expected["http.response.status_code"] = 404
            expected["error.type"] = "404"
            #expect(spans[0].attributes == expected)
        }
    }

    @Test func seriesOfADozenPortsHavePlacesOfTheirOwn() {
        let places = (0..<12).flatMap { port in
            ["GET", "POST"].map { method in
                Array("http://127.0.0.1:\(20_002 + port)".utf8).withUnsafeBufferPointer {
                    HTTPClientSeries.place(method: method, origin: $0, urlTemplate: nil)
                        & (SeriesCache<HTTPClientSeries>.recentCount - 1)
                }
            }
        }
        #expect(Set(places).count == 24)
    }

    @Test func requestsToOriginsOfOneLengthAreNotTakenForEachOther() throws {
        let metrics = metrics()
        for url in ["http://aa:81/1", "http://ab:81/2", "http://ab:82/3", "http://aa:81/4", "HTTP://AB:82/5", "http://ab:82?6"] {
            for method in ["GET", "PUT"] {
                let request = HTTPClientRequest(method: method, url: url)
                tracer().startHTTPClientSpan(request, parent: .root, metrics: metrics).finish(statusCode: 200)
                let span = try #require(recorder.spans.last)
                #expect(span.attributes["url.full"] == .string(url) && span.attributes["http.request.method"] == .string(method))
                #expect(span.attributes["server.address"] == .string(String(url.dropFirst(7).prefix(2))))
                #expect(span.attributes["server.port"] == (url.contains("82") ? 82 : 81))
            }
        }
        let counts = try points().map { "\($0.attributes["server.address"]?.stringValue ?? ""): \($0.count)" }
        #expect(counts.sorted() == ["AB: 1", "AB: 1", "aa: 2", "aa: 2", "ab: 1", "ab: 1", "ab: 2", "ab: 2"])
    }

    @Test func versionThatBecomesKnownLaterHasItsOwnSeries() throws {
        let metrics = metrics()
        let request = HTTPClientRequest(method: "GET", url: "http://a/", urlTemplate: "/")
        for version in [nil, "2", nil, "2", "1.1"] as [String?] {
            let client = tracer().startHTTPClientSpan(request, parent: .root, metrics: metrics)
            if let version { client.setPeer(address: "192.0.2.1", protocolVersion: version) }
            client.finish(statusCode: 200)
        }
        let counts = try points().map { "\($0.attributes["network.protocol.version"]?.stringValue ?? "none"): \($0.count)" }
        #expect(counts.sorted() == ["1.1: 1", "2: 2", "none: 2"])
    }

    @Test func limitsHoldForAttributesThatAreEncodedOnce() throws {
        let metrics = metrics()
        let request = HTTPClientRequest(method: "DELETE", url: "http://albums.example.com/1", urlTemplate: "/{id}")
        tracer(SpanLimits(attributeCount: 3)).startHTTPClientSpan(request, parent: .root, metrics: metrics).finish(statusCode: 200)
        tracer(SpanLimits(attributeValueLength: 2)).startHTTPClientSpan(request, parent: .root, metrics: metrics).finish(statusCode: 200)
        let (few, short) = (try #require(recorder.spans.first), try #require(recorder.spans.last))
        #expect(few.attributes.count == 3 && few.droppedAttributeCount == 3)
        #expect(short.attributes["server.address"] == "al" && short.attributes["url.full"] == "ht")
        #expect(
            try points().map(\.attributes) == [
                [
                    "http.request.method": "DELETE", "server.address": "albums.example.com", "server.port": 80,
                    "http.response.status_code": 200,
                ]
            ])
    }

    @Test func requestThatIsNeverFinishedIsNoLongerActive() throws {
        let metrics = metrics(.activeRequests)
        let request = HTTPClientRequest(method: "GET", url: "http://a/")
        let open = tracer().startHTTPClientSpan(request, parent: .root, metrics: metrics)
        _ = tracer().startHTTPClientSpan(request, parent: .root, metrics: metrics)
        let active = { try reader.collect().metrics.first { $0.name == "http.client.active_requests" }?.points.numbers.map(\.value) }
        #expect(try active() == [.int(1)])
        open.finish(statusCode: 200)
        open.finish(statusCode: 500)
        #expect(try active() == [.int(0)])
        #expect(try points().map(\.count) == [1])
    }
}
