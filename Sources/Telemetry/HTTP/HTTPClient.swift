// An asynchronous HTTP client with connections that are kept.

import Synchronization

/// Sends requests over connections that are kept and used again.
///
/// `@unchecked`: the tables of connections are touched on the loop's thread only.
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

    private struct Host: Hashable {
        let name: String
        let port: Int
    }

    private static let maximumIdlePerHost = 64

    private let loop: EventLoop?
    private let maximumResponseBytes: Int
    private var active: [ObjectIdentifier: HTTPClientConnection] = [:]
    /// Connections without a request; the one used last is used next, so that the others can go.
    private var idle: [String: [HTTPClientConnection]] = [:]
    /// Who waits for the addresses of a host that are being asked for.
    private var resolving: [Host: [HTTPClientConnection]] = [:]
    private let isShutDown = Atomic(false)

    package init(maximumResponseBytes: Int = 4 * 1024 * 1024) {
        self.maximumResponseBytes = maximumResponseBytes
        loop = EventLoop(named: "http-client")
    }

    /// Sends a request and waits for the whole answer.
    ///
    /// A kept connection that the server turns out to have closed is replaced by a new one, once.
    ///
    /// - Throws: ``HTTPClientError``; `interrupted` when the task is cancelled.
    package func send(_ request: Request, deadline: Deadline) async throws(HTTPClientError) -> HTTPResponse {
        guard !request.url.isSecure else { throw .unsupportedScheme(request.url.description) }
        guard let loop, !isShutDown.load(ordering: .relaxed) else { throw .shutDown }
        let exchange = HTTPClientExchange(request, deadline)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                exchange.whenDone { continuation.resume(returning: $0) }
                if !loop.execute({ self.begin(exchange, mayReuse: true) }) { exchange.finish(.failure(.shutDown)) }
            }
        } onCancel: {
            exchange.finish(.failure(.interrupted))
            loop.execute { self.abandon(exchange) }
        }
        return try result.get()
    }

    /// Closes all connections; requests under way fail.
    package func shutdown() {
        guard !isShutDown.exchange(true, ordering: .relaxed) else { return }
        loop?.execute {
            for connection in Array(self.active.values) { connection.fail(.shutDown) }
            for connection in Array(self.idle.values.joined()) { connection.close() }
        }
        loop?.end()
    }

    deinit {
        // The connections hold the loop, not the client: without requests nobody else is left.
        loop?.end()
    }

    // MARK: On the loop's thread

    private func begin(_ exchange: HTTPClientExchange, mayReuse: Bool) {
        guard !exchange.isDone, let loop else { return }
        guard !isShutDown.load(ordering: .relaxed) else { return exchange.finish(.failure(.shutDown)) }
        while mayReuse, let connection = idle[exchange.request.url.authority]?.popLast() {
            guard connection.isUsable else {
                connection.close()
                continue
            }
            active[ObjectIdentifier(connection)] = connection
            return connection.start(exchange)
        }
        let connection = HTTPClientConnection(loop: loop, maximumResponseBytes: maximumResponseBytes) { [weak self] in self?.handle($0, $1) }
        active[ObjectIdentifier(connection)] = connection
        connection.start(exchange)
        resolve(Host(name: exchange.request.url.host, port: exchange.request.url.port), for: connection)
    }

    private func handle(_ event: HTTPClientConnection.Event, _ connection: HTTPClientConnection) {
        active[ObjectIdentifier(connection)] = nil
        switch event {
        case .idle:
            guard !isShutDown.load(ordering: .relaxed), idle[connection.authority, default: []].count < Self.maximumIdlePerHost else {
                return connection.close()
            }
            idle[connection.authority, default: []].append(connection)
        case .stale(let exchange):
            begin(exchange, mayReuse: false)
        case .closed:
            guard var others = idle[connection.authority] else { return }
            others.removeAll { $0 === connection }
            idle[connection.authority] = others.isEmpty ? nil : others
        }
    }

    private func abandon(_ exchange: HTTPClientExchange) {
        for connection in active.values where connection.serves(exchange) { return connection.close() }
    }

    /// Asks for a host's addresses on a thread of its own, since asking blocks: one thread a host, however many wait.
    private func resolve(_ host: Host, for connection: HTTPClientConnection) {
        guard let loop else { return }
        resolving[host, default: []].append(connection)
        guard resolving[host]?.count == 1 else { return }
        let isStarted = WorkerThread.start(named: "http-resolve") { [weak self] in
            let result = SocketAddress.resolve(host: host.name, port: host.port)
            loop.execute { self?.finishResolving(host, result) }
        }
        if !isStarted {
            let error = SocketAddress.ResolutionError(reason: "the system gives no more threads")
            finishResolving(host, .failure(error))
        }
    }

    private func finishResolving(_ host: Host, _ result: Result<[SocketAddress], SocketAddress.ResolutionError>) {
        for connection in resolving.removeValue(forKey: host) ?? [] {
            switch result {
            case .success(let addresses): connection.connect(to: addresses)
            case .failure(let error): connection.fail(.unknownHost(host.name, reason: error.reason))
            }
        }
    }
}
