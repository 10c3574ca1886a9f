// The reported cause of deliveries that end without success.

import Synchronization
import Testing

@testable import Telemetry

struct OTLPFailureCauseTests {
    @Test func retriesEndedByShutdownKeepLastCause() async throws {
        let port = try #require(ScriptedServer.freePort())
        let delivery = try FailingDelivery(to: "http://127.0.0.1:\(port)", timeout: .seconds(3600))
        // A full batch wakes the pipeline at once if one processor filled it: each keeps a part of a batch to itself.
        await onOneProcessor { delivery.end(FailingDelivery.batchSize) }
        #expect(await eventually { (delivery.health?.retries ?? 0) > 0 })
        #expect(await delivery.system.shutdown(within: .milliseconds(50)) == .timedOut)
        let health = try #require(delivery.health)
        #expect(health.dropped == [.shutdownDeadline: UInt64(FailingDelivery.batchSize)] && health.waiting == 0)
        #expect(delivery.messages.count == 1, "\(delivery.messages)")
        #expect(health.lastFailure?.message.contains("connection refused by 127.0.0.1:\(port)") == true)
        #expect(
            delivery.messages.allSatisfy { $0.contains("64 spans could not be delivered") && $0.contains("connection refused") },
            "\(delivery.messages)")
        await delivery.shutDown()
    }

    @Test func exportTimedOutByRefusedConnectionsIsUnreachableWithCause() async throws {
        let port = try #require(ScriptedServer.freePort())
        let exporter = OTLPSpanExporter(
            endpoint: "http://127.0.0.1:\(port)", options: OTLPOptions(timeout: .seconds(36_000), retry: FailingDelivery.oneRetry))
        let (result, health) = try await OTLPDelivering.deliver(
            with: exporter, spans: 1, batch: BatchOptions(scheduleDelay: .seconds(3600), exportTimeout: .seconds(60)))
        #expect(result == .failed && health.dropped == [.unreachable: 1])
        let message = health.lastFailure?.message ?? ""
        #expect(message.hasPrefix("http://127.0.0.1:\(port)/v1/traces, "), "\(message)")
        #expect(message.contains("connection refused by 127.0.0.1:\(port)"), "\(message)")
    }

    @Test(arguments: [0, 1])
    func retryAfterBeyondDeadlineIsReportedAndDelaysNextBatches(concurrency: Int) async throws {
        let receiver = try ScriptedReceiver([HTTPResponse(status: 429, headers: ["Retry-After": "3000"])])
        let options = OTLPOptions(timeout: .seconds(60), retry: OTLPDelivering.quick, maximumConcurrentRequests: 1 + concurrency)
        let exporter = OTLPSpanExporter(endpoint: receiver.url, options: options)
        let processor = BatchSpanProcessor(exporter, options: BatchOptions(maxExportBatchSize: 1, scheduleDelay: .seconds(3600)))
        try processor.configure(EnvironmentReader([:]))
        let provider = TracerProvider(
            resource: .empty, sampler: .alwaysOn, limits: SpanLimits(), processors: [processor], idGenerator: nil, clock: .system)
        let tracer = provider.tracer(InstrumentationScope(name: "x"))
        tracer.startSpan("first", parent: .root).end()
        #expect(await processor.forceFlush(deadline: .after(.seconds(60))) == .failed)
        let message = processor.health.lastFailure?.message ?? ""
        #expect(message.contains("/v1/traces, 1 attempt: ") && message.contains("status 429"), "\(message)")
        #expect(message.contains("3000.0 seconds"), "\(message)")
        for _ in 0..<3 { tracer.startSpan("next", parent: .root).end() }
        #expect(await processor.forceFlush(deadline: .after(.milliseconds(50))) == .timedOut)
        #expect(receiver.requests.count == 1 && processor.health.waiting == 3)
        // The requested wait is longer than the shutdown, which does not wait for it.
        #expect(await provider.shutdown(deadline: .after(.seconds(300))) == .failed)
        #expect(receiver.requests.count == 1)
        #expect(processor.health.dropped == [.unreachable: 1, .shutdownDeadline: 3])
        await receiver.stop()
    }

    @Test func longRetriesAreReportedOnceUntilDelivery() async throws {
        let outage = Array(repeating: HTTPResponse(status: 503), count: 12)
        let receiver = try ScriptedReceiver(outage + [HTTPResponse(status: 200)] + outage)
        var retry = OTLPDelivering.quick
        retry.noticeDelay = .zero
        let delivery = try FailingDelivery(to: receiver.url, timeout: .seconds(60), retry: retry)
        for number in 1...2 {
            delivery.end(1)
            #expect(await delivery.system.forceFlush(within: .seconds(60)) == .completed)
            let said = delivery.messages.filter { $0.contains("still not delivered") }
            #expect(said.count == number && said[number - 1].contains("status 503"), "\(delivery.messages)")
        }
        #expect(delivery.health?.exported == 2)
        await delivery.shutDown()
        await receiver.stop()
    }
}
