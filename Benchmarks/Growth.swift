// How costs grow: with the spans of a run, with attributes, with tasks, with series, and beside scrapes.

import Glibc
import Synchronization
import Telemetry

/// The cost of one operation at several sizes of what it depends on.
struct GrowthSeries {
    let name: String
    /// What the sizes are of, as the axis names it.
    let axis: String
    let points: [(size: Int, nanoseconds: Double)]
}

/// Tells another thread to end.
private final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .relaxed) }

    func set() { value.store(true, ordering: .relaxed) }
}

enum Growth {
    static func measure() async throws -> [GrowthSeries] {
        [
            try await spans(), try await attributes(), try await tasks(), try await series(), try await scrapes(),
            try await usualScrapes(),
        ]
    }

    static func text(_ all: [GrowthSeries]) -> String {
        all.map { series in
            let points = series.points.map { "\($0.size): \(Report.short($0.nanoseconds))" }
            return "\(series.name), ns by \(series.axis)\n  \(points.joined(separator: "   "))"
        }.joined(separator: "\n")
    }

    /// Processor time of the process for a span with five attributes, from one producer to an exporter that discards.
    private static func spans() async throws -> GrowthSeries {
        var points: [(Int, Double)] = []
        for count in [1_000_000, 2_000_000, 5_000_000, 10_000_000] {
            points.append((count, try await run(spans: count, tasks: 1, rounds: 3)))
        }
        return GrowthSeries(name: "span, 5 attributes, whole process", axis: "spans in a run", points: points)
    }

    private static func tasks() async throws -> GrowthSeries {
        var points: [(Int, Double)] = []
        for tasks in [1, 2, 4, 8, 16, 32, 64] { points.append((tasks, try await run(spans: 1_000_000, tasks: tasks, rounds: 5))) }
        return GrowthSeries(name: "span, 5 attributes, whole process", axis: "tasks that record at once", points: points)
    }

    /// Returns the median over rounds of the processor time a span.
    private static func run(spans: Int, tasks: Int, rounds: Int) async throws -> Double {
        let telemetry = try TelemetrySystem.start(
            sampler: .alwaysOn,
            spans: [.batch(DiscardingExporter(), options: BatchOptions(fullQueuePolicy: .wait(atMost: .seconds(10))))], environment: [:])
        let tracer = telemetry.tracer("benchmark", version: "1.0")
        var costs: [Double] = []
        for _ in 0..<rounds {
            let start = Measurement.processTime()
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<tasks {
                    group.addTask { for _ in 0..<(spans / tasks) { SpanRows.fiveAttributes(tracer) } }
                }
            }
            await telemetry.forceFlush()
            costs.append(Double(Measurement.processTime() - start) / Double(spans / tasks * tasks))
        }
        await telemetry.shutdown(within: .seconds(10))
        return costs.sorted()[rounds / 2]
    }

    /// Processor time of the caller for a span, up to the default limit of attributes.
    private static func attributes() async throws -> GrowthSeries {
        let telemetry = try TelemetrySystem.start(sampler: .alwaysOn, spans: [.batch(DiscardingExporter())], environment: [:])
        let tracer = telemetry.tracer("benchmark", version: "1.0")
        let keys = (0..<128).map { "album.track.\($0)" }
        var points: [(Int, Double)] = []
        for count in [0, 1, 2, 4, 8, 16, 32, 64, 128] {
            let keys = Array(keys.prefix(count))
            let cost = median(between: { Blocking.run { await telemetry.forceFlush() } }, calls: 450) {
                let span = tracer.startSpan("get album")
                for key in keys.span.indices { span[keys[key]] = "Blue Train" }
                span.end()
            }
            points.append((count, cost))
        }
        await telemetry.shutdown(within: .seconds(10))
        return GrowthSeries(name: "span, caller", axis: "attributes", points: points)
    }

    private static func series() async throws -> GrowthSeries {
        var points: [(Int, Double)] = []
        for count in [10, 1_000, 100_000] {
            guard let operation = Operation.named("counter-\(count)-series") else { continue }
            let (work, between) = try operation.prepare()
            work(count)
            points.append((count, median(between: between, calls: 1) { work(200_000) } / 200_000))
        }
        return GrowthSeries(name: "counter add, 2 attributes made before", axis: "series", points: points)
    }

    /// Processor time of a caller that adds to counters without a scraper, and beside one that scrapes without a pause.
    private static func scrapes() async throws -> GrowthSeries {
        let page = try MetricOperations.page()
        func cost() -> Double { median(between: {}, calls: 1) { page.addInTurn(200_000) } / 200_000 }
        let alone = cost()
        let isDone = Flag()
        let scraper = Thread.start {
            Blocking.run { while !isDone.isSet { keep(await page.exporter.page()) } }
        }
        let beside = cost()
        isDone.set()
        await Task.detached { Thread.join(scraper) }.value
        return GrowthSeries(
            name: "counter add, 2 attributes, 1,000 series", axis: "scrapers without a pause", points: [(0, alone), (1, beside)])
    }

    /// Processor time of a caller that adds to counters for a second, without a scrape and with one in the middle of it.
    private static func usualScrapes() async throws -> GrowthSeries {
        let page = try MetricOperations.page()
        var costs: [[Double]] = [[], []]
        // In turn, so that what else the machine does meets both alike.
        for _ in 0..<9 {
            for scrapes in 0...1 {
                let scraper = Thread.start {
                    guard scrapes > 0 else { return }
                    usleep(500_000)
                    Blocking.run { keep(await page.exporter.page()) }
                }
                let (start, processor) = (Measurement.monotonic(), Measurement.threadTime())
                var calls = 0
                repeat {
                    page.addInTurn(20_000)
                    calls += 20_000
                } while Measurement.monotonic() - start < 1_000_000_000
                costs[scrapes].append(Double(Measurement.threadTime() - processor) / Double(calls))
                await Task.detached { Thread.join(scraper) }.value
            }
        }
        let points = costs.enumerated().map { ($0.offset, $0.element.sorted()[4]) }
        return GrowthSeries(name: "counter add, 2 attributes, 1,000 series", axis: "scrapes a second", points: points)
    }

    /// Returns the median of rounds, in nanoseconds of the calling thread for one call.
    @inline(__always)
    private static func median(between: () -> Void, calls: Int, _ work: () -> Void) -> Double {
        var costs: [Double] = []
        for _ in 0..<51 {
            between()
            let start = Measurement.threadTime()
            for _ in 0..<calls { work() }
            costs.append(Double(Measurement.threadTime() - start) / Double(calls))
        }
        return costs.sorted()[25]
    }
}
