// An asynchronous HTTP client with connections that are kept.

import Synchronization

/// Sends requests over connections that are kept and used again.
package final class HTTPClient: Sendable {
    /// A request to a server.
    package struct Request: Sendable {
        package var method: String
        package var url: HTTPURL
        package var headers: HTTPHeaders
        package var body: [UInt8]

        package init(method: String, url: HTTPURL, headers: HTTPHeaders = [:], body: [UInt8] = []) {
            self.method = method
            self.url = url
            self.headers = headers
            self.body = body
        }

        /// Whether sending it twice does no more than sending it once. (RFC 9110 §9.2.2.)
        var isIdempotent: Bool { ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"].contains(method) }

        /// The request as it goes over the wire. What its framing depends on is the client's alone.
        var bytes: [UInt8] {
            var text = "\(method) \(url.target) HTTP/1.1\r\n"
            if headers["Host"] == nil { text += "Host: \(url.authority)\r\n" }
            for (name, value) in headers
            where !HTTPGrammar.isSame(name, "Content-Length") && !HTTPGrammar.isSame(name, "Transfer-Encoding") {
                text += "\(name): \(value)\r\n"
            }
            if !body.isEmpty || ["POST", "PUT", "PATCH"].contains(method) { text += "Content-Length: \(body.count)\r\n" }
            return Array((text + "\r\n").utf8) + body
        }
    }

    private let pool: HTTPClientPool?
    private let isShutDown = Atomic(false)

    package init(maximumResponseBytes: Int = 4 * 1024 * 1024, maximumConnectionsPerHost: Int = 256) {
        precondition(maximumResponseBytes > 0, "A response has at least one byte.")
        precondition(maximumConnectionsPerHost > 0, "A host has at least one connection.")
        pool = EventLoop(named: "http-client").map {
            HTTPClientPool(loop: $0, maximumResponseBytes: maximumResponseBytes, maximumConnectionsPerHost: maximumConnectionsPerHost)
        }
    }

    /// Sends a request and waits for the whole answer.
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
                if !pool.loop.execute({ pool.submit(exchange) }) { exchange.finish(.failure(.shutDown)) }
            }
        } onCancel: {
            exchange.finish(.failure(.interrupted))
            pool.loop.execute { pool.cancel(exchange) }
        }
        return try result.get()
    }

    /// Closes all connections; requests under way fail.
    package func shutdown() {
        guard let pool, !isShutDown.exchange(true, ordering: .relaxed) else { return }
        pool.loop.execute { pool.shutdown() }
        pool.loop.end()
    }

    deinit {
        shutdown()
    }
}

/// One request and whoever waits for its answer.
final class HTTPExchange: Sendable {
    private struct State {
        var result: Result<HTTPResponse, HTTPClientError>?
        var whenDone: (@Sendable (Result<HTTPResponse, HTTPClientError>) -> Void)?
    }

    let request: HTTPClient.Request
    let deadline: Deadline
    private let state = Locked(State())

    init(_ request: HTTPClient.Request, _ deadline: Deadline) {
        self.request = request
        self.deadline = deadline
    }

    var isDone: Bool { state.withLock { $0.result != nil } }

    func whenDone(_ body: @escaping @Sendable (Result<HTTPResponse, HTTPClientError>) -> Void) {
        let result = state.withLock { state in
            if state.result == nil { state.whenDone = body }
            return state.result
        }
        if let result { body(result) }
    }

    /// Sets the result; only the first counts.
    func finish(_ result: Result<HTTPResponse, HTTPClientError>) {
        let whenDone = state.withLock { state -> (@Sendable (Result<HTTPResponse, HTTPClientError>) -> Void)? in
            guard state.result == nil else { return nil }
            state.result = result
            defer { state.whenDone = nil }
            return state.whenDone
        }
        whenDone?(result)
    }
}
