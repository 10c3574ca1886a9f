// Runs the hello-world service on loopback, with a notification service or an endpoint in its place.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

@testable import HelloWorld

/// A hello-world service that listens, and what it has recorded.
struct RunningHello: Sendable {
    let url: String
    let spans: InMemorySpanExporter
    let logs: InMemoryLogExporter

    func send(_ method: String, _ path: String, _ body: String = "", headers: HTTPHeaders = [:]) async throws -> ServiceResponse {
        try await SocketTransport(timeout: ServiceHarness.patience).send(method, url + path, headers: headers, body: Array(body.utf8))
    }

    func get(_ path: String) async throws -> JSONValue { try JSONValue(parsing: try await send("GET", path).body) }

    /// The messages in the log, the newest first.
    func messages() async throws -> [JSONValue] { try await get("/messages")["messages"]?.arrayValue ?? [] }

    /// The samples of a metric on the page for Prometheus, without labels of the scope.
    func samples(_ name: String) async throws -> [String] {
        try await send("GET", "/metrics").text.split(separator: "\n").filter { $0.hasPrefix("\(name){") || $0.hasPrefix("\(name) ") }.map {
            String($0)
        }
    }
}

enum HelloWorldHarness {
    /// Runs a closure while the service answers on an empty database.
    ///
    /// - Parameter subscribes: whether it has its webhook subscribed.
    static func hello(
        on kind: DatabaseKind = .sqlite, endpoint: String, subscribes: Bool = false, _ changes: [String: String] = [:],
        _ body: (RunningHello) async throws -> Void
    ) async throws {
        try await TestDatabase.withURL(kind) { database in
            let target = Target()
            try await ServiceHarness.listening({ await target.respond(to: $0) }) { url in
                var variables = [
                    "DATABASE_URL": database, "DATABASE_TIMEOUT": "60000", "DATABASE_START_TIMEOUT": "60000", "SNS_ENDPOINT": endpoint,
                    "SNS_TIMEOUT": "60000", "SNS_SUBSCRIBE_INTERVAL": "20",
                ]
                if subscribes { variables["SNS_WEBHOOK_URL"] = url + "/sns" }
                let (spans, logs) = (InMemorySpanExporter(), InMemoryLogExporter())
                let telemetry = try ServiceHarness.telemetry(
                    "app-hello-world", spans, logs: [logs], plainNames: HelloWorldApp.metricNames)
                let service = try await HelloWorldApp(
                    ServiceEnvironment(variables.merging(changes) { $1 }), telemetry, transport: nil)
                target.set(service.application)
                let result: Result<Void, any Error>
                do {
                    try await body(RunningHello(url: url, spans: spans, logs: logs))
                    result = .success(())
                } catch { result = .failure(error) }
                _ = await service.stop(within: ServiceHarness.patience)
                try result.get()
            }
        }
    }

    /// Runs a closure while the service and a notification service answer, and the webhook is subscribed.
    static func connected(
        on kind: DatabaseKind = .sqlite, _ changes: [String: String] = [:],
        _ body: (RunningHello, RunningNotifications) async throws -> Void
    ) async throws {
        try await NotificationHarness.running(on: kind) { notifications in
            try await hello(on: kind, endpoint: notifications.url, subscribes: true, changes) { hello in
                let topic = HelloWorldSettings.topic
                let isSubscribed = try await eventually {
                    try await notifications.act("GetTopicAttributes", ["TopicArn": topic]).text.contains(
                        "<key>SubscriptionsConfirmed</key><value>1</value>")
                }
                #expect(isSubscribed)
                hello.spans.reset()
                notifications.spans.reset()
                try await body(hello, notifications)
            }
        }
    }

    /// The application, which is made when the port is known.
    private final class Target: Sendable {
        private let application = Mutex<TracedApplication?>(nil)

        func set(_ application: TracedApplication) { self.application.withLock { $0 = application } }

        func respond(to request: ServiceRequest) async -> ServiceResponse {
            guard let application = application.withLock({ $0 }) else { return ServiceResponse(status: 503) }
            return await application.respond(to: request)
        }
    }
}
