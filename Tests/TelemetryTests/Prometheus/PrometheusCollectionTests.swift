// Prometheus pages of live instruments.

import Synchronization
import Testing

@testable import Telemetry

struct PrometheusCollectionTests {
    /// Returns the values of a page by their line beginnings.
    private func samples(_ page: PrometheusPage) -> [String: Double] {
        var samples: [String: Double] = [:]
        for line in String(decoding: page.body, as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " ") else { continue }
            samples[String(line[..<space])] = Double(line[line.index(after: space)...])
        }
        return samples
    }

    private func provider(_ reader: PrometheusExporter, resource: Resource = .empty) throws -> MeterProvider {
        try MeterProvider(resource: resource, readers: [reader])
    }

    @Test func recordedMetricsAppearOnThePage() async throws {
        let exporter = PrometheusExporter(hasEndpoint: false)
        let provider = try provider(exporter, resource: .service("shop"))
        let meter = provider.meter(InstrumentationScope(name: "albums", version: "1"))
        meter.counter("albums.created", unit: "{album}", description: "Albums added").add(3, ["genre": "jazz"])
        meter.upDownCounter("queue").add(-2, [:])
        meter.gauge("temperature", of: Double.self, unit: "Cel").record(21.5, [:])
        meter.histogram("duration", unit: "s", boundaries: [0.1, 1]).record(0.5, ["k": "v"])
        let callback = meter.observableGauge("depth") { $0.observe(7, ["queue": "a"]) }
        let page = await exporter.page()
        withExtendedLifetime(callback) {}
        let scope = #"otel_scope_name="albums",otel_scope_version="1""#
        #expect(
            samples(page) == [
                "target_info{service_name=\"shop\"}": 1, "albums_created_total{genre=\"jazz\",\(scope)}": 3, "queue{\(scope)}": -2,
                "temperature_celsius{\(scope)}": 21.5, "depth{\(scope),queue=\"a\"}": 7,
                "duration_seconds_bucket{k=\"v\",\(scope),le=\"0.1\"}": 0, "duration_seconds_bucket{k=\"v\",\(scope),le=\"1\"}": 1,
                "duration_seconds_bucket{k=\"v\",\(scope),le=\"+Inf\"}": 1, "duration_seconds_sum{k=\"v\",\(scope)}": 0.5,
                "duration_seconds_count{k=\"v\",\(scope)}": 1,
            ])
        let open = String(decoding: await exporter.page(accept: "application/openmetrics-text").body, as: UTF8.self)
        #expect(open.contains("# TYPE albums_created counter\n# HELP albums_created Albums added\n"))
        #expect(open.contains("# UNIT duration_seconds seconds\n"))
        _ = await exporter.shutdown(deadline: .after(.patience))
    }

    @Test func scrapesDuringRecordingAreConsistentAndLossless() async throws {
        let exporter = PrometheusExporter(hasEndpoint: false)
        let provider = try provider(exporter)
        let meter = provider.meter(InstrumentationScope(name: "busy"))
        let counter = meter.counter("work")
        let histogram = meter.histogram("latency", boundaries: [1, 2, 4, 8])
        let isDone = Atomic(0)
        let isRead = Atomic(false)
        let (writers, rounds) = (3, 20_000)
        let deadline = Deadline.after(.seconds(60))
        for writer in 0..<writers {
            let isStarted = WorkerThread.start(named: "recorder") {
                // None ends before the first page.
                for round in 0..<rounds {
                    if round == rounds / 2 {
                        while !isRead.load(ordering: .relaxed), !deadline.hasPassed { WorkerThread.letOthersRun() }
                    }
                    counter.add(1, ["writer": .int(Int64(writer))])
                    histogram.record(Double(round % 10), ["k": "shared"])
                }
                isDone.add(1, ordering: .sequentiallyConsistent)
            }
            #expect(isStarted)
        }
        let labels = #"otel_scope_name="busy""#
        var last: [String: Double] = [:]
        var pageCount = 0
        repeat {
            let isLast = isDone.load(ordering: .sequentiallyConsistent) == writers
            let page = samples(await exporter.page())
            isRead.store(true, ordering: .relaxed)
            pageCount += 1
            let count = page["latency_count{k=\"shared\",\(labels)}"]
            #expect(count == page["latency_bucket{k=\"shared\",\(labels),le=\"+Inf\"}"])
            for (name, value) in last { #expect(page[name, default: -1] >= value, "\(name) never goes down.") }
            last = page
            if isLast { break }
        } while !deadline.hasPassed
        #expect(pageCount > 1)
        #expect(last["latency_count{k=\"shared\",\(labels)}"] == Double(writers * rounds))
        for writer in 0..<writers { #expect(last["work_total{\(labels),writer=\"\(writer)\"}"] == Double(rounds)) }
        _ = await exporter.shutdown(deadline: .after(.patience))
    }

    @Test func secondRegistrationIsRefused() async throws {
        let exporter = PrometheusExporter(hasEndpoint: false)
        let (first, second) = (try provider(exporter), try provider(exporter))
        first.meter(InstrumentationScope(name: "a")).counter("first").add(1, [:])
        second.meter(InstrumentationScope(name: "a")).counter("second").add(1, [:])
        #expect(samples(await exporter.page()).keys.sorted() == ["first_total{otel_scope_name=\"a\"}"])
    }
}
