// The webhook of the hello-world service: what it takes, and what it does not believe.

import ExampleSupport
import Telemetry
import Testing

@testable import HelloWorld
@testable import NotificationService

struct WebhookTests {
    /// A notification that is signed by a key whose certificate that URL has.
    private func message(
        _ text: String = "Hello", id: String = "m-1", topic: String = HelloWorldSettings.topic, signedBy key: RSASigningKey,
        certificateURL: String, version: String = "1"
    ) -> SNSMessage {
        var message = SNSMessage(.notification, id: id, topic: topic, message: text, timestamp: "2026-01-17T09:30:00.000Z")
        message.signatureVersion = version
        message.certificateURL = certificateURL
        message.signature = key.signature(of: message.signedText, version == "1" ? .sha1 : .sha256)
        return message
    }

    /// Runs a closure with a service that believes a notification service at an address where this key's certificate is.
    private func verifying(
        _ key: RSASigningKey, _ body: (RunningHello, _ certificateURL: String, _ requests: Gate) async throws -> Void
    ) async throws {
        let requests = Gate()
        try await ServiceHarness.listening({ request in
            requests.arrive()
            return request.path == "/cert.pem" ? .text(key.certificate) : ServiceResponse(status: 404)
        }) { url in
            try await HelloWorldHarness.hello(endpoint: url) { try await body($0, url + "/cert.pem", requests) }
        }
    }

    @Test("POC-02: JSON and plain text are taken, and JSON that is no message as well")
    func bothMediaTypesAreTaken() async throws {
        let key = try RSASigningKey(name: "sns.test")
        try await verifying(key) { (hello, url, _) async throws in
            for (number, type) in ["text/plain; charset=UTF-8", "application/json"].enumerated() {
                let body = message(id: "m-\(number)", signedBy: key, certificateURL: url, version: "\(number + 1)").json.description
                let answer = try await hello.send("POST", "/sns", body, headers: ["Content-Type": type])
                #expect(answer.status == 200 && answer.text == "Received SNS message")
            }
            #expect(try await hello.messages().compactMap { $0["messageId"]?.stringValue } == ["m-1", "m-0"])
            #expect(try await hello.send("POST", "/sns", #"{"hello":"world"}"#).text == "Received SNS message")
            #expect(try await hello.messages().count == 2)
            let lines = hello.logs.finishedRecords.filter { $0.body?.stringValue == "Received SNS message:" }
            #expect(lines.count == 3 && lines.last?.attributes["sns.message"] == #"{"hello":"world"}"#)
            let nul = message(id: "m-2", signedBy: key, certificateURL: url).json.description.replacing("m-2", with: #"m-2\u0000"#)
            for body in ["", "hello", #"{"Type":"Notification"}"#, #"{"Type":"Other","MessageId":"1"}"#, nul] {
                #expect(try await hello.send("POST", "/sns", body).status == 400)
            }
        }
    }

    @Test("POC-02: a message with a wrong signature is refused and not kept")
    func wrongSignatureIsRefused() async throws {
        let (key, stranger) = (try RSASigningKey(name: "sns.test"), try RSASigningKey(name: "sns.test"))
        try await verifying(key) { (hello, url, _) async throws in
            var changed = message(signedBy: key, certificateURL: url)
            changed.message = "Another"
            var unsigned = message(signedBy: key, certificateURL: url)
            unsigned.signature = []
            var unknown = message(signedBy: key, certificateURL: url)
            unknown.signatureVersion = "3"
            for forged in [changed, unsigned, unknown, message(signedBy: stranger, certificateURL: url)] {
                let answer = try await hello.send("POST", "/sns", forged.json.description)
                #expect(answer.status == 403 && answer.text.contains("The message was not accepted"), "\(answer.text)")
            }
            let foreign = message(topic: "arn:aws:sns:us-east-1:000000000000:other", signedBy: key, certificateURL: url)
            #expect(try await hello.send("POST", "/sns", foreign.json.description).status == 403)
            #expect(try await hello.messages().isEmpty)
        }
    }

    @Test("POC-02: a certificate is fetched from the notification service alone, and once")
    func certificateHostIsChecked() async throws {
        let key = try RSASigningKey(name: "sns.test")
        let asked = Gate()
        try await verifying(key) { (hello, url, requests) async throws in
            try await ServiceHarness.listening({ _ in
                asked.arrive()
                return .text(key.certificate)
            }) { stranger in
                let port = (url.split(separator: ":").last ?? "").prefix { $0.isNumber }
                for other in [
                    stranger + "/cert.pem", "http://user@127.0.0.1:\(port)", "https://127.0.0.1:\(port)",
                    "http://127.0.0.1:\(port).invalid/cert.pem",
                    "https://sns.us-east-1.amazonaws.com.invalid/cert.pem", "https://sns.eu-west-1.amazonaws.com/cert.pem",
                    "file:///cert.pem", "",
                ] {
                    let answer = try await hello.send("POST", "/sns", message(signedBy: key, certificateURL: other).json.description)
                    #expect(answer.status == 403, "\(other)")
                }
            }
            #expect(asked.arrivals == 0 && requests.arrivals == 0)
            for number in 0..<5 {
                let body = message(id: "m-\(number)", signedBy: key, certificateURL: url).json.description
                #expect(try await hello.send("POST", "/sns", body).status == 200)
            }
            #expect(requests.arrivals == 1)
            let missing = message(signedBy: key, certificateURL: url.replacing("cert.pem", with: "none.pem"))
            #expect(try await hello.send("POST", "/sns", missing.json.description).status == 503, "It may be there later.")
        }
    }

    @Test("POC-02: a subscription is confirmed at the notification service alone")
    func confirmationGoesToTheNotificationService() async throws {
        let key = try RSASigningKey(name: "sns.test")
        try await verifying(key) { (hello, url, requests) async throws in
            var question = SNSMessage(
                .subscriptionConfirmation, id: "q-1", topic: HelloWorldSettings.topic, message: "Confirm?",
                timestamp: "2026-01-17T09:30:00.000Z")
            question.token = "t"
            question.certificateURL = url
            question.subscribeURL = "http://127.0.0.1:1/?Action=ConfirmSubscription"
            question.signature = key.signature(of: question.signedText, .sha1)
            #expect(try await hello.send("POST", "/sns", question.json.description).status == 403)
            let before = requests.arrivals
            question.subscribeURL = url.replacing("/cert.pem", with: "/?Action=ConfirmSubscription")
            question.signature = key.signature(of: question.signedText, .sha1)
            // This notification service knows no such action: the question is to be asked again.
            #expect(try await hello.send("POST", "/sns", question.json.description).status == 503)
            #expect(requests.arrivals == before + 1)
        }
    }

    @Test("POC-02: a message that comes twice is kept once")
    func repeatedMessageIsKeptOnce() async throws {
        let key = try RSASigningKey(name: "sns.test")
        try await verifying(key) { (hello, url, _) async throws in
            let body = message(signedBy: key, certificateURL: url).json.description
            for _ in 1...3 { #expect(try await hello.send("POST", "/sns", body).status == 200) }
            #expect(try await hello.messages().count == 1)
        }
    }

    @Test("POC-04: a webhook that is away gets what was published meanwhile")
    func outageLosesNothing() async throws {
        try await NotificationHarness.running { notifications in
            try await TestDatabase.withURL(.sqlite) { database in
                // Its address stays; first it is away, then it is there.
                let other = try RecordingEndpoint()
                let (topic, _) = try await notifications.subscribe(other, topic: "hello-world-topic")
                try await HelloWorldHarness.hello(endpoint: notifications.url, subscribes: true, ["DATABASE_URL": database]) { hello in
                    let confirmed = try await eventually {
                        try await notifications.act("GetTopicAttributes", ["TopicArn": topic]).text.contains(
                            "Confirmed</key><value>2</value>")
                    }
                    #expect(confirmed)
                    other.answer(Array(repeating: 503, count: 20))
                    for _ in 0..<10 { #expect(try await hello.send("GET", "/").status == 200) }
                    #expect(try await eventually { try await hello.messages().count == 10 })
                    #expect(await eventually { Set(other.documents.compactMap { $0["MessageId"]?.stringValue }).count == 11 })
                }
                await other.stop()
            }
        }
    }
}
