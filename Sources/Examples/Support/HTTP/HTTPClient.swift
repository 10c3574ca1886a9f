// The asynchronous HTTP client of the examples.

import Synchronization
package import Telemetry

/// Sends requests over a pool of keep-alive connections.
package final class HTTPClient: Sendable {
    package typealias Request = HTTPOutgoingRequest

    private let pool: HTTPClientPool?
    private let ownsLoop: Bool
    private let isShutDown = Atomic(false)

    /// - Parameter sharedLoop: the thread of the connections, which outlasts the client; nil starts one of its own.
    package init(maximumResponseBytes: Int = 4 * 1024 * 1024, maximumConnectionsPerHost: Int = 256, loop sharedLoop: EventLoop? = nil) {
        precondition(maximumResponseBytes > 0, "A response has at least one byte.")
        precondition(maximumConnectionsPerHost > 0, "A host has at least one connection.")
        ownsLoop = sharedLoop == nil
        pool = (sharedLoop ?? EventLoop(named: "http-client")).map {
            HTTPClientPool(loop: $0, maximumResponseBytes: maximumResponseBytes, maximumConnectionsPerHost: maximumConnectionsPerHost)
        }
    }

    /// Sends a request and waits for the whole response.
    ///
    /// - Throws: ``HTTPClientError``; `interrupted` when the task is cancelled.
    package func send(_ request: Request, deadline: Deadline) async throws(HTTPClientError) -> HTTPResponse {
        guard !request.url.isSecure, request.url.socketPath == nil else { throw .unsupportedScheme(request.url.description) }
        guard HTTPGrammar.isToken(request.method.utf8) else { throw .invalidRequest("the method \(request.method) is no token") }
        guard !isShutDown.load(ordering: .relaxed) else { throw .shutDown }
        guard let pool else {
            throw .unreachable(address: request.url.authority, reason: "the system gives no more threads or descriptors")
        }
        let exchange = HTTPExchange(request, deadline)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                exchange.whenDone { continuation.resume(returning: $0) }
                if pool.loop.isCurrent { return pool.submit(exchange) }
                if !pool.loop.execute({ pool.submit(exchange) }) { exchange.finish(.failure(.shutDown)) }
            }
        } onCancel: {
            exchange.finish(.failure(.interrupted))
            pool.loop.execute { pool.cancel(exchange) }
        }
        return try result.get()
    }

    /// Closes all connections; requests in progress fail.
    package func shutdown() {
        guard let pool, !isShutDown.exchange(true, ordering: .relaxed) else { return }
        pool.loop.execute { pool.shutdown() }
        if ownsLoop { pool.loop.end() }
    }

    deinit {
        shutdown()
    }
}

extension HTTPClientError {
    /// The error of requests to a client that has been shut down.
    static let shutDown = HTTPClientError.invalidRequest("the client has been shut down")

    /// Returns the error of a request to a URL that is not `http`.
    static func unsupportedScheme(_ url: String) -> HTTPClientError { .invalidRequest("\(url): only http is supported") }
}
