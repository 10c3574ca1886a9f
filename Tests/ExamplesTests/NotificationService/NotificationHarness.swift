// Runs notification services on loopback, with endpoints that record what is delivered to them.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

@testable import NotificationService

/// A notification service that listens, and what it has recorded.
struct RunningNotifications: Sendable {
    static let credentials = AWSRequestSignature.Credentials(accessKeyID: "test", secretKey: "test")

    let url: String
    let spans: InMemorySpanExporter
    let logs: InMemoryLogExporter

    func send(_ method: String, _ path: String, headers: HTTPHeaders = [:], _ body: String = "") async throws -> ServiceResponse {
        try await SocketTransport(timeout: ServiceHarness.patience).send(method, url + path, headers: headers, body: Array(body.utf8))
    }

    /// Performs an action as a client does, signed.
    func act(
        _ action: String, _ fields: KeyValuePairs<String, String> = [:], credentials: AWSRequestSignature.Credentials = credentials,
        region: String = "us-east-1", at time: Timestamp = TelemetryClock.system.now, headers: HTTPHeaders = [:]
    ) async throws -> ServiceResponse {
        let form = ([("Action", action)] + fields.map { ($0.key, $0.value) }).map { name, value in
            "\(PercentEncoding.encode(name))=\(PercentEncoding.encode(value))"
        }.joined(separator: "&")
        var headers = headers
        headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
        AWSRequestSignature(credentials, region: region, service: "sns", try LibCrypto())
            .sign("POST", try #require(HTTPURL(url)), &headers, body: Array(form.utf8), at: time)
        return try await send("POST", "/", headers: headers, form)
    }

    /// Performs an action that must succeed, and returns the text of an element of the answer.
    func value(_ element: String, of action: String, _ fields: KeyValuePairs<String, String>) async throws -> String {
        let answer = try await act(action, fields)
        #expect(answer.status == 200, "\(answer.text)")
        return try #require(answer.element(element), "\(answer.text)")
    }

    /// Makes a topic with a confirmed subscription of an endpoint; returns the names of both.
    func subscribe(
        _ endpoint: RecordingEndpoint, topic name: String = "topic", raw: Bool = false
    ) async throws -> (topic: String, subscription: String) {
        let topic = try await value("TopicArn", of: "CreateTopic", ["Name": name])
        let fields: KeyValuePairs = ["TopicArn": topic, "Protocol": "http", "Endpoint": endpoint.url, "ReturnSubscriptionArn": "true"]
        let subscription = try await value("SubscriptionArn", of: "Subscribe", fields)
        #expect(await eventually { endpoint.documents.contains { $0["Type"] == "SubscriptionConfirmation" } })
        let token = try #require(endpoint.documents.last { $0["Type"] == "SubscriptionConfirmation" }?["Token"]?.stringValue)
        #expect(try await value("SubscriptionArn", of: "ConfirmSubscription", ["TopicArn": topic, "Token": token]) == subscription)
        if raw {
            let answer = try await act(
                "SetSubscriptionAttributes",
                ["SubscriptionArn": subscription, "AttributeName": "RawMessageDelivery", "AttributeValue": "true"])
            #expect(answer.status == 200, "\(answer.text)")
        }
        return (topic, subscription)
    }
}

extension ServiceResponse {
    /// The text of an element of an XML answer.
    func element(_ name: String) -> String? {
        guard let start = text.firstRange(of: "<\(name)>")?.upperBound, let end = text[start...].firstRange(of: "</\(name)>")?.lowerBound
        else { return nil }
        return String(text[start..<end])
    }
}

/// An endpoint of subscriptions: it records requests, and answers with statuses in their order, then with 200.
final class RecordingEndpoint: Sendable {
    private struct State {
        var requests: [ServiceRequest] = []
        var statuses: [Int]
    }

    private final class Recorder: Sendable {
        let state: Mutex<State>

        init(_ statuses: [Int]) { state = Mutex(State(statuses: statuses)) }

        func take(_ request: ServiceRequest) -> Int {
            state.withLock { state in
                state.requests.append(request)
                return state.statuses.isEmpty ? 200 : state.statuses.removeFirst()
            }
        }
    }

    let url: String
    private let recorder: Recorder
    private let listener: ServiceListener

    /// - Parameter before: is waited for before a request is answered.
    init(_ statuses: [Int] = [], before: @escaping @Sendable (ServiceRequest) async -> Void = { _ in }) throws {
        let recorder = Recorder(statuses)
        listener = try ServiceListener.start(host: "127.0.0.1", port: 0, options: .patient) { request in
            await before(request)
            return ServiceResponse(status: recorder.take(request))
        }
        self.recorder = recorder
        url = "http://127.0.0.1:\(listener.port)/hook"
    }

    var requests: [ServiceRequest] { recorder.state.withLock { $0.requests } }

    /// The bodies that are JSON.
    var documents: [JSONValue] { requests.compactMap { try? JSONValue(parsing: $0.body) } }

    /// The messages of the notifications that have come, in their order.
    var messages: [String] { documents.filter { $0["Type"] == "Notification" }.compactMap { $0["Message"]?.stringValue } }

    /// Answers the next requests with these statuses.
    func answer(_ statuses: [Int]) { recorder.state.withLock { $0.statuses = statuses } }

    func stop() async { await listener.stop(within: .seconds(2)) }
}

enum NotificationHarness {
    /// Short pauses, and patience where other tests occupy the processors for long.
    static let variables = [
        "DATABASE_TIMEOUT": "60000", "DATABASE_START_TIMEOUT": "60000", "DELIVERY_POLL": "20", "DELIVERY_PAUSE": "20",
    ]

    /// Runs a closure while a notification service answers on an empty database.
    static func running(
        on kind: DatabaseKind = .sqlite, _ variables: [String: String] = [:], _ body: (RunningNotifications) async throws -> Void
    ) async throws {
        try await TestDatabase.withURL(kind) { try await running(at: $0, variables, body) }
    }

    /// Runs a closure while a notification service answers on that database.
    static func running(
        at databaseURL: String, _ changes: [String: String] = [:], _ body: (RunningNotifications) async throws -> Void
    ) async throws {
        let environment = ServiceEnvironment(variables.merging(["DATABASE_URL": databaseURL]) { $1 }.merging(changes) { $1 })
        let (spans, logs) = (InMemorySpanExporter(), InMemoryLogExporter())
        let service = try await NotificationServiceApp(
            environment, try ServiceHarness.telemetry("infra-sns", spans, logs: [logs]),
            transport: SocketTransport(timeout: ServiceHarness.patience))
        let result: Result<Void, any Error>
        do {
            try await ServiceHarness.listening({ await service.application.respond(to: $0) }) { url in
                try await body(RunningNotifications(url: url, spans: spans, logs: logs))
            }
            result = .success(())
        } catch { result = .failure(error) }
        _ = await service.stop(within: ServiceHarness.patience)
        try result.get()
    }
}
