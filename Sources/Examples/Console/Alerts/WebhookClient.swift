// The connections to webhooks.

import ExampleSupport
import Synchronization
import Telemetry

/// Sends requests to webhooks, each over a connection and on a thread of its own: one that does not answer keeps nothing from another one.
///
/// ``WebhookTurns`` bounds how many there are at once.
final class WebhookClient: Sendable {
    private static let maximumAnswerBytes = 64 << 10

    private struct State {
        /// The connections of requests in progress, which a shutdown interrupts.
        var connections: [ObjectIdentifier: BlockingHTTPConnection] = [:]
        var isShutDown = false
    }

    private let state = Mutex(State())

    /// Sends a request and returns the status of its answer.
    func send(_ request: HTTPOutgoingRequest, _ tls: ClientTLS?, _ deadline: Deadline) async throws(HTTPClientError) -> Int {
        let address = request.url.authority
        if let tls, tls.context == nil { throw .tlsUnavailable(tls.problem) }
        // Messages are minutes apart: each has a connection of its own.
        let connection = BlockingHTTPConnection(
            to: request.url, tls: tls?.context, serverName: tls?.serverName, maximumResponseBytes: Self.maximumAnswerBytes)
        let isRegistered = state.withLock { state in
            if !state.isShutDown { state.connections[ObjectIdentifier(connection)] = connection }
            return !state.isShutDown
        }
        guard isRegistered else { throw .unreachable(address: address, reason: WebhookSender.stopped) }
        defer { state.withLock { _ = $0.connections.removeValue(forKey: ObjectIdentifier(connection)) } }
        let result: Result<Int, HTTPClientError> = await withCheckedContinuation { continuation in
            let isStarted = WorkerThread.start(named: "webhook") {
                continuation.resume(returning: Self.post(request, over: connection, deadline))
            }
            if !isStarted {
                continuation.resume(returning: .failure(.unreachable(address: address, reason: "the system gives no more threads")))
            }
        }
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

    /// Gives up requests in progress, and refuses later ones.
    func shutdown() {
        let connections = state.withLock { state in
            state.isShutDown = true
            return Array(state.connections.values)
        }
        for connection in connections { connection.interrupt() }
    }
}
