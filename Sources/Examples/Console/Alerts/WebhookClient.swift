// The connections to webhooks.

import ExampleSupport
import Synchronization
import Telemetry

/// Sends requests to webhooks; its threads are started with the first message that needs them.
final class WebhookClient: Sendable {
    private static let maximumAnswerBytes = 64 << 10
    /// Requests over TLS at once; as many as there are messages at once may wait for their turn.
    private static let secureThreads = 4

    private struct State {
        var plain: HTTPClient?
        var secure: WorkPool?
        /// Those that a thread waits for; as many as there are messages at once.
        var secureConnections: [ObjectIdentifier: BlockingHTTPConnection] = [:]
        var isShutDown = false
    }

    private let state = Mutex(State())

    /// Sends a request and returns the status of its answer.
    func send(_ request: HTTPOutgoingRequest, _ tls: ClientTLS?, _ deadline: Deadline) async throws(HTTPClientError) -> Int {
        guard let tls else { return try await plain.send(request, deadline: deadline).status }
        guard let context = tls.context else { throw .tlsUnavailable(tls.problem) }
        let address = request.url.authority
        // Messages are minutes apart: each has a connection of its own.
        let connection = BlockingHTTPConnection(
            to: request.url, tls: context, serverName: tls.serverName, maximumResponseBytes: Self.maximumAnswerBytes)
        let pool: WorkPool
        do throws(StartFailure) { pool = try secure(connection) } catch { throw .unreachable(address: address, reason: error.description) }
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

    private var plain: HTTPClient {
        state.withLock { state in
            let client = state.plain ?? HTTPClient(maximumResponseBytes: Self.maximumAnswerBytes, maximumConnectionsPerHost: 8)
            state.plain = client
            return client
        }
    }

    /// Returns the threads for a connection, which a shutdown interrupts.
    private func secure(_ connection: BlockingHTTPConnection) throws(StartFailure) -> WorkPool {
        let made = state.withLock { state -> Result<WorkPool, StartFailure> in
            guard !state.isShutDown else { return .failure(StartFailure(.unavailable, "the console stops")) }
            state.secureConnections[ObjectIdentifier(connection)] = connection
            if let pool = state.secure { return .success(pool) }
            return Result { () throws(StartFailure) in
                let pool = try WorkPool(named: "webhooks", threads: Self.secureThreads, capacity: WebhookSender.maximumMessages)
                state.secure = pool
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
        client?.shutdown()
        for connection in connections { connection.interrupt() }
    }
}
