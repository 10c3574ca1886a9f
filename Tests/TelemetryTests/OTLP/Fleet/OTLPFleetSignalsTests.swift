// What goes where by the trace: log records with the spans of their traces, records without one together, metrics as they are.

import Testing

@testable import Telemetry

struct OTLPFleetSignalsTests {
    /// The trace identifiers of the items of requests; empty for items without one.
    private func traces(_ receiver: ScriptedReceiver, field number: Int) -> [[UInt8]] {
        var found: [[UInt8]] = []
        for request in receiver.requests {
            request.body.withUnsafeBytes { bytes in
                forEach(1, in: bytes) { resource in
                    forEach(2, in: resource) { scope in
                        forEach(2, in: scope) { item in
                            var trace: [UInt8] = []
                            forEach(number, in: item) { trace = Array($0) }
                            found.append(trace)
                        }
                    }
                }
            }
        }
        return found
    }

    private func forEach(_ number: Int, in message: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        var reader = WireReader(message)
        while let field = try? reader.next() {
            if field.number == number { body(field.bytes) }
        }
    }

    /// No answer is too late, however busy the machine is, and nothing may come to the wait between two attempts.
    private func options(_ endpoints: [String]) -> OTLPOptions {
        OTLPOptions(
            timeout: .seconds(60), retry: Fleet.endless, endpoints: endpoints, loadBalancing: .byTraceID,
            addresses: AddressPolicy(answerTimeout: .seconds(60)))
    }

    private func send(_ count: Int, to receivers: [ScriptedReceiver]) async throws {
        let options = options(receivers.map(\.url))
        let system = try TelemetrySystem.start(
            sampler: .alwaysOn, spans: [.batch(.otlp(options: options))], logs: [.batch(.otlp(options: options))], environment: [:])
        let (tracer, logger) = (system.tracer("fleet"), system.logger("fleet"))
        for _ in 0..<count {
            tracer.withSpan("work", parent: .root) { _ in logger.info("in a span") }
            Context.root.run { logger.info("alone") }
        }
        #expect(await system.shutdown(within: .seconds(60)) == .completed)
    }

    @Test func logRecordsGoWithTheirTraces() async throws {
        let spans = try (0..<3).map { _ in try ScriptedReceiver() }
        try await send(400, to: spans)
        var owners: [[UInt8]: Int] = [:]
        var (spanCount, recordCount) = (0, 0)
        for (index, receiver) in spans.enumerated() {
            // A span has its trace in field 1, a log record in field 9; both kinds of request came to the same receivers.
            for trace in traces(receiver, field: 1) where trace.count == 16 {
                #expect(owners.updateValue(index, forKey: trace) == nil)
                spanCount += 1
            }
        }
        for (index, receiver) in spans.enumerated() {
            for trace in traces(receiver, field: 9) where trace.count == 16 {
                if let owner = owners[trace] {
                    #expect(owner == index)
                    recordCount += 1
                }
            }
        }
        #expect(spanCount == 400 && recordCount == 400)
        #expect(Set(owners.values).count == 3)
        for receiver in spans { await receiver.stop() }
    }

    @Test func recordsWithoutTraceStayTogether() async throws {
        let receivers = try (0..<3).map { _ in try ScriptedReceiver() }
        let exporter = OTLPLogExporter(options: options(receivers.map(\.url)))
        let (result, health) = try await LogDelivering.deliver(with: exporter, records: 100)
        #expect(result == .completed && health.exported == 100)
        #expect(receivers.reduce(0) { $0 + $1.requests.count } == 1)
        for receiver in receivers { await receiver.stop() }
    }

    @Test func metricsAreNotDivided() async throws {
        let receivers = try (0..<3).map { _ in try ScriptedReceiver() }
        let system = try TelemetrySystem.start(
            metrics: [.periodic(.otlp(options: options(receivers.map(\.url))), every: .seconds(3600))], environment: [:])
        system.meter("fleet").counter("requests", of: Int.self).add(1)
        #expect(await system.shutdown(within: .seconds(60)) == .completed)
        #expect(receivers.reduce(0) { $0 + $1.requests.count } == 1)
        for receiver in receivers { await receiver.stop() }
    }

    /// The first receiver takes its part and is overloaded from then on, the second one is away: the part of the second one is lost.
    @Test func partThatNobodyTakesIsCountedAsUnreachable() async throws {
        let overloaded = [HTTPResponse(status: 200)] + (0..<4096).map { _ in HTTPResponse(status: 503) }
        let taking = try ScriptedReceiver(overloaded)
        let away = try #require(ScriptedServer.freePort())
        let exporter = OTLPSpanExporter(options: options([taking.url, "http://127.0.0.1:\(away)"]))
        let (result, health) = try await OTLPDelivering.deliver(with: exporter, spans: 400)
        #expect(result == .failed)
        // All spans were in one batch; the answer to the first request is the only one that takes any.
        #expect(health.exported + health.droppedCount == 400 && (100...300).contains(health.exported), "\(health)")
        #expect(Set(health.dropped.keys) == [.unreachable])
        await taking.stop()
    }
}
