// Rows of the specification's matrix on Prometheus by public API alone: this file sees nothing else of the module.

import Synchronization
import Telemetry
import Testing

struct PublicPrometheusRowsTests {
    /// Gives changes since the last time.
    private struct Changes: MetricProducer {
        let steps = Steps()

        final class Steps: Sendable {
            private let count = Atomic<UInt64>(0)
            func next() -> UInt64 { count.add(1, ordering: .relaxed).newValue }
        }

        func produce(filter: (any MetricFilter)?, deadline: Deadline) -> [ScopeMetrics] {
            let step = steps.next()
            let (start, end) = (time(step), time(step + 1))
            let sum = NumberPoint(startTime: start, time: end, value: 3)
            let histogram = HistogramPoint(startTime: start, time: end, sum: 2, boundaries: [1], bucketCounts: [step, 10])
            return [
                ScopeMetrics(
                    instrumentationScope: InstrumentationScope(name: ""),
                    metrics: [
                        MetricData(name: "c", points: .sum([sum], temporality: .delta, isMonotonic: true)),
                        MetricData(name: "h", points: .histogram([histogram], temporality: .delta)),
                    ])
            ]
        }

        private func time(_ seconds: UInt64) -> Timestamp { Timestamp(nanosecondsSinceEpoch: seconds * 1_000_000_000) }
    }

    private func page(
        _ options: PrometheusOptions = PrometheusOptions(), scrapes: Int = 1, _ record: (Meter) -> Void
    ) async throws -> String {
        let prometheus = PrometheusExporter(hasEndpoint: false, options: options)
        let telemetry = try TelemetrySystem.start(detectors: [], spans: [], metrics: [prometheus], logs: [], environment: [:])
        record(telemetry.meter(""))
        var page = await prometheus.page()
        for _ in 1..<scrapes { page = await prometheus.page() }
        await telemetry.shutdown()
        return String(decoding: page.body, as: UTF8.self)
    }

    @Test func namesAreSanitisedAndEndWithWordsOfTheirUnits() async throws {
        let page = try await page { meter in
            meter.counter("http.server/calls-2", unit: "1").add(1)
            meter.counter("sent", unit: "By").add(1)
            meter.counter("sent.bytes.total", unit: "s").add(1)
            meter.gauge("speed", unit: "m/s").record(1)
            meter.gauge("wait_seconds", unit: "s").record(1)
            meter.gauge("share", unit: "{request}").record(1)
        }
        let samples = page.split(separator: "\n").filter { !$0.hasPrefix("#") && !$0.hasPrefix("target_info") }.map(String.init)
        #expect(
            samples.sorted() == [
                "http_server_calls_2_total 1", "sent_bytes_seconds_total 1", "sent_bytes_total 1", "share 1",
                "speed_meters_per_second 1", "wait_seconds 1",
            ])
    }

    @Test func histogramHasBucketsSumAndCount() async throws {
        let page = try await page { meter in
            let histogram = meter.histogram("latency", unit: "s", boundaries: [0.5, 5])
            for value in [0.25, 0.5, 1, 7, 8] { histogram.record(value, ["k": "v"]) }
        }
        #expect(
            page.hasSuffix(
                """
                # TYPE latency_seconds histogram
                latency_seconds_bucket{k="v",le="0.5"} 2
                latency_seconds_bucket{k="v",le="5"} 3
                latency_seconds_bucket{k="v",le="+Inf"} 5
                latency_seconds_sum{k="v"} 16.75
                latency_seconds_count{k="v"} 5

                """), "\(page)")
    }

    @Test func changesBecomeWhatHasBeenSinceTheBeginning() async throws {
        var options = PrometheusOptions()
        options.producers = [Changes()]
        let page = try await page(options, scrapes: 3) { _ in }
        #expect(page.contains("c_total 9\n"), "\(page)")
        #expect(page.contains("h_bucket{le=\"1\"} 6\nh_bucket{le=\"+Inf\"} 36\nh_sum 6\nh_count 36\n"), "\(page)")
    }
}
