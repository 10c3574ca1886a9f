// The connection pool of the asynchronous client.

import Telemetry

/// The open and idle connections of a client, and the requests that wait for one.
///
/// `@unchecked`: used on the loop's thread only.
final class HTTPClientPool: EventHandler, HTTPClientConnectionOwner, @unchecked Sendable {
    private struct Waiting {
        let exchange: HTTPExchange
        /// True if a kept connection has failed the request, so that it needs a new one.
        let needsNewConnection: Bool
    }

    private struct Host {
        let name: String
        let port: Int
        /// The idle ones, the last used last.
        var idle: [HTTPClientConnection] = []
        /// All connections that are open or connecting.
        var open: [ObjectIdentifier: HTTPClientConnection] = [:]
        var waiting: [Waiting] = []
        var addresses: [SocketAddress] = []
        var addressesExpire = Deadline.never
        var isResolving = false

        var isUnused: Bool { open.isEmpty && waiting.isEmpty && !isResolving }
    }

    private static let maximumHosts = 256
    private static let maximumWaiting = 10_000
    private static let maximumResolvers = 8
    /// How long the addresses of a host are cached.
    private static let addressLifetime = Duration.seconds(30)

    let loop: EventLoop
    private let maximumResponseBytes: Int
    private let maximumConnectionsPerHost: Int
    private var hosts: [String: Host] = [:]
    private var hostsToResolve: [String] = []
    private var resolverCount = 0
    private var waitingCount = 0
    private var key: UInt64?
    private var isShutDown = false

    init(loop: EventLoop, maximumResponseBytes: Int, maximumConnectionsPerHost: Int) {
        self.loop = loop
        self.maximumResponseBytes = maximumResponseBytes
        self.maximumConnectionsPerHost = maximumConnectionsPerHost
    }

    // MARK: Requests

    func submit(_ exchange: HTTPExchange) {
        loop.assertIsCurrent()
        guard !isShutDown else { return exchange.finish(.failure(.shutDown)) }
        if key == nil { key = loop.add(self) }
        let url = exchange.request.url
        guard waitingCount < Self.maximumWaiting else {
            return exchange.finish(.failure(.unreachable(address: url.authority, reason: "too many requests are waiting")))
        }
        if hosts[url.authority]?.waiting.isEmpty == true, !exchange.isDone, let connection = idleConnection(url.authority) {
            return connection.reuse(exchange)
        }
        if hosts.count >= Self.maximumHosts, hosts[url.authority] == nil { hosts = hosts.filter { !$0.value.isUnused } }
        enqueue(Waiting(exchange: exchange, needsNewConnection: false), first: false)
    }

    private func enqueue(_ waiting: Waiting, first: Bool) {
        loop.assertIsCurrent()
        let url = waiting.exchange.request.url
        let authority = url.authority
        var host = hosts[authority] ?? Host(name: url.host, port: url.port)
        host.waiting.insert(waiting, at: first ? 0 : host.waiting.count)
        hosts[authority] = host
        waitingCount += 1
        loop.check(at: waiting.exchange.deadline.nanoseconds)
        serve(authority)
    }

    func cancel(_ exchange: HTTPExchange) {
        loop.assertIsCurrent()
        guard let host = hosts[exchange.request.url.authority] else { return }
        for connection in host.open.values where connection.exchange === exchange { connection.close() }
    }

    func shutdown() {
        loop.assertIsCurrent()
        isShutDown = true
        let known = hosts
        hosts = [:]
        for host in known.values {
            for connection in host.open.values { connection.fail(.shutDown) }
            for waiting in host.waiting { waiting.exchange.finish(.failure(.shutDown)) }
        }
        if let key { loop.remove(key) }
    }

    /// Assigns connections to the requests that wait for a host, within the limit of connections.
    private func serve(_ authority: String) {
        while let next = hosts[authority]?.waiting.first {
            if next.exchange.isDone {
                dropFirst(authority)
                continue
            }
            if !next.needsNewConnection, let connection = idleConnection(authority) {
                dropFirst(authority)
                connection.reuse(next.exchange)
                continue
            }
            guard let host = hosts[authority], host.open.count < maximumConnectionsPerHost else { return }
            guard let addresses = addresses(of: authority) else { return }
            dropFirst(authority)
            let connection = HTTPClientConnection(self, authority: authority, maximumResponseBytes: maximumResponseBytes)
            hosts[authority]?.open[ObjectIdentifier(connection)] = connection
            connection.start(next.exchange, addresses)
        }
    }

    /// Takes a kept connection that is still open; ends those that are not.
    private func idleConnection(_ authority: String) -> HTTPClientConnection? {
        while let connection = hosts[authority]?.idle.popLast() {
            if connection.isUsable { return connection }
            connection.close()
        }
        return nil
    }

    private func dropFirst(_ authority: String) {
        hosts[authority]?.waiting.removeFirst()
        waitingCount -= 1
    }

    /// Called when the loop ends: the pool has no socket.
    func isReady(_ readiness: Poller.Readiness) { shutdown() }

    func checkTime(_ now: UInt64) -> UInt64 {
        var next = UInt64.max
        for (authority, host) in hosts where !host.waiting.isEmpty {
            for waiting in host.waiting where waiting.exchange.deadline.nanoseconds <= now && waiting.exchange.deadline != .never {
                waiting.exchange.finish(.failure(.timedOut(address: authority)))
            }
            let left = host.waiting.filter { !$0.exchange.isDone }
            waitingCount -= host.waiting.count - left.count
            hosts[authority]?.waiting = left
            next = left.reduce(next) { min($0, $1.exchange.deadline.nanoseconds) }
        }
        return next
    }

    // MARK: What connections report

    func becameIdle(_ connection: HTTPClientConnection) {
        loop.assertIsCurrent()
        hosts[connection.authority]?.idle.append(connection)
        serve(connection.authority)
    }

    func closed(_ connection: HTTPClientConnection) {
        loop.assertIsCurrent()
        guard var host = hosts[connection.authority] else { return }
        host.open[ObjectIdentifier(connection)] = nil
        host.idle.removeAll { $0 === connection }
        hosts[connection.authority] = host
        serve(connection.authority)
    }

    /// Retries a request that a kept connection has failed.
    func takeBack(_ exchange: HTTPExchange) {
        loop.assertIsCurrent()
        guard !isShutDown else { return exchange.finish(.failure(.shutDown)) }
        enqueue(Waiting(exchange: exchange, needsNewConnection: true), first: true)
    }

    /// Discards addresses that do not respond: the host may have moved.
    func forgetAddresses(of authority: String) {
        loop.assertIsCurrent()
        hosts[authority]?.addresses = []
    }

    // MARK: Addresses

    /// Returns the addresses of a host; nil while they are looked up.
    private func addresses(of authority: String) -> [SocketAddress]? {
        guard let host = hosts[authority] else { return nil }
        if !host.addresses.isEmpty, !host.addressesExpire.hasPassed { return host.addresses }
        if case .success(let addresses) = SocketAddress.resolve(host: host.name, port: host.port, isNumeric: true) {
            hosts[authority]?.addresses = addresses
            hosts[authority]?.addressesExpire = .never
            return addresses
        }
        guard !host.isResolving else { return nil }
        hosts[authority]?.isResolving = true
        hostsToResolve.append(authority)
        resolveNext()
        return nil
    }

    /// Looks up addresses on threads of their own, since the resolver blocks; their number is limited.
    private func resolveNext() {
        while resolverCount < Self.maximumResolvers, !hostsToResolve.isEmpty {
            let authority = hostsToResolve.removeFirst()
            guard let host = hosts[authority] else { continue }
            let (name, port, loop) = (host.name, host.port, loop)
            resolverCount += 1
            let isStarted = WorkerThread.start(named: "http-resolve") {
                let result = SocketAddress.resolve(host: name, port: port)
                loop.execute { self.resolved(authority, result) }
            }
            if !isStarted {
                let error = SocketAddress.ResolutionError(reason: "the system gives no more threads")
                // Deferred: a request may be in the middle of `serve`.
                loop.execute { self.resolved(authority, .failure(error)) }
            }
        }
    }

    private func resolved(_ authority: String, _ result: Result<[SocketAddress], SocketAddress.ResolutionError>) {
        loop.assertIsCurrent()
        resolverCount -= 1
        hosts[authority]?.isResolving = false
        switch result {
        case .success(let addresses):
            hosts[authority]?.addresses = addresses
            hosts[authority]?.addressesExpire = .after(Self.addressLifetime)
            serve(authority)
        case .failure(let error):
            guard let host = hosts[authority] else { break }
            hosts[authority]?.waiting = []
            waitingCount -= host.waiting.count
            for waiting in host.waiting { waiting.exchange.finish(.failure(.unknownHost(host.name, reason: error.reason))) }
        }
        resolveNext()
    }
}
