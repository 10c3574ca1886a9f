// Runs sidecars on loopback, with telemetry that tests can look into.

import ExampleSupport
import Synchronization
import Testing

@testable import Sidecar
@testable import Telemetry

/// A sidecar of a test, and what it has recorded.
struct RunningSidecar: Sendable {
    let server: SidecarServer
    let telemetry: ServiceTelemetry
    let spans: InMemorySpanExporter
    let logs: InMemoryLogExporter

    /// The port of the first listener.
    var port: Int { server.ports[0] }

    /// Runs a closure with a sidecar of a file.
    static func with(_ file: String, _ body: (RunningSidecar) async throws -> Void) async throws {
        let configuration = try ConfigurationReader.configuration(Array(file.utf8), file: "test.yaml")
        let (spans, logs) = (InMemorySpanExporter(), InMemoryLogExporter())
        let telemetry = try ServiceHarness.telemetry("sidecar", spans, logs: [logs])
        let sidecar = RunningSidecar(server: try SidecarServer(configuration, telemetry), telemetry: telemetry, spans: spans, logs: logs)
        let result: Result<Void, any Error>
        do { result = .success(try await body(sidecar)) } catch { result = .failure(error) }
        await sidecar.server.stop(within: .seconds(10))
        _ = await telemetry.stop(within: .seconds(10))
        try result.get()
    }

    /// Runs a closure with a sidecar that passes everything on to one port.
    ///
    /// - Parameters:
    ///   - listener: further fields of the listener, in YAML's flow style.
    ///   - upstream: further fields of the upstream; without timeouts among them it is waited for as long as a test may last.
    ///   - route: further fields of the route.
    static func before(
        _ port: Int, listener: String = "", upstream: String = "", route: String = "", _ body: (RunningSidecar) async throws -> Void
    ) async throws {
        let timeouts = upstream.contains("timeouts: ") ? "" : ", timeouts: {connect: 1m, first_byte: 1m}"
        try await with(
            """
            listeners: [{name: in, port: 0, routes: [{upstream: web\(route)}]\(listener)}]
            upstreams: {web: {endpoints: ["127.0.0.1:\(port)"]\(upstream)\(timeouts)}}
            """, body)
    }

    /// Sends the text on a new connection, and returns what comes until the sidecar closes it.
    func answer(to text: String) async -> String { await RawConnection.answer(port: port, to: text) }

    /// Opens a connection for a script on a thread of its own.
    func connected<Value: Sendable>(_ script: @escaping @Sendable (RawConnection) -> Value) async throws -> Value {
        let port = port
        return try #require(await onOwnThread { RawConnection(port: port).map(script) })
    }

    /// The finished spans of a kind, once there are as many.
    func finished(_ kind: SpanKind, count: Int = 1) async -> [ReadableSpan] {
        _ = await eventually { spans.finishedSpans.filter { $0.kind == kind }.count >= count }
        return spans.finishedSpans.filter { $0.kind == kind }
    }

    /// Whether the sidecar reads nothing more of an answer, since its client takes none, and holds at most 320 KiB of it.
    func hasStoppedReading() async -> Bool {
        await withCheckedContinuation { continuation in
            let isLive = server.loop.execute {
                guard let client = server.connections.values.first, let connection = client.exchange?.connection, let link = connection.link
                else { return continuation.resume(returning: false) }
                let held = connection.input.count + client.link.pendingCount
                continuation.resume(returning: !link.isReading && client.link.isFull && held <= 320 << 10)
            }
            if !isLive { continuation.resume(returning: false) }
        }
    }

    /// The words of the circuit breakers of the first upstream.
    func breakers() async -> [String] {
        let state = await server.state()
        return state["upstreams"]?[0]?["endpoints"]?.arrayValue?.compactMap { $0["circuit_breaker"]?.stringValue } ?? []
    }
}

/// What scripted upstreams note for a test.
final class Notes<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])

    var all: [Value] { values.withLock { $0 } }

    func add(_ value: Value) { values.withLock { $0.append(value) } }
}

extension RawConnection {
    /// Reads a request with a head alone, as text.
    func readHead() -> String { read(until: "\r\n\r\n") }
}

/// Lets the thread of a script wait for a test, once.
final class OneSignal: Sendable {
    private let semaphore = Semaphore()

    func raise() { semaphore.post() }

    func wait() { _ = semaphore.wait(until: .after(RawConnection.patience)) }
}
