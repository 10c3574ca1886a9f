// Pages of which only what has changed is written anew.

import Testing

@testable import Telemetry

struct PrometheusKeptLinesTests {
    /// Two readers of one provider: the exporter, which keeps points and lines, and one that keeps nothing.
    private struct Rig {
        let exporter: PrometheusExporter
        let reader: PullMetricReader
        let provider: MeterProvider
        let options: PrometheusOptions

        init(limit: Int = 2_000, views: [MetricView] = []) throws {
            var options = PrometheusOptions()
            options.cardinalityLimits = [.counter: limit]
            self.options = options
            exporter = PrometheusExporter(hasEndpoint: false, options: options)
            reader = PullMetricReader(options: MetricReaderOptions(cardinalityLimits: [.counter: limit]))
            provider = try MeterProvider(resource: .service("shop"), readers: [exporter, reader], views: views)
        }

        /// Expects the page that a new renderer makes of a new collection.
        func expectPage(_ accept: String?, _ comment: Comment) async throws {
            let page = await exporter.page(accept: accept)
            let format = PrometheusNegotiation.format(accept: accept, fallback: .text)
            let fresh = PrometheusRenderer(options: options).page(of: try reader.collect(), format: format, isCompressed: false)
            #expect(String(decoding: page.body, as: UTF8.self) == String(decoding: fresh.bytes, as: UTF8.self), comment)
        }
    }

    @Test func pagesAreThoseOfNewRenderersAfterAnyMeasurements() async throws {
        let rig = try Rig(limit: 30, views: [MetricView(of: "exponential", aggregation: .exponentialHistogram())])
        let meter = rig.provider.meter(InstrumentationScope(name: "albums"))
        let counter = meter.counter("played", of: Int.self)
        let sum = meter.counter("seconds", of: Double.self)
        let (queue, temperature) = (meter.upDownCounter("queue"), meter.gauge("temperature", of: Double.self))
        let histogram = meter.histogram("duration", of: Double.self, boundaries: [1, 2, 5])
        let exponential = meter.histogram("exponential", of: Double.self)
        // Series whose first measurement comes after that of later ones.
        let bound = (0..<5).map { counter.bind(["album": AttributeValue(1_000 + $0)]) }
        var random = SplitMix64(seed: 3)
        for round in 0..<120 {
            for _ in 0..<Int.random(in: 0..<6, using: &random) {
                let album: Attributes = ["album": AttributeValue(Int.random(in: 0..<40, using: &random))]
                let number = Int.random(in: 0..<200, using: &random)
                switch Int.random(in: 0..<7, using: &random) {
                case 0: counter.add(number, album)
                case 1: sum.add(Double(number) / 8, album)
                case 2: queue.add(number - 100, album)
                case 3: temperature.record(number % 7 == 0 ? .nan : Double(number) / 3, album)
                case 4: histogram.record(Double(number % 8), album)
                case 5: exponential.record(Double(number), album)
                default: bound[number % 5].add(number)
                }
            }
            try await rig.expectPage(nil, "round \(round)")
            if round % 3 == 0 { try await rig.expectPage("application/openmetrics-text;version=1.0.0", "round \(round)") }
            if round % 5 == 0 { try await rig.expectPage("text/plain;version=1.0.0;escaping=allow-utf-8", "round \(round)") }
        }
    }

    @Test func pageWithoutNewMeasurementsIsTheSameAsBefore() async throws {
        let rig = try Rig()
        let counter = rig.provider.meter(InstrumentationScope(name: "a")).counter("c")
        for number in 0..<100 { counter.add(number, ["k": AttributeValue(number)]) }
        let first = await rig.exporter.page()
        let second = await rig.exporter.page()
        #expect(first == second)
        // The bytes are shared, not copied.
        #expect(first.body.withUnsafeBytes { one in second.body.withUnsafeBytes { $0.baseAddress == one.baseAddress } })
        let compressed = await rig.exporter.page(acceptEncoding: "gzip")
        if compressed.contentEncoding == "gzip" { #expect(try Gzip.decompressed(compressed.body, maximumBytes: 1 << 20) == first.body) }
        counter.add(1, ["k": 5])
        let third = await rig.exporter.page()
        #expect(third.body != first.body && third.body.count == first.body.count)
        let recompressed = await rig.exporter.page(acceptEncoding: "gzip")
        if recompressed.contentEncoding == "gzip" { #expect(try Gzip.decompressed(recompressed.body, maximumBytes: 1 << 20) == third.body) }
    }

    @Test func numbersThatGrowMoveTheLinesBehindThem() {
        let ends = [4, 8]
        var lines = PrometheusKeptLines()
        var scratch = PageBuffer()
        func update(_ numbers: [MetricNumber]) -> PrometheusKeptLines.Outcome {
            lines.update(2, .bare, &scratch) { body in
                numbers.forEach(body)
                return true
            }
        }
        #expect(update([1, 2]) == .outdated)
        Array("aaa 1\nbbb 2\n".utf8).withUnsafeBytes { bytes in
            lines.take(bytes, ends) { body in
                [1, 2].forEach(body)
                return true
            }
        }
        #expect(update([1, 2]) == .unchanged)
        #expect(update([1, 3]) == .changed)
        #expect(String(decoding: lines.bytes, as: UTF8.self) == "aaa 1\nbbb 3\n")
        #expect(update([10, 3]) == .outdated)
        #expect(update([1]) == .outdated)
    }
}
