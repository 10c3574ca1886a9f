// A receiver whose handling of a connection each test defines.

import func Glibc.listen
import Synchronization
import Testing

@testable import Telemetry

/// Listens on a port of this machine and runs a script on each connection, each on a thread of its own.
final class MisbehavingReceiver: Sendable {
    typealias Script = @Sendable (RawConnection, Ending) -> Void

    /// The signal that the receiver ends, which hanging scripts wait for.
    final class Ending: Sendable {
        private let semaphore = Semaphore()

        /// Waits for the signal, at most so long; returns false if it has not come.
        @discardableResult
        func wait(atMost duration: Duration = RawConnection.patience) -> Bool {
            guard semaphore.wait(until: .after(duration)) else { return false }
            // The semaphore is raised again for the next waiting thread.
            semaphore.post()
            return true
        }

        func come() { semaphore.post() }
    }

    private final class Counts: Sendable {
        let connections = Atomic(0)
    }

    let port: Int
    private let ending = Ending()
    private let wake = WakeDescriptor()
    private let counts = Counts()

    var url: String { "http://127.0.0.1:\(port)" }
    /// The number of accepted connections.
    var connections: Int { counts.connections.load(ordering: .relaxed) }

    /// Runs the scripts in turn, the last one again for all further connections.
    ///
    /// - Parameters:
    ///   - backlog: the number of connections that may wait to be accepted; further ones get no answer.
    ///   - gate: the signal that the receiver waits for before it accepts its first connection.
    init(backlog: Int32 = 1024, after gate: Semaphore? = nil, _ scripts: Script...) throws {
        let address = try #require(try SocketAddress.resolve(host: "127.0.0.1", port: 0, toListen: true).get().first)
        let listener = try Socket.listening(on: address)
        try #require(listen(listener.descriptor, backlog) == 0)
        port = try #require(listener.localAddress?.hostAndPort.port)
        let isStarted = WorkerThread.start(named: "test-receiver") { [ending, wake, counts] in
            _ = gate?.wait(until: .after(RawConnection.patience))
            while SocketWait.wait(listener, toWrite: false, or: wake, until: .after(RawConnection.patience)) == .ready {
                guard let socket = try? listener.accept() else { continue }
                let number = counts.connections.wrappingAdd(1, ordering: .relaxed).oldValue
                let script = scripts[min(number, scripts.count - 1)]
                _ = WorkerThread.start(named: "test-connection") {
                    let connection = RawConnection(socket)
                    script(connection, ending)
                    connection.close()
                }
            }
        }
        try #require(isStarted)
    }

    deinit { stop() }

    func stop() {
        ending.come()
        wake.raise()
    }

    // MARK: Scripts

    /// Answers each request with the same bytes, in one piece.
    static func answering(_ text: String) -> Script {
        { connection, _ in
            while connection.nextRequest() != nil, connection.send(text) {}
        }
    }

    /// Answers each request with a status, header lines and a body.
    static func answering(_ status: Int, _ lines: [String] = [], body: String = "") -> Script {
        answering(response(status, lines, body: body))
    }

    static let accepting = answering(200)

    /// Neither reads nor writes.
    static let hanging: Script = { _, ending in ending.wait() }

    static func response(_ status: Int, _ lines: [String] = [], body: String = "") -> String {
        (["HTTP/1.1 \(status) Status"] + lines + ["Content-Length: \(body.utf8.count)", "", body]).joined(separator: "\r\n")
    }

    static let protobuf = "Content-Type: application/x-protobuf"
}

/// A provider that exports to a misbehaving receiver, with its health and diagnostics.
struct FailingDelivery {
    /// The maximum size of a batch, small so that a few spans make several exports.
    static let batchSize = 64
    /// Retries once at once; the wait after that is longer than the timeout of any test, so that the export fails without it.
    static let oneRetry = RetryPolicy(initialDelay: .milliseconds(1), maximumDelay: .seconds(36_000), multiplier: 1e9)

    private final class Recorder: Sendable {
        let messages = Mutex<[String]>([])
    }

    let system: TelemetrySystem
    private let recorder = Recorder()

    init(
        to endpoint: String, timeout: Duration = .milliseconds(300), queueSize: Int = 2048, encoding: OTLPEncoding? = nil,
        retry: RetryPolicy = RetryPolicy(initialDelay: .milliseconds(1), maximumDelay: .milliseconds(20))
    ) throws {
        let exporter = OTLPSpanExporter(endpoint: endpoint, options: OTLPOptions(timeout: timeout, encoding: encoding, retry: retry))
        let options = BatchOptions(
            maxQueueSize: queueSize, maxExportBatchSize: Self.batchSize, scheduleDelay: .seconds(3600), exportTimeout: .seconds(3600))
        system = try TelemetrySystem.start(
            resource: .service("sender"), resourceIsComplete: true, sampler: .alwaysOn, spans: [.batch(exporter, options: options)],
            environment: [:])
        Diagnostics.setHandler { [recorder] diagnostic in recorder.messages.withLock { $0.append(diagnostic.message) } }
    }

    func end(_ count: Int, padding: Int = 0) {
        let tracer = system.tracer("failures")
        let text = String(repeating: "x", count: padding)
        for _ in 0..<count { tracer.startSpan("work", parent: .root, padding > 0 ? ["padding": .string(text)] : [:]).end() }
    }

    var health: PipelineHealth? { system.health.pipelines.first }

    /// The diagnostics about this delivery so far.
    var messages: [String] {
        guard let health else { return [] }
        return recorder.messages.withLock { $0 }.filter { $0.contains(health.name) || $0.contains(health.destination) }
    }

    /// Shuts telemetry down and restores the handler of diagnostics.
    @discardableResult
    func shutDown(within duration: Duration = .patience) async -> FlushResult {
        let result = await system.shutdown(within: duration)
        Diagnostics.setHandler(nil)
        return result
    }
}
