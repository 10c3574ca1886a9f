// An asynchronous HTTP client with connections that are kept.

import Synchronization

/// Sends requests over connections that are kept and used again.
///
/// `@unchecked`: the idle connections are touched on the loop's thread only.
package final class HTTPClient: @unchecked Sendable {
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
    }

    private static let maximumIdlePerHost = 64

    private let loop: EventLoop?
    private let maximumResponseBytes: Int
    private var idle: [String: [HTTPClientConnection]] = [:]
    private let isShutDown = Atomic(false)

    package init(maximumResponseBytes: Int = 4 * 1024 * 1024) {
        self.maximumResponseBytes = maximumResponseBytes
        loop = EventLoop(named: "http-client")
    }

    /// Sends a request and waits for the whole answer.
    ///
    /// - Throws: ``HTTPClientError``; `interrupted` when the task is cancelled.
    package func send(_ request: Request, deadline: Deadline) async throws(HTTPClientError) -> HTTPResponse {
        guard !request.url.isSecure else { throw .unsupportedScheme(request.url.description) }
        guard let loop, !isShutDown.load(ordering: .relaxed) else { throw .shutDown }
        let exchange = HTTPExchange(request, deadline)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                exchange.whenDone { continuation.resume(returning: $0) }
                if !loop.execute({ self.begin(exchange, mayReuse: true) }) { exchange.finish(.failure(.shutDown)) }
            }
        } onCancel: {
            loop.execute { exchange.cancel() }
            exchange.finish(.failure(.interrupted))
        }
        return try result.get()
    }

    /// Closes all connections; requests under way fail.
    package func shutdown() {
        guard !isShutDown.exchange(true, ordering: .relaxed) else { return }
        loop?.execute {
            for connection in self.idle.values.joined() { connection.close() }
            self.idle = [:]
        }
        loop?.end()
    }

    deinit {
        loop?.end()
    }

    private func begin(_ exchange: HTTPExchange, mayReuse: Bool) {
        guard !exchange.isDone, let loop else { return }
        let authority = exchange.request.url.authority
        while mayReuse, let connection = idle[authority]?.popLast() {
            if connection.isUsable { return connection.start(exchange, isReused: true) }
            connection.close()
        }
        let url = exchange.request.url
        // Asking for addresses blocks, so it gets a thread of its own.
        let isStarted = WorkerThread.start(named: "http-resolve") {
            let result = SocketAddress.resolve(host: url.host, port: url.port)
            loop.execute { self.connect(exchange, result) }
        }
        if !isStarted { exchange.finish(.failure(.unreachable(address: authority, reason: "the system gives no more threads"))) }
    }

    private func connect(_ exchange: HTTPExchange, _ result: Result<[SocketAddress], SocketAddress.ResolutionError>) {
        guard let loop, !exchange.isDone else { return }
        switch result {
        case .failure(let error): exchange.finish(.failure(.unknownHost(exchange.request.url.host, reason: error.reason)))
        case .success(let addresses):
            let connection = HTTPClientConnection(loop: loop, addresses: addresses, maximumResponseBytes: maximumResponseBytes)
            connection.onIdle = { [weak self] connection in self?.keep(connection) }
            connection.onStale = { [weak self] exchange in self?.begin(exchange, mayReuse: false) }
            connection.start(exchange, isReused: false)
        }
    }

    private func keep(_ connection: HTTPClientConnection) {
        let authority = connection.authority
        guard idle[authority, default: []].count < Self.maximumIdlePerHost, !isShutDown.load(ordering: .relaxed) else {
            return connection.close()
        }
        idle[authority, default: []].append(connection)
    }
}

/// One request and whoever waits for its answer.
final class HTTPExchange: Sendable {
    private struct State {
        var result: Result<HTTPResponse, HTTPClientError>?
        var whenDone: (@Sendable (Result<HTTPResponse, HTTPClientError>) -> Void)?
        var onCancel: (@Sendable () -> Void)?
    }

    let request: HTTPClient.Request
    let deadline: Deadline
    private let state = Mutex(State())

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
            state.onCancel = nil
            defer { state.whenDone = nil }
            return state.whenDone
        }
        whenDone?(result)
    }

    func onCancel(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.onCancel = body } }

    func cancel() { state.withLock { $0.onCancel }?() }
}
