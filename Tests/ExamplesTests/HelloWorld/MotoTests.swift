// The client and the webhook of hello-world against another stand-in for Amazon's notification service, and where that and ours differ.

import ExampleSupport
import Telemetry
import Testing

@testable import HelloWorld

/// What holds for both is what Amazon's has. Where they differ, ours does as Amazon's documentation says: moto neither asks an endpoint whether it
/// wants a subscription nor checks signatures, and its deliveries over HTTP have no attributes, no header fields, and a signature whose
/// certificate cannot be had.
@Suite(.enabled(if: MotoServer.program != nil, "moto_server is not installed: make counterparts installs it where PyPI is in reach"))
struct MotoTests {
    private static let topic = HelloWorldSettings.topic
    private static let context = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    private func client(_ endpoint: String, secret: String = "test") throws -> SNSClient {
        let settings = try HelloWorldSettings(ServiceEnvironment(["SNS_ENDPOINT": endpoint, "AWS_SECRET_ACCESS_KEY": secret]))
        return SNSClient(
            settings, try ServiceHarness.telemetry("service", InMemorySpanExporter()),
            transport: SocketTransport(timeout: ServiceHarness.patience), try LibCrypto(), clock: .system)
    }

    private func refusal(_ client: SNSClient, _ topic: String = topic) async -> SNSError? {
        do throws(SNSError) {
            _ = try await client.publish("Hello", to: topic, TypedMessageAttributes())
            return nil
        } catch { return error }
    }

    @Test("POC-01, POC-04: topics, messages and errors of the query protocol are those of moto as well")
    func protocolIsThatOfBoth() async throws {
        let moto = try await MotoServer.emptied()
        try await NotificationHarness.running { own in
            for endpoint in [moto.url, own.url] {
                let client = try client(endpoint)
                guard case .refused(404, "NotFound", let text) = await refusal(client) else {
                    Issue.record("\(endpoint) has a topic that was not made")
                    continue
                }
                // Amazon has the first text for unknown topics.
                #expect(text == (endpoint == own.url ? "Topic does not exist" : "Endpoint does not exist"))
                #expect(try await client.createTopic("hello-world-topic") == Self.topic)
                #expect(try await client.createTopic("hello-world-topic") == Self.topic, "It is there already.")
                let attributes = TypedMessageAttributes(["traceparent": .init(Self.context), "count": .init(type: "Number", "7")])
                let ids = [
                    try await client.publish("Grüße & <more> + 100 %\n", to: Self.topic, attributes),
                    try await client.publish("Hello", to: Self.topic, TypedMessageAttributes()),
                ]
                #expect(Set(ids).count == 2 && ids.allSatisfy { UUID($0) != nil }, "\(ids)")
            }
        }
    }

    @Test("POC-02, POC-04: moto subscribes without confirmation and takes requests with wrong signatures, ours does neither")
    func confirmationAndSignatureAreOursAlone() async throws {
        let moto = try await MotoServer.emptied()
        let endpoint = try RecordingEndpoint()
        try await NotificationHarness.running { own in
            let url = try #require(HTTPURL(endpoint.url))
            for (address, isMoto) in [(moto.url, true), (own.url, false)] {
                _ = try await client(address).createTopic("hello-world-topic")
                #expect(try await client(address).subscribe(url, to: Self.topic) == isMoto)
                let refused = await refusal(try client(address, secret: "wrong"))
                if isMoto {
                    #expect(refused == nil)
                } else if case .refused(403, "SignatureDoesNotMatch", _)? = refused {
                } else {
                    Issue.record("\(String(describing: refused))")
                }
            }
            #expect(await eventually { endpoint.documents.contains { $0["Type"] == "SubscriptionConfirmation" } })
        }
        await endpoint.stop()
    }

    @Test("POC-24: a delivery of moto has no attributes, no header fields of the service and no certificate that could be had")
    func deliveriesDiffer() async throws {
        let moto = try await MotoServer.emptied()
        let (foreign, ours) = (try RecordingEndpoint(), try RecordingEndpoint())
        try await NotificationHarness.running { own in
            let client = try client(moto.url)
            _ = try await client.createTopic("hello-world-topic")
            #expect(try await client.subscribe(try #require(HTTPURL(foreign.url)), to: Self.topic))
            _ = try await own.subscribe(ours, topic: "hello-world-topic")
            let attributes = TypedMessageAttributes(["traceparent": .init(Self.context)])
            for client in [client, try self.client(own.url)] { _ = try await client.publish("Hello", to: Self.topic, attributes) }
            #expect(await eventually { foreign.messages == ["Hello"] && ours.messages == ["Hello"] })
            let (theirs, mine) = (try #require(foreign.requests.last), try #require(ours.requests.last))
            #expect(theirs.headers["x-amz-sns-message-type"] == nil && mine.headers["x-amz-sns-message-type"] == "Notification")
            func names(_ request: ServiceRequest) throws -> Set<String> {
                guard case .object(let object) = try JSONValue(parsing: request.body) else { return [] }
                return Set(object.members.map(\.key))
            }
            #expect(try names(mine).subtracting(try names(theirs)) == ["MessageAttributes"])
            #expect(try names(theirs).subtracting(try names(mine)) == [], "\(theirs.text)")
            let (foreignMessage, message) = (try SNSMessage(JSONValue(parsing: theirs.body)), try SNSMessage(JSONValue(parsing: mine.body)))
            #expect(
                foreignMessage.signatureVersion == "2" && message.signatureVersion == "1", "Amazon's topics have 1 unless told otherwise.")
            let hosts = TrustedHosts(endpoint: try #require(HTTPURL(moto.url)), region: "us-east-1")
            #expect(hosts.url(foreignMessage.certificateURL)?.host == "sns.us-east-1.amazonaws.com", "It is nowhere there.")
            #expect(message.certificateURL.hasPrefix(own.url + "/certificates/"))
            #expect(foreignMessage.attributes.value(for: "traceparent") == nil)
            #expect(message.attributes.value(for: "traceparent") == Self.context)
        }
        await foreign.stop()
        await ours.stop()
    }

    @Test("POC-01, POC-02, POC-25: with moto a greeting comes to the webhook, in a trace that ends at the topic")
    func greetingComesBack() async throws {
        let moto = try await MotoServer.emptied()
        // Unverified, since the certificate is asked for in vain.
        try await HelloWorldHarness.hello(endpoint: moto.url, subscribes: true, ["SNS_VERIFY": "off"]) { hello in
            #expect(try await eventually { try await hello.send("GET", "/ready").status == 200 })
            let answer = try await hello.send("GET", "/")
            #expect(answer.status == 200, "\(answer.text)")
            #expect(try await eventually { try await hello.messages().count == 1 })
            #expect(try await hello.messages().first?["message"]?["message"] == "Hello World!")
            let publish = try #require(hello.spans.finishedSpans.first { $0.kind == .producer })
            let process = try #require(hello.spans.finishedSpans.first { $0.kind == .consumer })
            #expect(publish.status == .unset && process.attributes["messaging.message.id"] == publish.attributes["messaging.message.id"])
            #expect(process.traceID != publish.context.traceID, "Over HTTP it forwards no attributes.")
        }
    }
}
