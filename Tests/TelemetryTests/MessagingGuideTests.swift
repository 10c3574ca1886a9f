// The guide to messages: each of its examples stands here word for word and is run.

import Testing

@testable import Telemetry

struct MessagingGuideTests {
    @Test func everyExampleOfTheGuideStandsHere() throws {
        let examples = try GuideExamples("Messaging.md")
        #expect(examples.blocks.count == 3)
        #expect(try examples.missing(in: #filePath) == [])
    }

    private struct Message: Sendable {
        var attributes = TypedMessageAttributes()
    }

    /// A topic that keeps the last message.
    private final class Topic: Sendable {
        private let last = Locked(Message())

        var message: Message { last.withLock { $0 } }
        func publish(_ message: Message) async throws { last.withLock { $0 = message } }
    }

    private struct Queue {
        func poll() -> [Message] { [Message(), Message()] }
    }

    private func handle(_ message: Message) async throws {}

    @Test func oneTraceLeadsThroughTheBroker() async throws {
        let (spans, topic, queue) = (InMemorySpanExporter(), Topic(), Queue())
        let telemetry = try TelemetrySystem.start(spans: [spans], metrics: [], logs: [], environment: [:])
        let (tracer, metrics) = (telemetry.tracer("shop"), MessagingMetrics(telemetry.meter("shop")))
        var message = Message()
        let publish = MessagingOperation(.send, "publish", of: .amazonSNS, destination: "orders")
        try await tracer.withMessagingSpan(publish, metrics: metrics) { sending in
            telemetry.propagator.inject(sending.context, into: &message.attributes)
            try await topic.publish(message)
        }
        let delivered = topic.message
        let sender = telemetry.propagator.extract(from: delivered.attributes, into: .root)
        let process = MessagingOperation(.process, "process", of: .amazonSNS, destination: "orders")
        try await tracer.withMessagingSpan(process, messages: [sender], correlation: .parent, metrics: metrics) { _ in
            try await handle(delivered)
        }
        let poll = MessagingOperation(.receive, "poll", of: .kafka, destination: "orders")
        let polling = tracer.startMessagingSpan(poll, metrics: metrics)
        let batch = queue.poll()
        polling.finish(messageCount: batch.count)
        await telemetry.forceFlush()
        let found = spans.finishedSpans
        #expect(found.map(\.name) == ["publish orders", "process orders", "poll orders"])
        #expect(found[1].parentSpanID == found[0].spanID && found[2].attributes["messaging.batch.message_count"] == 2)
        await telemetry.shutdown()
    }
}
