// The cost of emitting log records.

import Telemetry

/// Discards batches, so that only the cost of emitting remains.
struct DiscardingLogExporter: LogExporter {
    func export(_ batch: borrowing LogBatch, deadline: Deadline) async throws(ExportFailure) {}
}

enum LogRows {
    static func measure(_ floors: Floors) async throws -> [Row] {
        let telemetry = try TelemetrySystem.start(
            sampler: .alwaysOn, spans: [], metrics: [], logs: [.batch(DiscardingLogExporter())],
            logOptions: LogOptions(configurator: .minimumSeverity(.info)))
        let log = telemetry.logger("benchmark", version: "1.0")
        let tracer = telemetry.tracer("benchmark", version: "1.0")
        var rows: [Row] = []

        func row(
            _ name: String, _ budgets: (Double, Double)?, allocations: Double, _ work: @escaping @Sendable (Int) -> Void
        ) {
            for threads in 1...2 {
                let cost = Measurement.best(threads: threads, between: { Blocking.run { await telemetry.forceFlush() } }, work)
                rows.append(
                    Row(
                        name: "\(name), \(threads) thread\(threads == 1 ? "" : "s")", value: cost.nanoseconds, floor: floors.clock,
                        allocations: cost.allocations, budget: budgets.map { threads == 1 ? $0.0 : $0.1 },
                        allocationBudget: budgets == nil ? nil : allocations))
            }
        }

        row("log record, 0 attributes", nil, allocations: 0) { calls in
            for _ in 0..<calls { log.info("album found") }
        }
        row("log record, 5 attributes", (8, 8), allocations: 1) { calls in
            for _ in 0..<calls { fiveAttributes(log) }
        }
        row("log record, disabled", (0.1, 0.1), allocations: 0) { calls in
            for _ in 0..<calls { disabled(log) }
        }
        // Services usually log inside a span.
        let inside = await tracer.withSpan("find album") { _ in
            await Measurement.best(between: { await telemetry.forceFlush() }) { fiveAttributes(log) }
        }
        rows.append(
            Row(
                name: "log record, 5 attributes, inside a span", value: inside.nanoseconds, floor: floors.clock,
                allocations: inside.allocations, budget: 8, allocationBudget: 1))
        await telemetry.shutdown()
        return rows + [try await line(floors)]
    }

    /// The cost from emit to the end of the write, including the writing thread; to `/dev/null`, so that no disk is measured.
    private static func line(_ floors: Floors) async throws -> Row {
        let telemetry = try TelemetrySystem.start(
            sampler: .alwaysOff, spans: [], metrics: [], logs: [.simple(.jsonLines(.file("/dev/null", rotation: nil), format: .flat))])
        let log = telemetry.logger("benchmark", version: "1.0")
        var best = Double.infinity
        for _ in 0..<100 {
            let start = Measurement.processTime()
            for _ in 0..<900 { fiveAttributes(log) }
            await telemetry.forceFlush()
            best = min(best, Double(Measurement.processTime() - start) / 900)
        }
        await telemetry.shutdown()
        return Row(
            name: "JSON line, 5 attributes, CPU from emit to write", value: best, floor: floors.clock, budget: nil,
            note: "several lines a write, as they come")
    }

    /// The record of the budgets: three strings, an integer and a Boolean.
    static func fiveAttributes(_ log: TelemetryLogger) {
        log.info(
            "album found",
            [
                "http.request.method": "GET", "http.route": "/albums/:id", "server.address": "albums.example.com",
                "http.response.status_code": 200, "cache.hit": true,
            ])
    }

    /// A literal with variables, as services write it.
    @inline(never)
    static func variables(_ log: TelemetryLogger, _ method: String, _ status: Int) {
        log.info("album found", ["http.request.method": method, "http.route": "/albums/:id", "http.response.status_code": status])
    }

    @inline(never)
    private static func disabled(_ log: TelemetryLogger) {
        log.debug("album found", ["http.request.method": "GET", "http.response.status_code": 200])
    }
}
