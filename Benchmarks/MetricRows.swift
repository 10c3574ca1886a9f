// What measurements and collections cost.

import Telemetry

enum MetricRows {
    static func measure(_ floors: Floors) throws -> [Row] {
        let reader = PullMetricReader()
        let system = try TelemetrySystem.start(spans: [], metrics: [reader])
        let meter = system.meter("benchmark")
        let counter: Counter<Int> = meter.counter("albums.created")
        let histogram: Histogram<Double> = meter.histogram("album.duration")
        let exponential: Histogram<Double> = meter.histogram("album.size")
        let attributes: Attributes = ["http.request.method": "GET", "http.route": "/albums/:id", "http.response.status_code": 200]
        let boundCounter = counter.bind(attributes)
        let boundHistogram = histogram.bind(attributes)
        _ = exponential
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
}
