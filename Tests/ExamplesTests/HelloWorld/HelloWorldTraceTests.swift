// The trace of a message, from the request that publishes it to the webhook that takes it.

import ExampleSupport
import Telemetry
import Testing

@testable import HelloWorld

struct HelloWorldTraceTests {
    @Test(
        "POC-21, POC-23, POC-25, POC-26: one trace leads from GET / through the delivery to the webhook", arguments: DatabaseKind.available)
    func oneTraceLeadsThroughTheBroker(kind: DatabaseKind) async throws {
        try await HelloWorldHarness.connected(on: kind) { hello, notifications in
            #expect(try await hello.send("GET", "/").status == 200)
            // The confirmation of the subscription was a request to the webhook, too.
            func webhookSpan() -> ReadableSpan? {
                let spans = hello.spans.finishedSpans
                let brought = spans.first { $0.kind == .consumer }?.links.last?.context.spanID
                return spans.first { $0.name == "POST /sns" && $0.spanID == brought }
            }
            #expect(await eventually { webhookSpan() != nil })
            let webhook = try #require(webhookSpan())
            let own = hello.spans.finishedSpans.filter { $0.traceID == webhook.traceID }
            let server = try #require(own.first { $0.name == "GET /" })
            let publish = try #require(own.first { $0.name == "publish hello-world-topic" })
            let process = try #require(own.first { $0.name == "process hello-world-topic" })
            #expect(publish.kind == .producer && publish.parentSpanID == server.spanID)
            let message = try #require(try await hello.messages().first)
            let id = try #require(message["messageId"]?.stringValue)
            for (key, value) in [
                "messaging.system": "aws.sns", "messaging.operation.name": "publish", "messaging.operation.type": "send",
                "messaging.destination.name": "hello-world-topic", "messaging.message.id": .string(id), "rpc.system": "aws-api",
                "rpc.service": "SNS", "rpc.method": "Publish", "server.address": "127.0.0.1",
            ] as [String: AttributeValue] { #expect(publish.attributes[key] == value, "\(key)") }

            // The call of the notification service, and its part.
            let call = try #require(own.first { $0.kind == .client && $0.parentSpanID == publish.spanID })
            let broker = notifications.spans.finishedSpans
            let accepted = try #require(broker.first { $0.kind == .server && $0.parentSpanID == call.spanID })
            #expect(accepted.attributes["rpc.method"] == "Publish")
            #expect(await eventually { notifications.spans.finishedSpans.contains { $0.spanID == webhook.parentSpanID } })
            let delivery = try #require(notifications.spans.finishedSpans.first { $0.spanID == webhook.parentSpanID })
            #expect(delivery.kind == .client && delivery.parentSpanID == accepted.spanID)

            // The message is processed below its publication, and linked to the request that has brought it.
            #expect(process.kind == .consumer && process.parentSpanID == publish.spanID && process.hasRemoteParent)
            #expect(process.links.map(\.context.spanID) == [publish.spanID, webhook.spanID])
            #expect(
                process.attributes["messaging.message.id"] == .string(id) && process.attributes["messaging.operation.type"] == "process")
            #expect(own.contains { $0.parentSpanID == process.spanID && $0.name == "INSERT hello_messages" })
            #expect([publish, process, webhook, accepted, delivery].allSatisfy { $0.traceID == server.traceID })
            #expect(message["traceId"] == .string("\(server.traceID)"))
            let lines = hello.logs.finishedRecords.filter { $0.body?.stringValue == "message stored" }
            #expect(lines.map(\.spanID) == [process.spanID])
        }
    }

    @Test("POC-24: the context travels as text attributes of the message, of which there are ten at most")
    func contextIsInMessageAttributes() async throws {
        let endpoint = try RecordingEndpoint()
        try await NotificationHarness.running { notifications in
            let (topic, _) = try await notifications.subscribe(endpoint, topic: "hello-world-topic")
            #expect(topic == HelloWorldSettings.topic)
            try await HelloWorldHarness.hello(endpoint: notifications.url) { hello in
                let caller: HTTPHeaders = [
                    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "vendor=value",
                ]
                #expect(try await hello.send("GET", "/", headers: caller).status == 200)
                #expect(await eventually { endpoint.messages.count == 1 })
                let publish = try #require(hello.spans.finishedSpans.first { $0.kind == .producer })
                #expect("\(publish.traceID)" == "0af7651916cd43dd8448eb211c80319c")
                let attributes = TypedMessageAttributes(json: try #require(endpoint.documents.last?["MessageAttributes"]))
                #expect(
                    attributes.values == [
                        "traceparent": .init("00-0af7651916cd43dd8448eb211c80319c-\(publish.spanID)-01"),
                        "tracestate": .init("vendor=value"),
                    ])
                #expect(attributes.values.count <= TypedMessageAttributes.maximumCount)
            }
        }
        await endpoint.stop()
    }

    @Test("POC-25: a message without a context starts no trace of its own, and one of a broker that forwards none is a child all the same")
    func processingFindsItsParentInTheMessage() async throws {
        try await HelloWorldHarness.hello(endpoint: "http://127.0.0.1:1", ["SNS_VERIFY": "off"]) { (hello) async throws in
            var message = SNSMessage(
                .notification, id: "m-1", topic: HelloWorldSettings.topic, message: "x", timestamp: "2026-01-17T09:30:00.000Z")
            #expect(try await hello.send("POST", "/sns", message.json.description).status == 200)
            message.id = "m-2"
            message.attributes.values["traceparent"] = .init("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
            #expect(try await hello.send("POST", "/sns", message.json.description).status == 200)
            let spans = hello.spans.finishedSpans
            let (processes, webhooks) = (spans.filter { $0.kind == .consumer }, spans.filter { $0.name == "POST /sns" })
            #expect(processes.count == 2 && webhooks.count == 2)
            #expect(processes[0].traceID == webhooks[0].traceID && processes[0].parentSpanID == webhooks[0].spanID)
            #expect("\(processes[1].traceID)" == "0af7651916cd43dd8448eb211c80319c" && "\(processes[1].parentSpanID)" == "b7ad6b7169203331")
            #expect(processes[1].links.last?.context.spanID == webhooks[1].spanID && webhooks[1].traceID != processes[1].traceID)
        }
    }

    @Test("POC-21: messages are measured as the conventions have it")
    func messagesAreMeasured() async throws {
        try await HelloWorldHarness.connected { (hello, _) async throws in
            #expect(try await hello.send("GET", "/").status == 200)
            #expect(try await eventually { try await hello.messages().count == 1 })
            for name in [
                "messaging_client_sent_messages_total", "messaging_client_consumed_messages_total",
                "messaging_process_duration_seconds_count",
            ] {
                #expect(try await eventually { try await hello.samples(name).first?.hasSuffix(" 1") == true }, "\(name)")
            }
        }
    }
}
