// The cost of exporting spans to another process, and the losses at full speed.

import Glibc
import Telemetry

enum DeliveryRows {
    private static let total = 1_000_000

    private struct Outcome {
        var perSecond: Double
        var cpuPerSpan: Double
        var dropped: Int
    }

    static func measure(_ floors: Floors) async throws -> [Row] {
        let one = try await deliver(producers: 1, options: nil)
        let rpc = try await deliver(producers: 1, options: nil, isGRPC: true)
        // Again, so that a machine that others use does not favor either.
        let (oneAgain, rpcAgain) = (
            try await deliver(producers: 1, options: nil), try await deliver(producers: 1, options: nil, isGRPC: true)
        )
        let paced = try await PacedDelivery.measure()
        let two = try await deliver(producers: 2, options: nil)
        let waiting = try await deliver(producers: 2, options: BatchOptions(fullQueuePolicy: .wait(atMost: .seconds(10))))
        let reference = 1e9 / floors.clock.value
        func share(_ outcome: Outcome) -> Double { Double(outcome.dropped) / Double(total) * 100 }
        func note(_ outcome: Outcome) -> String { "\(outcome.dropped) of \(total) dropped" }
        return [
            Row(
                name: "CPU a span, 5 attributes, start to socket", value: one.cpuPerSpan, floor: floors.clock, budget: 14,
                note: "whole process"),
            Row(
                name: "the same in bursts of a batch", value: paced.http, floor: floors.clock, budget: nil,
                note: "\(paced.lost) dropped over both"),
            Row(
                name: "the same in bursts of a batch over gRPC", value: paced.grpc, floor: ("HTTP", paced.http), budget: 1.15,
                note: "\(Report.short(paced.ratios.lowerBound)) to \(Report.short(paced.ratios.upperBound)) in eight tenths of the turns"),
            Row(
                name: "CPU a span over gRPC, beside HTTP, at full speed", value: min(rpc.cpuPerSpan, rpcAgain.cpuPerSpan),
                floor: ("HTTP", min(one.cpuPerSpan, oneAgain.cpuPerSpan)), budget: nil, note: "the better of two turns each"),
            Row(
                name: "spans delivered a second over gRPC, 1 producer", value: rpc.perSecond, unit: "/s", floor: ("1/C", reference),
                budget: nil, moreIsBetter: true, note: note(rpc)),
            Row(
                name: "spans delivered a second, 1 producer", value: one.perSecond, unit: "/s", floor: ("1/C", reference), budget: 0.06,
                moreIsBetter: true, note: note(one)),
            Row(
                name: "spans delivered a second, 2 producers", value: two.perSecond, unit: "/s", floor: ("1/C", reference), budget: nil,
                note: note(two)),
            Row(
                name: "spans delivered a second, 2 producers, waiting", value: waiting.perSecond, unit: "/s", floor: ("1/C", reference),
                budget: nil, note: note(waiting)),
            Row(name: "dropped, 1 producer", value: share(one), unit: "%", floor: ("%", 1), budget: 0),
            Row(
                name: "dropped over gRPC, 1 producer", value: max(share(rpc), share(rpcAgain)), unit: "%", floor: ("%", 1), budget: 0),
            Row(name: "dropped, 2 producers", value: share(two), unit: "%", floor: ("%", 1), budget: 4),
            Row(name: "dropped, 2 producers, waiting", value: share(waiting), unit: "%", floor: ("%", 1), budget: 0),
        ]
    }

    private static func deliver(producers: Int, options: BatchOptions?, isGRPC: Bool = false) async throws -> Outcome {
        let sink = SinkProcess(isGRPC: isGRPC)
        defer { sink.end() }
        let exporter = OTLPSpanExporter(
            endpoint: "http://127.0.0.1:\(sink.port)", options: OTLPOptions(encoding: isGRPC ? .grpc : .protobuf))
        let telemetry = try TelemetrySystem.start(sampler: .alwaysOn, spans: [.batch(exporter, options: options)])
        let tracer = telemetry.tracer("benchmark", version: "1.0")
        let processor = Measurement.processTime()
        let start = Measurement.monotonic()
        let threads = (0..<producers).map { _ in Thread.start { produce(tracer, total / producers) } }
        await Task.detached { threads.forEach(Thread.join) }.value
        await telemetry.shutdown(within: .seconds(30))
        let elapsed = Double(Measurement.monotonic() - start)
        let used = Double(Measurement.processTime() - processor)
        let delivered = sink.spans()
        return Outcome(
            perSecond: Double(delivered) * 1e9 / elapsed, cpuPerSpan: used / Double(max(1, delivered)), dropped: total - delivered)
    }

    private static func produce(_ tracer: Tracer, _ count: Int) {
        for _ in 0..<count { SpanRows.fiveAttributes(tracer) }
    }
}
