// Runs services on loopback, with telemetry that tests can look into.

import ExampleSupport
import Telemetry

@testable import AlbumStore
@testable import Proxy

/// Starts services for the duration of a closure.
enum ServiceHarness {
    /// A timeout for calls that must succeed: handlers wait while other tests occupy all threads of the pool.
    static let patience = Duration.patience

    /// Returns the telemetry of a service with the given processors; metrics are exported by `/metrics` alone.
    static func telemetry(
        _ service: String, _ spans: any SpanProcessor, logs: [any LogProcessor] = [], plainNames: Set<String> = [],
        logsRequests: Bool = true
    ) throws -> ServiceTelemetry {
        let system = try TelemetrySystem.start(
            resource: .service(service), detectors: [], sampler: .alwaysOn, spans: [spans], propagators: [.traceContext],
            metrics: [.prometheus(hasEndpoint: false, options: .plain(plainNames))], logs: logs, environment: [:])
        return ServiceTelemetry(service, system, logsRequests: logsRequests)
    }

    /// Runs a closure while a handler answers on a free port.
    static func listening<Result>(_ respond: @escaping Handler, _ body: (String) async throws -> Result) async throws -> Result {
        let listener = try ServiceListener.start(host: "127.0.0.1", port: 0, options: .patient, respond)
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

    /// Runs a closure while a proxy forwards to the store at that URL.
    static func proxy(
        storeURL: String, timeout: Duration = patience, _ body: (RunningTestService) async throws -> Void
    ) async throws {
        let memory = InMemorySpanExporter()
        let application = ProxyApp.application(
            try telemetry("proxy-service", memory), transport: SocketTransport(timeout: timeout), storeURL: storeURL)
        try await listening({ await application.respond(to: $0) }) { try await body(RunningTestService(url: $0, memory: memory)) }
    }
}
