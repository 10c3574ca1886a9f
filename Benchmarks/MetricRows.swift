// The cost of measurements, collections and Prometheus pages.

import Telemetry

enum MetricRows {
    static func measure(_ floors: Floors) async throws -> [Row] {
        try recording(floors) + scaling(floors) + (await pages(floors))
    }

    private static let attributes: Attributes = [
        "http.request.method": "GET", "http.route": "/albums/:id", "http.response.status_code": 200,
    ]

    /// One measurement of an existing series, bound and by attributes.
    private static func recording(_ floors: Floors) throws -> [Row] {
        let reader = PullMetricReader()
        let meter = try TelemetrySystem.start(spans: [], metrics: [reader]).meter("benchmark")
        let counter: Counter<Int> = meter.counter("albums.created")
        let histogram: Histogram<Double> = meter.histogram("album.duration")
        let boundCounter = counter.bind(attributes)
        let boundHistogram = histogram.bind(attributes)
        let attributes = attributes
        var rows: [Row] = []

        func row(_ name: String, _ budgets: (Double, Double), _ work: @escaping @Sendable (Int) -> Void) {
            for threads in 1...2 {
                let cost = Measurement.best(threads: threads, between: { _ = try? reader.collect() }, work)
                rows.append(
                    Row(
                        name: "\(name), \(threads) thread\(threads == 1 ? "" : "s")", value: cost.nanoseconds, floor: floors.add,
                        allocations: cost.allocations, budget: threads == 1 ? budgets.0 : budgets.1, allocationBudget: 0))
            }
        }

        row("counter add, bound", (2, 2.2)) { calls in
            for _ in 0..<calls { boundCounter.add(1) }
        }
        row("counter add, 3 attributes", (6, 7)) { calls in
            for _ in 0..<calls { counter.add(1, attributes) }
        }
        row("histogram record, bound", (4, 4)) { calls in
            for call in 0..<calls { boundHistogram.record(Double(call & 1023)) }
        }
        row("histogram record, 3 attributes", (9, 9)) { calls in
            for call in 0..<calls { histogram.record(Double(call & 1023), attributes) }
        }
        return rows
    }

    /// Adding to many series in turn, and collecting them.
    private static func scaling(_ floors: Floors) throws -> [Row] {
        var rows: [Row] = []
        for seriesCount in [10, 1_000, 100_000] {
            let reader = PullMetricReader(options: MetricReaderOptions(cardinalityLimits: [.counter: seriesCount]))
            let meter = try TelemetrySystem.start(spans: [], metrics: [reader]).meter("benchmark")
            let counter: Counter<Int> = meter.counter("albums.played")
            let attributes = OwnAttributes(count: seriesCount)
            for set in attributes.ofThread { counter.add(1, set) }
            for threads in 1...2 {
                let cost = Measurement.best(threads: threads, rounds: 20, calls: max(1_000, seriesCount), between: {}) { calls in
                    let sets = attributes.ofThread
                    for call in 0..<calls { counter.add(1, sets[call % seriesCount]) }
                }
                rows.append(
                    Row(
                        name: "counter add, \(seriesCount) series, \(threads) thread\(threads == 1 ? "" : "s")", value: cost.nanoseconds,
                        floor: floors.add, allocations: cost.allocations, budget: nil))
            }
            let collection = Measurement.best(rounds: 10, calls: max(1, 1_000 / seriesCount)) { _ = try? reader.collect() }
            rows.append(
                Row(
                    name: "collect, \(seriesCount) series, each", value: collection.nanoseconds / Double(seriesCount), floor: floors.add,
                    budget: nil))
        }
        return rows
    }

    /// The page of the budget: 2,304 lines, including the collection.
    private static func pages(_ floors: Floors) async throws -> [Row] {
        var options = PrometheusOptions()
        options.includesScopeLabels = false
        options.includesTargetInfo = false
        let exporter = PrometheusExporter(hasEndpoint: false, options: options)
        let meter = try TelemetrySystem.start(spans: [], metrics: [exporter]).meter("benchmark")
        let counter: Counter<Int> = meter.counter("albums.played", description: "How often albums were played")
        let histogram: Histogram<Double> = meter.histogram(
            "album.duration", unit: "s", description: "How long albums take", boundaries: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000])
        for number in 0..<1_000 { counter.add(number, ["album.id": AttributeValue(number), "genre": "jazz"]) }
        for number in 0..<100 {
            for value in 0..<20 { histogram.record(Double(value * value), ["album.id": AttributeValue(number), "genre": "jazz"]) }
        }
        let page = await exporter.page()
        let lines = page.body.count { $0 == UInt8(ascii: "\n") }
        var best = Double.infinity
        for _ in 0..<300 {
            let start = Measurement.monotonic()
            keep(await exporter.page())
            best = min(best, Double(Measurement.monotonic() - start))
        }
        return [
            Row(
                name: "Prometheus page, 1,000 counters and 100 histograms", value: best, floor: floors.clock, budget: 2_500,
                note: "\(lines) lines, \(page.body.count / 1024) KiB")
        ]
    }
}
