// Spans and metrics of operations on messages, by the tables of the conventions.

import Testing

@testable import Telemetry

struct MessagingSpanTests {
    private struct Refused: Error {}

    private let memory = InMemorySpanExporter()
    private let reader = PullMetricReader()
    private let clock = ManualClock()
    private let telemetry: TelemetrySystem
    private let tracer: Tracer

    init() throws {
        telemetry = try TelemetrySystem.start(
            sampler: .alwaysOn, spans: [memory], propagators: [.traceContext, .baggage], metrics: [reader], logs: [], clock: .manual(clock),
            environment: [:])
        tracer = telemetry.tracer("messages")
    }

    private func metrics() throws -> [String: MetricData] {
        Dictionary(uniqueKeysWithValues: try reader.collect().metrics.map { ($0.name, $0) })
    }

    // MARK: Spans

    @Test func sentMessageIsAProducerSpanWithTheAttributesOfTheTable() throws {
        var publish = MessagingOperation(
            .send, "publish", of: .amazonSNS, destination: "orders", messageID: "m-1", serverAddress: "sns.internal", serverPort: 4566)
        publish.bodySize = 12
        publish.conversationID = "c-1"
        publish.clientID = "shop"
        publish.partitionID = "3"
        tracer.startMessagingSpan(publish, parent: .root).finish()
        let span = try #require(memory.finishedSpans.first)
        #expect(span.name == "publish orders" && span.kind == .producer && span.status == .unset)
        #expect(
            span.attributes == [
                "messaging.system": "aws.sns", "messaging.operation.name": "publish", "messaging.operation.type": "send",
                "messaging.destination.name": "orders", "messaging.destination.partition.id": "3", "messaging.client.id": "shop",
                "messaging.message.id": "m-1", "messaging.message.conversation_id": "c-1", "messaging.message.body.size": 12,
                "server.address": "sns.internal", "server.port": 4566,
            ])
    }

    @Test(arguments: [
        (MessagingOperation.Kind.create, SpanKind.producer), (.send, .producer), (.receive, .client), (.process, .consumer),
        (.settle, .client),
    ])
    func spanKindFollowsTheOperation(kind: MessagingOperation.Kind, spanKind: SpanKind) {
        var operation = MessagingOperation(kind, "x", of: .kafka)
        #expect(operation.spanKind == spanKind)
        operation.injectsContext = false
        #expect(operation.spanKind == (kind == .send ? .client : spanKind), "A send that injects nothing of its own is a client's.")
    }

    @Test func nameHasTheTemplateThenTheDestinationThenTheServer() {
        var operation = MessagingOperation(.receive, "poll", of: .rabbitMQ, destination: "q", serverAddress: "mq", serverPort: 5672)
        #expect(operation.spanName == "poll q")
        operation.destinationTemplate = "/customers/{customerId}"
        #expect(operation.spanName == "poll /customers/{customerId}")
        operation.destinationTemplate = nil
        operation.hasTemporaryDestination = true
        #expect(operation.spanName == "poll", "A name that was made up has too many values, and the server is only for no destination.")
        #expect(operation.attributes["messaging.destination.temporary"] == true)
        operation.destination = nil
        operation.hasTemporaryDestination = false
        #expect(operation.spanName == "poll mq:5672")
        operation.serverAddress = nil
        #expect(operation.spanName == "poll")
    }

    @Test func messagesAreLinkedByDefault() throws {
        let senders = ["a", "b"].map { name in
            let span = tracer.startSpan(name, kind: .producer, parent: .root)
            defer { span.end() }
            return Context.root.with(span: span)
        }
        let caller = tracer.startSpan("poll loop", parent: .root)
        tracer.startMessagingSpan(
            MessagingOperation(.process, "process", of: .kafka, destination: "t"), parent: Context.root.with(span: caller),
            messages: senders + [.root], correlation: .parent
        ).finish()
        let span = try #require(memory.finishedSpans.last)
        #expect(span.traceID == caller.context.traceID && span.parentSpanID == caller.context.spanID)
        #expect(span.links.map(\.context.spanID) == senders.map(\.spanContext.spanID), "Several messages have no one parent.")
    }

    @Test func onlyMessageMayBecomeTheParentSoThatOneTraceGoesThroughTheBroker() throws {
        var attributes = TypedMessageAttributes()
        tracer.startMessagingSpan(MessagingOperation(.send, "publish", of: .amazonSNS, destination: "orders"), parent: .root).use {
            telemetry.propagator.inject($0.context.with(baggage: Baggage.empty.setting("shop", to: "7")), into: &attributes)
        }
        let request = tracer.startSpan("POST /sns", kind: .server, parent: .root)
        let message = telemetry.propagator.extract(from: attributes, into: .root)
        let process = MessagingOperation(.process, "process", of: .amazonSNS, destination: "orders")
        let messaging = tracer.startMessagingSpan(
            process, parent: Context.root.with(span: request), messages: [message], correlation: .parent)
        #expect(messaging.context.baggage["shop"] == "7")
        messaging.finish()
        let (sent, processed) = (try #require(memory.finishedSpans.first), try #require(memory.finishedSpans.last))
        #expect(processed.kind == .consumer && processed.traceID == sent.traceID && processed.parentSpanID == sent.spanID)
        #expect(processed.hasRemoteParent)
        #expect(processed.links.map(\.context.spanID) == [sent.spanID, request.context.spanID])
    }

    @Test func thrownErrorIsRecordedAndCancellationIsNone() async throws {
        let operation = MessagingOperation(.settle, "ack", of: .rabbitMQ, destination: "q")
        await #expect(throws: Refused.self) {
            try await tracer.withMessagingSpan(operation, parent: .root) { _ throws(Refused) in throw Refused() }
        }
        tracer.startMessagingSpan(operation, parent: .root).finish(error: CancellationError())
        let spans = memory.finishedSpans
        #expect(spans.map(\.status) == [.error("Refused()"), .unset])
        #expect(spans[0].attributes["error.type"] != nil && spans[0].events.map(\.name) == ["exception"])
        #expect(spans[1].attributes["error.type"] == nil)
    }

    @Test func bodyRunsInTheContextOfTheSpan() async throws {
        let operation = MessagingOperation(.receive, "poll", of: .kafka, destination: "t")
        let inside = await tracer.withMessagingSpan(operation, parent: .root) { messaging in
            messaging.finish(messageCount: 3)
            return Context.current.spanContext.spanID
        }
        let span = try #require(memory.finishedSpans.first)
        #expect(inside == span.spanID && span.attributes["messaging.batch.message_count"] == 3 && memory.finishedSpans.count == 1)
    }

    // MARK: Metrics

    @Test func sentMessagesAndDurationCountWithTheirAttributes() throws {
        let recording = MessagingMetrics(telemetry.meter("messages"))
        var publish = MessagingOperation(.send, "publish", of: .kafka, destination: "orders", batchMessageCount: 3)
        publish.consumerGroup = "no group has sent it"
        let span = tracer.startMessagingSpan(publish, parent: .root, metrics: recording)
        clock.advance(by: .milliseconds(20))
        span.finish()
        span.finish()
        let failed = tracer.startMessagingSpan(publish, parent: .root, metrics: recording)
        failed.finish(error: Refused())
        let metrics = try metrics()
        let sent = try #require(metrics["messaging.client.sent.messages"]).points.numbers
        #expect(sent.count == 2, "Attempts that failed count as well, under their error.")
        let succeeded = try #require(sent.first { $0.attributes["error.type"] == nil })
        #expect(
            succeeded.attributes == [
                "messaging.system": "kafka", "messaging.operation.name": "publish", "messaging.destination.name": "orders",
            ])
        #expect(sent.map(\.value) == [.int(3), .int(3)])
        let durations = try #require(metrics["messaging.client.operation.duration"]).points.histograms
        let duration = try #require(durations.first { $0.attributes["error.type"] == nil })
        #expect(duration.count == 1 && duration.sum == 0.02 && duration.attributes["messaging.operation.type"] == "send")
        #expect(duration.boundaries == [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10])
        #expect(metrics["messaging.process.duration"] == nil && metrics["messaging.client.consumed.messages"] == nil)
    }

    @Test func deliveryCountsOnceWhetherPulledOrPushed() throws {
        let recording = MessagingMetrics(telemetry.meter("messages"))
        var receive = MessagingOperation(.receive, "poll", of: .kafka, destination: "t")
        receive.consumerGroup = "billing"
        tracer.startMessagingSpan(receive, parent: .root, metrics: recording).finish(messageCount: 2)
        tracer.startMessagingSpan(receive, parent: .root, metrics: recording).finish(messageCount: 0)
        var process = MessagingOperation(.process, "process", of: .kafka, destination: "t")
        process.consumerGroup = "billing"
        tracer.startMessagingSpan(process, parent: .root, metrics: recording).finish()
        process.isPushed = true
        process.name = "push"
        tracer.startMessagingSpan(process, parent: .root, metrics: recording).finish()
        let metrics = try metrics()
        let consumed = try #require(metrics["messaging.client.consumed.messages"]).points.numbers
        let counts = consumed.reduce(into: [AttributeValue?: MetricNumber]()) { $0[$1.attributes["messaging.operation.name"]] = $1.value }
        #expect(counts == ["poll": .int(2), "push": .int(1)])
        #expect(consumed.allSatisfy { $0.attributes["messaging.consumer.group.name"] == "billing" })
        let processed = try #require(metrics["messaging.process.duration"]).points.histograms
        #expect(processed.count == 2 && processed.allSatisfy { $0.attributes["messaging.operation.type"] == nil })
        let operations = try #require(metrics["messaging.client.operation.duration"]).points.histograms
        #expect(operations.map { $0.attributes["messaging.operation.type"] } == ["receive"], "Processing is not the client's time.")
    }

    @Test func namesWithManyValuesAreNoMetricAttributes() throws {
        var operation = MessagingOperation(.send, "publish", of: .rabbitMQ, destination: "customers/4711")
        operation.destinationTemplate = "customers/{id}"
        #expect(Attributes(unique: operation.metricEntries)["messaging.destination.name"] == nil)
        #expect(Attributes(unique: operation.metricEntries)["messaging.destination.template"] == "customers/{id}")
        #expect(operation.attributes["messaging.destination.name"] == "customers/4711")
        operation.destinationTemplate = nil
        operation.hasTemporaryDestination = true
        #expect(Attributes(unique: operation.metricEntries)["messaging.destination.name"] == nil)
    }

    @Test func unsampledOperationsCountToo() throws {
        let reader = PullMetricReader()
        let unsampled = try TelemetrySystem.start(
            sampler: .alwaysOff, spans: [InMemorySpanExporter()], metrics: [reader], logs: [], clock: .manual(clock), environment: [:])
        let recording = MessagingMetrics(unsampled.meter("messages"))
        unsampled.tracer("messages").startMessagingSpan(
            MessagingOperation(.send, "publish", of: .kafka), parent: .root, metrics: recording
        ).finish()
        let names = try reader.collect().metrics.map(\.name).filter { $0.hasPrefix("messaging.") }.sorted()
        #expect(names == ["messaging.client.operation.duration", "messaging.client.sent.messages"])
    }
}

extension MessagingSpan {
    /// Calls the closure with the span and ends it.
    fileprivate func use(_ body: (MessagingSpan) -> Void) {
        body(self)
        finish()
    }
}
