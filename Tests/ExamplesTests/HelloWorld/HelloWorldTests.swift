// The hello-world service by the rows of its contract.

import ExampleSupport
import Telemetry
import Testing

@testable import Accounts
@testable import Books
@testable import HelloWorld
@testable import NotificationService

struct HelloWorldTests {
    @Test("POC-01: GET / publishes a message and answers with its topic and duration")
    func greetingIsPublished() async throws {
        try await HelloWorldHarness.connected { hello, _ in
            let answer = try await hello.send("GET", "/")
            #expect(answer.status == 200 && answer.headers["Content-Type"] == "application/json; charset=utf-8")
            let shape = /\{"message":"Hello World!","sns":\{"topic":"hello-world-topic","status":"published","duration":"\d+\.\d{3}s"\}\}/
            #expect(answer.text.wholeMatch(of: shape) != nil, "\(answer.text)")
            #expect(try await eventually { try await hello.messages().count == 1 })
            let message = try #require(try await hello.messages().first?["message"])
            #expect(message["app"] == "app-hello-world" && message["message"] == "Hello World!")
            #expect(message["timestamp"]?.stringValue.flatMap { CalendarTime($0) } != nil)
        }
    }

    @Test("POC-01: a failure to publish is a 500 with its reason")
    func failedPublishIsAnswered() async throws {
        try await NotificationHarness.running { notifications in
            // The topic is not there yet.
            try await HelloWorldHarness.hello(endpoint: notifications.url) { hello in
                let answer = try await hello.send("GET", "/")
                #expect(answer.status == 500)
                #expect(answer.text == #"{"error":"Error publishing to SNS","details":"NotFound (404): Topic does not exist"}"#)
                #expect(hello.logs.finishedRecords.contains { $0.body?.stringValue == "Error publishing to SNS" })
                let publish = try #require(hello.spans.finishedSpans.first { $0.kind == .producer })
                #expect(publish.status == .error("NotFound (404): Topic does not exist"))
            }
            try await HelloWorldHarness.hello(endpoint: "http://127.0.0.1:1") { hello in
                let answer = try await hello.send("GET", "/")
                #expect(answer.status == 500 && answer.text.hasPrefix(#"{"error":"Error publishing to SNS","details":""#))
                #expect(try await hello.samples("sns_publish_total").contains { $0.contains(#"status="error""#) && $0.hasSuffix(" 1") })
            }
            try await HelloWorldHarness.hello(endpoint: notifications.url, ["AWS_SECRET_ACCESS_KEY": "wrong"]) { (hello) async throws in
                #expect(try await hello.send("GET", "/").text.contains("SignatureDoesNotMatch (403)"))
            }
        }
    }

    @Test("POC-03, POC-11: health and metrics have their documented form")
    func healthAndMetrics() async throws {
        try await HelloWorldHarness.connected { hello, _ in
            let health = try await hello.get("/health")
            #expect(health["status"] == "healthy" && health["timestamp"]?.stringValue.flatMap { CalendarTime($0) } != nil)
            #expect(health["uptime"] != nil)
            _ = try await hello.send("GET", "/")
            let unknown = try await hello.send("GET", "/no/<such>")
            #expect(unknown.status == 404 && unknown.text.contains("<pre>Cannot GET /no/&lt;such&gt;</pre>"))
            #expect(try await hello.send("DELETE", "/health").status == 404)
            func value(_ name: String, _ labels: String...) async throws -> String? {
                try await hello.samples(name).first { sample in labels.allSatisfy { sample.contains($0) } }?.split(separator: " ").last.map
                {
                    String($0)
                }
            }
            #expect(try await value("http_requests_total", #"method="GET""#, #"route="/""#, #"status_code="200""#) == "1")
            #expect(try await value("http_requests_total", #"route="/health""#) == "1")
            #expect(try await value("http_requests_total", #"route="unmatched""#, #"method="GET""#, #"status_code="404""#) == "1")
            #expect(try await value("http_requests_total", #"route="/metrics""#) != nil, "Scrapes count as well.")
            #expect(try await value("sns_publish_total", #"topic="hello-world-topic""#, #"status="success""#) == "1")
            #expect(try await value("sns_publish_duration_seconds_count", #"topic="hello-world-topic""#) == "1")
            let page = try await hello.send("GET", "/metrics").text
            for line in [
                "# TYPE http_requests_total counter", "# TYPE http_request_duration_seconds histogram", "# TYPE active_connections gauge",
                "# TYPE sns_publish_total counter", "# TYPE sns_publish_duration_seconds histogram",
            ] { #expect(page.contains(line + "\n"), "\(line)") }
            let bounds = page.matches(of: /http_request_duration_seconds_bucket\{[^}]*route="\/health"[^}]*le="([^"]+)"/).map {
                String($0.1)
            }
            #expect(bounds.compactMap { Double($0) }.filter(\.isFinite) == NodeRequestMetrics.boundaries)
        }
    }

    @Test("POC-11: a request whose client has gone is no active connection")
    func abortedRequestDoesNotLeak() async throws {
        let gate = Gate()
        let endpoint = try RecordingEndpoint(before: { _ in await gate.pass() })
        try await HelloWorldHarness.hello(endpoint: endpoint.url) { (hello) async throws in
            let gone = Task { try await hello.send("GET", "/") }
            #expect(await eventually { gate.arrivals == 1 })
            #expect(try await hello.samples("active_connections").first?.hasSuffix(" 2") == true, "It, and the one for the metrics.")
            gone.cancel()
            _ = await gone.result
            gate.open()
            #expect(try await eventually { try await hello.samples("active_connections").first?.hasSuffix(" 1") == true })
        }
        await endpoint.stop()
    }

    @Test(
        "POC-05: messages are in the database and the last one in Redis",
        .enabled(if: RedisServer.program != nil, "redis-server is installed"))
    func lastMessageIsInRedis() async throws {
        let folder = try TemporaryDirectory()
        let server = try RedisServer(folder: folder.path)
        let redis = ["REDIS_URL": "redis://:\(RedisServer.password)@127.0.0.1:\(server.port)", "REDIS_TIMEOUT": "60000"]
        try await HelloWorldHarness.connected(redis) { hello, _ in
            #expect(try await hello.send("GET", "/messages/last").status == 404)
            #expect(try await hello.send("GET", "/").status == 200)
            #expect(try await eventually { try await hello.get("/messages/last")["source"] == "redis" })
            let (last, log) = (try await hello.get("/messages/last")["message"], try await hello.messages().first)
            #expect(last != nil && last == log)
            #expect(hello.spans.finishedSpans.contains { $0.name.hasPrefix("SET ") && $0.attributes["db.system.name"] == "redis" })
        }
        withExtendedLifetime(server) {}
    }

    @Test("POC-05: without Redis the last message comes from the database", arguments: DatabaseKind.available)
    func lastMessageIsInTheDatabase(kind: DatabaseKind) async throws {
        try await HelloWorldHarness.connected(on: kind, ["REDIS_URL": "redis://127.0.0.1:1", "REDIS_TIMEOUT": "50"]) { hello, _ in
            for count in 1...3 {
                #expect(try await hello.send("GET", "/").status == 200)
                #expect(try await eventually { try await hello.messages().count == count })
            }
            let (last, newest) = (try await hello.get("/messages/last"), try await hello.messages().first)
            #expect(last["source"] == "database" && last["message"] == newest)
            #expect(try await hello.get("/messages?limit=2")["messages"]?.arrayValue?.count == 2)
            for limit in ["0", "501", "x"] { #expect(try await hello.send("GET", "/messages?limit=\(limit)").status == 400) }
        }
    }

    @Test("POC-06: applications are named app-, what they stand on infra-; messages have the name of their application")
    func namesFollowTheirRule() async throws {
        #expect([HelloWorldApp.name, AccountsApp.name, BooksApp.name] == ["app-hello-world", "app-auth", "app-books"])
        #expect(NotificationServiceApp.name == "infra-sns")
        try await HelloWorldHarness.connected { hello, _ in
            _ = try await hello.send("GET", "/")
            #expect(try await eventually { try await hello.messages().first?["message"]?["app"] == .string(HelloWorldApp.name) })
        }
    }

    @Test(arguments: [
        ("SNS_ENDPOINT", "localhost:4566"), ("SNS_TOPIC_ARN", "hello"), ("SNS_WEBHOOK_URL", "/sns"), ("SNS_VERIFY", "no"),
        ("MESSAGE_LOG", "0"),
    ])
    func wrongVariableIsNamed(name: String, value: String) {
        #expect { try HelloWorldSettings(ServiceEnvironment([name: value])) } throws: {
            "\($0)".contains("\(name) is \"\(value)\"; it must be")
        }
    }
}
