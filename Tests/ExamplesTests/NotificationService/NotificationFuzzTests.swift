// What comes from outside, changed at random: the notification service and the webhook answer it, whatever it is.

import ExampleSupport
import Telemetry
import Testing

struct NotificationFuzzTests {
    private static let printable = (UInt8(ascii: " ")...UInt8(ascii: "~")).map { $0 }

    /// Replaces, removes, adds or repeats some bytes.
    private static func changed(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &random)
            let byte = printable.randomElement(using: &random) ?? 0
            switch Int.random(in: 0...3, using: &random) {
            case 0: bytes[place] = byte
            case 1: bytes.insert(byte, at: place)
            case 2: bytes.remove(at: place)
            default: bytes.insert(contentsOf: bytes[place..<min(place + 20, bytes.count)], at: place)
            }
        }
        return bytes
    }

    @Test func changedFormsAreAnsweredWithAResultOrAnError() async throws {
        var random = SplitMix64(seed: 11)
        let topic = "arn%3Aaws%3Asns%3Aus-east-1%3A000000000000%3At"
        let forms = [
            "Action=CreateTopic&Name=t&Attributes.entry.1.key=SignatureVersion&Attributes.entry.1.value=2", "Action=ListTopics&NextToken=x",
            "Action=Subscribe&TopicArn=\(topic)&Protocol=http&Endpoint=http%3A%2F%2F127.0.0.1%3A1%2F",
            "Action=Publish&TopicArn=\(topic)&Message=%7B%22default%22%3A%22d%22%7D&MessageStructure=json&Subject=s"
                + "&MessageAttributes.entry.1.Name=a&MessageAttributes.entry.1.Value.DataType=String&MessageAttributes.entry.1.Value.StringValue=v",
            "Action=ConfirmSubscription&TopicArn=\(topic)&Token=t",
            "Action=SetTopicAttributes&TopicArn=\(topic)&AttributeName=a&AttributeValue=b",
        ].map { Array($0.utf8) }
        try await NotificationHarness.running(["TOPICS": "t", "CHECK_SIGNATURES": "off"]) { service in
            var counts: [Int: Int] = [:]
            for _ in 0..<400 {
                let form = Self.changed(forms.randomElement(using: &random) ?? [], &random)
                let answer = try await service.send("POST", "/", String(decoding: form, as: UTF8.self))
                counts[answer.status, default: 0] += 1
                #expect(answer.element("RequestId") != nil, "\(String(decoding: form, as: UTF8.self))")
            }
            #expect(
                Set(counts.keys).isSubset(of: [200, 400, 403, 404]) && counts[200, default: 0] > 20 && counts[400, default: 0] > 50,
                "\(counts)")
        }
    }

    @Test func changedAuthorizationIsRefused() async throws {
        var random = SplitMix64(seed: 12)
        try await NotificationHarness.running { service in
            var headers: HTTPHeaders = ["Content-Type": "application/x-www-form-urlencoded"]
            let form = "Action=ListTopics"
            AWSRequestSignature(RunningNotifications.credentials, region: "us-east-1", service: "sns", try LibCrypto())
                .sign("POST", try #require(HTTPURL(service.url)), &headers, body: Array(form.utf8), at: TelemetryClock.system.now)
            #expect(try await service.send("POST", "/", headers: headers, form).status == 200)
            let right = try #require(headers["Authorization"])
            for _ in 0..<200 {
                let text = String(decoding: Self.changed(Array(right.utf8), &random), as: UTF8.self)
                // Spaces between its parts mean nothing.
                guard text.filter({ $0 != " " }) != right.filter({ $0 != " " }) else { continue }
                headers["Authorization"] = text
                let answer = try await service.send("POST", "/", headers: headers, form)
                #expect(answer.status == 403 && answer.element("Code") != nil, "\(text)")
            }
        }
    }

    @Test func changedMessagesAreTakenOrRefused() async throws {
        var random = SplitMix64(seed: 13)
        var message = SNSMessage(
            .notification, id: "m-1", topic: "arn:aws:sns:us-east-1:000000000000:hello-world-topic", message: #"{"a":1}"#, subject: "s",
            timestamp: "2026-01-17T09:30:00.000Z")
        message.attributes.values["traceparent"] = .init("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
        (message.signature, message.certificateURL) = ([1, 2, 3], "http://127.0.0.1:1/cert.pem")
        let document = Array(message.json.description.utf8)
        for verifies in ["on", "off"] {
            try await HelloWorldHarness.hello(endpoint: "http://127.0.0.1:1", ["SNS_VERIFY": verifies]) { hello in
                var counts: [Int: Int] = [:]
                for _ in 0..<300 {
                    let body = String(decoding: Self.changed(document, &random), as: UTF8.self)
                    counts[try await hello.send("POST", "/sns", body).status, default: 0] += 1
                }
                #expect(Set(counts.keys).isSubset(of: verifies == "on" ? [200, 400, 403, 503] : [200, 400, 403]), "\(counts)")
                #expect(counts[400, default: 0] > 20, "\(counts)")
                #expect(try await hello.messages().isEmpty == (verifies == "on"))
            }
        }
    }
}
