// POC-04: the stand-in for Amazon's notification service, as its clients and endpoints see it.

import ExampleSupport
import Telemetry
import Testing

@testable import NotificationService

struct NotificationServiceTests {
    @Test("POC-04: only requests that are signed with the credentials are performed")
    func signatureIsChecked() async throws {
        try await NotificationHarness.running { service in
            let unsigned = try await service.send("POST", "/", "Action=CreateTopic&Name=topic")
            #expect(unsigned.status == 403 && unsigned.element("Code") == "MissingAuthenticationToken")
            typealias Credentials = AWSRequestSignature.Credentials
            let now = TelemetryClock.system.now
            func later(_ seconds: Int) -> Timestamp {
                Timestamp(nanosecondsSinceEpoch: UInt64(Int(now.nanosecondsSinceEpoch) + seconds * 1_000_000_000))
            }
            let own = RunningNotifications.credentials
            let refused: [(Credentials, String, Timestamp, String)] = [
                (Credentials(accessKeyID: "other", secretKey: "test"), "us-east-1", now, "InvalidClientTokenId"),
                (Credentials(accessKeyID: "test", secretKey: "other"), "us-east-1", now, "SignatureDoesNotMatch"),
                (own, "eu-west-1", now, "SignatureDoesNotMatch"), (own, "us-east-1", later(-1000), "SignatureDoesNotMatch"),
                (own, "us-east-1", later(1000), "SignatureDoesNotMatch"),
            ]
            for (credentials, region, time, code) in refused {
                let answer = try await service.act("ListTopics", credentials: credentials, region: region, at: time)
                #expect(answer.status == 403 && answer.element("Code") == code, "\(answer.text)")
            }
            #expect(try await service.act("ListTopics", at: later(-800)).status == 200)
            let answer = try await service.act("CreateTopic", ["Name": "topic"])
            #expect(answer.status == 200 && answer.headers["Content-Type"] == "text/xml")
            #expect(answer.element("TopicArn") == "arn:aws:sns:us-east-1:000000000000:topic")
            #expect(answer.element("RequestId").flatMap { UUID($0) } != nil)
        }
    }

    @Test(
        "POC-04: a message is delivered to confirmed endpoints alone, signed in the version of its topic", arguments: DatabaseKind.available
    )
    func messagesAreDeliveredAndSigned(kind: DatabaseKind) async throws {
        let (endpoint, unconfirmed) = (try RecordingEndpoint(), try RecordingEndpoint())
        try await NotificationHarness.running(on: kind) { service in
            let (topic, subscription) = try await service.subscribe(endpoint)
            let pending = try await service.value(
                "SubscriptionArn", of: "Subscribe", ["TopicArn": topic, "Protocol": "http", "Endpoint": unconfirmed.url])
            #expect(pending == "pending confirmation")
            for version in ["1", "2"] {
                let change: KeyValuePairs = ["TopicArn": topic, "AttributeName": "SignatureVersion", "AttributeValue": version]
                #expect(try await service.act("SetTopicAttributes", change).status == 200)
                let id = try await service.value(
                    "MessageId", of: "Publish",
                    [
                        "TopicArn": topic, "Message": "Grüße & <more>\n\(version)", "Subject": "news",
                        "MessageAttributes.entry.1.Name": "traceparent", "MessageAttributes.entry.1.Value.DataType": "String",
                        "MessageAttributes.entry.1.Value.StringValue": "00-ab-cd-01", "MessageAttributes.entry.2.Name": "count",
                        "MessageAttributes.entry.2.Value.DataType": "Number", "MessageAttributes.entry.2.Value.StringValue": "7",
                    ])
                let isHere = await eventually { endpoint.requests.contains { $0.headers["x-amz-sns-message-id"] == id } }
                #expect(isHere)
                let request = try #require(endpoint.requests.last)
                #expect(request.method == "POST" && request.path == "/hook")
                #expect(request.headers["Content-Type"] == "text/plain; charset=UTF-8")
                #expect(request.headers["x-amz-sns-message-type"] == "Notification" && request.headers["x-amz-sns-topic-arn"] == topic)
                #expect(request.headers["x-amz-sns-subscription-arn"] == subscription)
                let document = try JSONValue(parsing: request.body)
                #expect(document["Message"] == .string("Grüße & <more>\n\(version)") && document["Subject"] == "news")
                #expect(document["SignatureVersion"] == .string(version) && document["MessageId"] == .string(id))
                #expect(document["MessageAttributes"]?["count"]?.description == #"{"Type":"Number","Value":"7"}"#)
                let message = try SNSMessage(document)
                #expect(message.attributes.value(for: "traceparent") == "00-ab-cd-01")
                #expect(message.certificateURL.hasPrefix(service.url + "/certificates/SimpleNotificationService-"))
                let page = try await service.send("GET", String(message.certificateURL.dropFirst(service.url.count)))
                let certificate = try #require(try RSACertificate(page.body))
                #expect(certificate.verifies(message.signature, of: message.signedText, version == "1" ? .sha1 : .sha256))
            }
            #expect(unconfirmed.documents.allSatisfy { $0["Type"] == "SubscriptionConfirmation" })
        }
        await endpoint.stop()
        await unconfirmed.stop()
    }

    @Test("POC-04: a delivery that fails is repeated, one that is refused is not, and other endpoints do not wait")
    func failedDeliveryIsRepeated() async throws {
        let (endpoint, other) = (try RecordingEndpoint(), try RecordingEndpoint())
        try await NotificationHarness.running { service in
            let (topic, _) = try await service.subscribe(endpoint)
            _ = try await service.subscribe(other)
            endpoint.answer([503, 429, 500])
            _ = try await service.value("MessageId", of: "Publish", ["TopicArn": topic, "Message": "first"])
            #expect(await eventually { endpoint.messages == ["first", "first", "first", "first"] })
            #expect(await eventually { other.messages == ["first"] })
            endpoint.answer([404])
            _ = try await service.value("MessageId", of: "Publish", ["TopicArn": topic, "Message": "second"])
            #expect(await eventually { endpoint.messages.contains("second") })
            _ = try await service.value("MessageId", of: "Publish", ["TopicArn": topic, "Message": "third"])
            #expect(await eventually { endpoint.messages.contains("third") })
            let line = "message was refused by its endpoint"
            #expect(await eventually { service.logs.finishedRecords.contains { $0.body?.stringValue == line } })
            #expect(endpoint.messages.filter { $0 == "second" }.count == 1)
            let page = try await service.send("GET", "/metrics").text
            #expect(page.contains(#"outcome="refused""#) && page.contains(#"outcome="failed""#))
        }
        await endpoint.stop()
        await other.stop()
    }

    @Test("POC-04: one message that is not answered holds up no other that waits, and all are delivered once")
    func silentRequestDoesNotStopDelivery() async throws {
        let count = 100
        let (mayBegin, mayEnd) = (DrainSignal(), DrainSignal())
        let endpoint = try RecordingEndpoint { request in
            if request.text.contains("message 0.") { await mayBegin.wait(until: .after(.patience)) }
            if request.text.contains("message 1.") { await mayEnd.wait(until: .after(.patience)) }
        }
        try await NotificationHarness.running { service in
            let (topic, _) = try await service.subscribe(endpoint)
            for number in 0..<count {
                let answer = try await service.act("Publish", ["TopicArn": topic, "Message": "message \(number)."])
                #expect(answer.status == 200)
            }
            mayBegin.raise()
            #expect(await eventually { endpoint.messages.count == count - 1 })
            mayEnd.raise()
            #expect(await eventually { endpoint.messages.count == count })
        }
        await endpoint.stop()
        #expect(Set(endpoint.messages) == Set((0..<count).map { "message \($0)." }) && endpoint.messages.count == count)
    }

    @Test("POC-04: messages that were not delivered are after a restart", arguments: DatabaseKind.available)
    func restartLosesNothing(kind: DatabaseKind) async throws {
        let endpoint = try RecordingEndpoint()
        try await TestDatabase.withURL(kind) { database in
            try await NotificationHarness.running(at: database, ["DELIVERY_PAUSE": "1"]) { service in
                let (topic, _) = try await service.subscribe(endpoint)
                endpoint.answer(Array(repeating: 503, count: 100_000))
                _ = try await service.value("MessageId", of: "Publish", ["TopicArn": topic, "Message": "kept"])
                #expect(await eventually { endpoint.messages.count > 2 })
            }
            let attempts = endpoint.messages.count
            endpoint.answer([])
            try await NotificationHarness.running(at: database) { service in
                #expect(await eventually { endpoint.messages.count == attempts + 1 })
                let message = try SNSMessage(try #require(endpoint.documents.last))
                let page = try await service.send("GET", "/certificates/" + (message.certificateURL.split(separator: "/").last ?? ""))
                #expect(page.status == 200, "It is signed with the new key.")
            }
        }
        await endpoint.stop()
    }

    @Test("POC-04: an endpoint is told when its subscription ends, and can take that back")
    func unsubscribingIsTold() async throws {
        let endpoint = try RecordingEndpoint()
        try await NotificationHarness.running { service in
            let (topic, subscription) = try await service.subscribe(endpoint)
            // The links in messages work without a signature.
            _ = try await service.value("MessageId", of: "Publish", ["TopicArn": topic, "Message": "one"])
            #expect(await eventually { endpoint.messages == ["one"] })
            let link = try #require(endpoint.documents.last?["UnsubscribeURL"]?.stringValue)
            #expect(try await service.send("GET", String(link.dropFirst(service.url.count))).status == 200)
            #expect(await eventually { endpoint.documents.last?["Type"] == "UnsubscribeConfirmation" })
            #expect(try await service.act("ListSubscriptions").text.contains("<member>") == false)
            _ = try await service.value("MessageId", of: "Publish", ["TopicArn": topic, "Message": "two"])
            let back = try #require(endpoint.documents.last?["SubscribeURL"]?.stringValue)
            let answer = try await service.send("GET", String(back.dropFirst(service.url.count)))
            #expect(answer.element("SubscriptionArn") == subscription)
            _ = try await service.value("MessageId", of: "Publish", ["TopicArn": topic, "Message": "three"])
            #expect(await eventually { endpoint.messages == ["one", "three"] })
        }
        await endpoint.stop()
    }

    @Test("POC-04: raw delivery sends the message alone")
    func rawDeliveryHasNoDocument() async throws {
        let endpoint = try RecordingEndpoint()
        try await NotificationHarness.running { service in
            let (topic, _) = try await service.subscribe(endpoint, raw: true)
            _ = try await service.value("MessageId", of: "Publish", ["TopicArn": topic, "Message": "plain text"])
            #expect(await eventually { endpoint.requests.last?.text == "plain text" })
            #expect(endpoint.requests.last?.headers["x-amz-sns-rawdelivery"] == "true")
        }
        await endpoint.stop()
    }

    @Test("POC-04: topics and subscriptions are listed in pages, and end together")
    func listsHavePages() async throws {
        let endpoint = try RecordingEndpoint()
        try await NotificationHarness.running(["TOPICS": "hello-world-topic, second"]) { service in
            let first = try await service.act("ListTopics").text
            #expect(first.contains(":hello-world-topic</TopicArn>") && first.contains(":second</TopicArn>"))
            for number in 0..<120 { #expect(try await service.act("CreateTopic", ["Name": "t-\(number)"]).status == 200) }
            let page = try await service.act("ListTopics")
            let next = try #require(page.element("NextToken"))
            let rest = try await service.act("ListTopics", ["NextToken": next])
            let counts = [page, rest].map { $0.text.split(separator: "<member>").count - 1 }
            #expect(counts == [100, 22] && rest.element("NextToken") == nil)

            let (topic, subscription) = try await service.subscribe(endpoint, topic: "second")
            let attributes = try await service.act("GetTopicAttributes", ["TopicArn": topic]).text
            #expect(attributes.contains("<key>SubscriptionsConfirmed</key><value>1</value>"))
            let listed = try await service.act("ListSubscriptionsByTopic", ["TopicArn": topic])
            #expect(listed.element("SubscriptionArn") == subscription && listed.element("Endpoint") == endpoint.url)
            let own = try await service.act("GetSubscriptionAttributes", ["SubscriptionArn": subscription]).text
            #expect(own.contains("<key>PendingConfirmation</key><value>false</value>"))
            #expect(try await service.act("DeleteTopic", ["TopicArn": topic]).status == 200)
            #expect(try await service.act("Publish", ["TopicArn": topic, "Message": "x"]).element("Code") == "NotFound")
            #expect(try await service.act("ListSubscriptions").text.contains("<member>") == false)
        }
        await endpoint.stop()
    }

    @Test("POC-04: what is wrong is refused with a code and a text")
    func wrongParametersAreRefused() async throws {
        try await NotificationHarness.running(["TOPICS": "t"]) { service in
            let topic = "arn:aws:sns:us-east-1:000000000000:t"
            func attribute(_ type: String, _ value: String, name: String = "a") -> KeyValuePairs<String, String> {
                [
                    "TopicArn": topic, "Message": "m", "MessageAttributes.entry.1.Name": name,
                    "MessageAttributes.entry.1.Value.DataType": type, "MessageAttributes.entry.1.Value.StringValue": value,
                ]
            }
            let cases: [(String, KeyValuePairs<String, String>, Int, String)] = [
                ("Fly", [:], 400, "InvalidAction"), ("", [:], 400, "MissingAction"),
                ("Publish", ["TopicArn": topic, "Message": "a\0b"], 400, "InvalidParameter"),
                ("DeleteTopic", ["TopicArn": topic + "\0"], 400, "InvalidParameter"), ("CreateTopic", [:], 400, "InvalidParameter"),
                ("CreateTopic", ["Name": "a b"], 400, "InvalidParameter"), ("Publish", ["TopicArn": topic], 400, "InvalidParameter"),
                ("Publish", ["TopicArn": topic + "x", "Message": "m"], 404, "NotFound"),
                ("Publish", ["TopicArn": topic, "Message": "m", "Subject": "two\nlines"], 400, "InvalidParameter"),
                ("Publish", ["TopicArn": topic, "Message": String(repeating: "x", count: 262_145)], 400, "InvalidParameter"),
                ("Publish", ["TopicArn": topic, "Message": "{}", "MessageStructure": "json"], 400, "InvalidParameter"),
                ("Publish", attribute("Text", "v"), 400, "ParameterValueInvalid"),
                ("Publish", attribute("String", ""), 400, "ParameterValueInvalid"),
                ("Publish", attribute("Number", "many"), 400, "ParameterValueInvalid"),
                ("Publish", attribute("String", "v", name: "a b"), 400, "ParameterValueInvalid"),
                ("Subscribe", ["TopicArn": topic, "Protocol": "email", "Endpoint": "a@b.c"], 400, "InvalidParameter"),
                ("Subscribe", ["TopicArn": topic, "Protocol": "http", "Endpoint": "https://a.b"], 400, "InvalidParameter"),
                ("Subscribe", ["TopicArn": topic + "x", "Protocol": "http", "Endpoint": "http://a.b"], 404, "NotFound"),
                ("ConfirmSubscription", ["TopicArn": topic, "Token": "guess"], 400, "InvalidParameter"),
                (
                    "SetTopicAttributes", ["TopicArn": topic, "AttributeName": "SignatureVersion", "AttributeValue": "3"], 400,
                    "InvalidParameter"
                ),
                ("GetTopicAttributes", ["TopicArn": topic + "x"], 404, "NotFound"),
                ("GetSubscriptionAttributes", ["SubscriptionArn": topic + ":x"], 404, "NotFound"),
            ]
            for (action, fields, status, code) in cases {
                let answer = try await service.act(action, fields)
                #expect(answer.status == status && answer.element("Code") == code, "\(action): \(answer.text)")
                #expect(answer.element("Message")?.isEmpty == false)
            }
            // A text for each protocol.
            let structured = #"{"default":"d","http":"h"}"#
            let answer = try await service.act("Publish", ["TopicArn": topic, "Message": structured, "MessageStructure": "json"])
            #expect(answer.status == 200)
            let spans = service.spans.finishedSpans.filter { $0.kind == .server }
            #expect(Set(spans.compactMap { $0.attributes["rpc.method"] }).contains("Publish"))
            #expect(!spans.contains { $0.attributes["rpc.method"] == "Fly" }, "Clients invent names.")
        }
    }
}
