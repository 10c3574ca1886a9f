// The connections to webhooks.

import ExampleSupport
import Synchronization
import Telemetry

/// Sends requests to webhooks; its threads are started with the first message that needs them.
final class WebhookClient: Sendable {
    private static let maximumAnswerBytes = 64 << 10
    /// Threads for requests over TLS, each of which blocks one.
    private static let secureThreads = 8
    /// Requests over TLS to one address at once: a receiver that does not answer leaves threads to the others.
    private static let requestsOfAddress = 2
    private static let stopped = "the console stops"

    private struct State {
        var plain: HTTPClient?
        var secure: WorkPool?
        /// The connections of requests over TLS in progress, which a shutdown interrupts; never more than messages on their way.
        var secureConnections: [ObjectIdentifier: BlockingHTTPConnection] = [:]
        var isShutDown = false
    }

    private let state = Mutex(State())
    private let turns = WebhookTurns(count: requestsOfAddress, maximumWaiting: WebhookSender.maximumMessages)

    /// Sends a request and returns the status of its answer.
    func send(_ request: HTTPOutgoingRequest, _ tls: ClientTLS?, _ deadline: Deadline) async throws(HTTPClientError) -> Int {
        let address = request.url.authority
        guard let tls else {
            guard let plain else { throw .unreachable(address: address, reason: Self.stopped) }
            return try await plain.send(request, deadline: deadline).status
        }
        guard let context = tls.context else { throw .tlsUnavailable(tls.problem) }
        guard await turns.begin(address) else {
            throw .unreachable(address: address, reason: state.withLock(\.isShutDown) ? Self.stopped : "too many messages wait for it")
        }
        defer { turns.end(address) }
        // Messages are minutes apart: each has a connection of its own.
        let connection = BlockingHTTPConnection(
            to: request.url, tls: context, serverName: tls.serverName, maximumResponseBytes: Self.maximumAnswerBytes)
        let pool: WorkPool
        do throws(StartFailure) { pool = try registered(connection) } catch {
            throw .unreachable(address: address, reason: error.description)
        }
        defer { state.withLock { _ = $0.secureConnections.removeValue(forKey: ObjectIdentifier(connection)) } }
        let result: Result<Int, HTTPClientError>
        do throws(WorkPool.Full) {
            result = try await pool.run { Self.post(request, over: connection, deadline) }
        } catch { throw .unreachable(address: address, reason: "too many messages wait for others over TLS") }
        return try result.get()
    }

    private static func post(
        _ request: HTTPOutgoingRequest, over connection: BlockingHTTPConnection, _ deadline: Deadline
    ) -> Result<Int, HTTPClientError> {
        let fields = request.headers.map { (name: $0.name, value: $0.value) }
        return request.body.withUnsafeBytes { bytes in
            Result { () throws(HTTPClientError) in try connection.post(headers: fields, body: [bytes], deadline: deadline).status }
        }
    }

    /// Nil after the shutdown.
    private var plain: HTTPClient? {
        state.withLock { state in
            if state.isShutDown { return nil }
            let client = state.plain ?? HTTPClient(maximumResponseBytes: Self.maximumAnswerBytes, maximumConnectionsPerHost: 8)
            state.plain = client
            return client
        }
    }

    /// Has a shutdown interrupt a connection, and returns the threads for it.
    private func registered(_ connection: BlockingHTTPConnection) throws(StartFailure) -> WorkPool {
        let made = state.withLock { state -> Result<WorkPool, StartFailure> in
            guard !state.isShutDown else { return .failure(StartFailure(.unavailable, Self.stopped)) }
            return Result { () throws(StartFailure) in
                let pool: WorkPool
                if let made = state.secure {
                    pool = made
                } else {
                    pool = try WorkPool(named: "webhooks", threads: Self.secureThreads, capacity: WebhookSender.maximumMessages)
                    state.secure = pool
                }
                state.secureConnections[ObjectIdentifier(connection)] = connection
                return pool
            }
        }
        return try made.get()
    }

    /// Gives up requests in progress, and refuses later ones.
    func shutdown() {
        let (client, connections) = state.withLock { state in
            state.isShutDown = true
            state.secure = nil
            return (state.plain, Array(state.secureConnections.values))
        }
        turns.close()
        client?.shutdown()
        for connection in connections { connection.interrupt() }
    }
}
