// Runs services on loopback for tests, and looks at the spans they record.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

@testable import AlbumStore
@testable import Proxy

/// A service that listens on a free port of this host, and the spans that it has recorded.
struct RunningTestService: Sendable {
    let url: String
    let memory: InMemorySpanExporter

    /// Sends a request over a socket.
    func send(_ method: String, _ path: String, _ body: String = "", headers: HTTPHeaders = [:]) async throws -> ServiceResponse {
        try await SocketTransport(timeout: ServiceHarness.patience).send(method, url + path, headers: headers, body: Array(body.utf8))
    }

    /// The only span recorded since the last call; tests that expect one fail when there are none or several.
    func onlySpan() throws -> ReadableSpan {
        let spans = memory.finishedSpans
        memory.reset()
        #expect(spans.count == 1)
        return try #require(spans.first)
    }
}

/// Starts services for the time of a test.
enum ServiceHarness {
    /// Longer than any test needs: a handler waits for its turn while other tests occupy all threads of the pool.
    static let patience = Duration.seconds(60)

    /// Telemetry of a service whose spans go where they are told, and whose metrics wait to be asked for.
    static func telemetry(_ service: String, _ spans: any SpanProcessor, logs: [any LogProcessor] = []) throws -> ServiceTelemetry {
        let system = try TelemetrySystem.start(
            resource: .service(service), detectors: [], sampler: .alwaysOn, spans: [spans], propagators: [.traceContext],
            metrics: [.prometheus(hasEndpoint: false)], logs: logs, environment: [:])
        return ServiceTelemetry(service, system)
    }

    /// Answers on a free port while the body runs.
    static func listening<Result>(_ respond: @escaping Handler, _ body: (String) async throws -> Result) async throws -> Result {
        let listener = try ServiceListener.start(host: "127.0.0.1", port: 0, respond)
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body("http://127.0.0.1:\(listener.port)")) } catch { result = .failure(error) }
        await listener.stop(within: .seconds(2))
        return try result.get()
    }

    static func albumStore(_ body: (RunningTestService) async throws -> Void) async throws {
        let memory = InMemorySpanExporter()
        let application = AlbumStoreApp.application(try telemetry("album-store", memory))
        try await listening({ await application.respond(to: $0) }) { try await body(RunningTestService(url: $0, memory: memory)) }
    }

    /// A proxy before whatever listens at the URL.
    static func proxy(
        storeURL: String, timeout: Duration = patience, _ body: (RunningTestService) async throws -> Void
    ) async throws {
        let memory = InMemorySpanExporter()
        let application = ProxyApp.application(
            try telemetry("proxy-service", memory), transport: SocketTransport(timeout: timeout), storeURL: storeURL)
        try await listening({ await application.respond(to: $0) }) { try await body(RunningTestService(url: $0, memory: memory)) }
    }
}

/// What the contract says about the span of a request.
struct SpanContract: Sendable, Equatable {
    var name: String
    var status: SpanStatus
    /// Those that begin with the name of a service: what the handlers set.
    var attributes: [String: AttributeValue] = [:]
    var events: [String] = []

    init(name: String, status: SpanStatus, attributes: [String: AttributeValue] = [:], events: [String] = []) {
        self.name = name
        self.status = status
        self.attributes = attributes
        self.events = events
    }

    init(_ span: ReadableSpan) {
        name = span.name
        status = span.status
        for (key, value) in span.attributes where key.hasPrefix("album-store.") || key.hasPrefix("proxy-service.") {
            attributes[key] = value
        }
        events = span.events.map(\.name)
    }
}
