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

    /// An object, since every request uses several of its parts.
    private final class Host {
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
        /// Whether requests that have come together will be served in this round of the loop.
        var isServedSoon = false
        /// True while connections are assigned, which may close some and so get there again.
        var isBeingServed = false
        /// Until when requests share no connections: those behind others had to wait for them, or were not answered.
        var pipelinesFrom = Deadline(nanoseconds: 0)

        init(name: String, port: Int) {
            self.name = name
            self.port = port
        }

        var isUnused: Bool { open.isEmpty && waiting.isEmpty && !isResolving }
    }

    /// Requests that share a connection before the first of them is answered, where they allow it.
    private static let maximumPipelined = 8
    private static let maximumHosts = 256
    private static let maximumWaiting = 10_000
    private static let maximumResolvers = 8
    /// How long the addresses of a host are cached.
    private static let addressLifetime = Duration.seconds(30)

    let loop: EventLoop
    /// How long requests may wait for the answers to those before them on their connection.
    private let maximumSpread: Duration
    /// How long they wait for the answer before theirs, until they are sent again on connections of their own.
    private let maximumSilence: Duration
    /// How long they then share none.
    private let pipeliningPause: Duration
    private let maximumResponseBytes: Int
    private let maximumConnectionsPerHost: Int
    private var hosts: [String: Host] = [:]
    private var hostsToResolve: [String] = []
    private var resolverCount = 0
    private var waitingCount = 0
    private var key: UInt64?
    private var isShutDown = false

    init(
        loop: EventLoop, maximumResponseBytes: Int, maximumConnectionsPerHost: Int, maximumSpread: Duration = .milliseconds(5),
        maximumSilence: Duration = .milliseconds(50), pipeliningPause: Duration = .seconds(1)
    ) {
        self.loop = loop
        self.maximumSpread = maximumSpread
        self.maximumSilence = maximumSilence
        self.pipeliningPause = pipeliningPause
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
        let known = hosts[url.authority]
        if let known, known.waiting.isEmpty, !exchange.request.allowsPipelining, !exchange.isDone, let connection = idleConnection(known) {
            return connection.reuse(exchange)
        }
        if hosts.count >= Self.maximumHosts, known == nil { hosts = hosts.filter { !$0.value.isUnused } }
        enqueue(Waiting(exchange: exchange, needsNewConnection: false), first: false)
    }

    private func enqueue(_ waiting: Waiting, first: Bool) {
        loop.assertIsCurrent()
        let url = waiting.exchange.request.url
        let known = hosts[url.authority]
        let host = known ?? Host(name: url.host, port: url.port)
        if known == nil { hosts[url.authority] = host }
        host.waiting.insert(waiting, at: first ? 0 : host.waiting.count)
        waitingCount += 1
        loop.check(at: waiting.exchange.deadline.nanoseconds)
        if waiting.exchange.request.allowsPipelining { serveSoon(host, url.authority) } else { serve(host, url.authority) }
    }

    /// Serves a host after what the loop has to do now, so that the requests of that time can share connections.
    private func serveSoon(_ host: Host, _ authority: String) {
        guard !host.isServedSoon else { return }
        host.isServedSoon = loop.execute {
            guard let host = self.hosts[authority] else { return }
            host.isServedSoon = false
            self.serve(host, authority)
        }
        if !host.isServedSoon { serve(host, authority) }
    }

    func cancel(_ exchange: HTTPExchange) {
        loop.assertIsCurrent()
        guard let host = hosts[exchange.request.url.authority] else { return }
        for connection in host.open.values where connection.carries(exchange) { connection.closeIfUnwanted() }
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
    private func serve(_ host: Host, _ authority: String) {
        guard !host.isBeingServed else { return }
        host.isBeingServed = true
        defer { host.isBeingServed = false }
        while let next = host.waiting.first {
            if next.exchange.isDone {
                dropFirst(1, of: host)
                continue
            }
            if !next.needsNewConnection, let connection = idleConnection(host) {
                let followers = next.exchange.request.allowsPipelining ? followers(of: host) : []
                dropFirst(1 + followers.count, of: host)
                connection.reuse(next.exchange, before: followers)
                continue
            }
            guard host.open.count < maximumConnectionsPerHost, let addresses = addresses(of: host, authority) else { return }
            dropFirst(1, of: host)
            let connection = HTTPClientConnection(
                self, authority: authority, maximumResponseBytes: maximumResponseBytes, maximumSilence: maximumSilence)
            host.open[ObjectIdentifier(connection)] = connection
            connection.start(next.exchange, addresses)
        }
    }

    /// Returns the requests behind the first one that may be sent together with it.
    private func followers(of host: Host) -> [HTTPExchange] {
        guard host.waiting.count > 1, host.pipelinesFrom.hasPassed else { return [] }
        return host.waiting.dropFirst().prefix(Self.maximumPipelined - 1).prefix { waiting in
            waiting.exchange.request.allowsPipelining && !waiting.needsNewConnection && !waiting.exchange.isDone
        }.map(\.exchange)
    }

    /// Takes a kept connection that is still open; ends those that are not.
    private func idleConnection(_ host: Host) -> HTTPClientConnection? {
        while let connection = host.idle.popLast() {
            if connection.isUsable { return connection }
            connection.close()
        }
        return nil
    }

    private func dropFirst(_ count: Int, of host: Host) {
        host.waiting.removeFirst(count)
        waitingCount -= count
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
            host.waiting = left
            next = left.reduce(next) { min($0, $1.exchange.deadline.nanoseconds) }
        }
        return next
    }

    // MARK: What connections report

    func becameIdle(_ connection: HTTPClientConnection) {
        loop.assertIsCurrent()
        guard let host = hosts[connection.authority] else { return }
        host.idle.append(connection)
        if connection.spread > maximumSpread { host.pipelinesFrom = .after(pipeliningPause) }
        if !host.isServedSoon { serve(host, connection.authority) }
    }

    func closed(_ connection: HTTPClientConnection) {
        loop.assertIsCurrent()
        guard let host = hosts[connection.authority] else { return }
        host.open[ObjectIdentifier(connection)] = nil
        host.idle.removeAll { $0 === connection }
        serve(host, connection.authority)
    }

    /// Retries a request that a kept connection has failed.
    func takeBack(_ exchange: HTTPExchange) {
        loop.assertIsCurrent()
        guard !isShutDown else { return exchange.finish(.failure(.shutDown)) }
        hosts[exchange.request.url.authority]?.pipelinesFrom = .after(pipeliningPause)
        enqueue(Waiting(exchange: exchange, needsNewConnection: true), first: true)
    }

    /// Discards addresses that do not respond: the host may have moved.
    func forgetAddresses(of authority: String) {
        loop.assertIsCurrent()
        hosts[authority]?.addresses = []
    }

    // MARK: Addresses

    /// Returns the addresses of a host; nil while they are looked up.
    private func addresses(of host: Host, _ authority: String) -> [SocketAddress]? {
        if !host.addresses.isEmpty, !host.addressesExpire.hasPassed { return host.addresses }
        if case .success(let addresses) = SocketAddress.resolve(host: host.name, port: host.port, isNumeric: true) {
            host.addresses = addresses
            host.addressesExpire = .never
            return addresses
        }
        guard !host.isResolving else { return nil }
        host.isResolving = true
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
        if let host = hosts[authority] {
            host.isResolving = false
            switch result {
            case .success(let addresses):
                host.addresses = addresses
                host.addressesExpire = .after(Self.addressLifetime)
                serve(host, authority)
            case .failure(let error):
                let waiting = host.waiting
                host.waiting = []
                waitingCount -= waiting.count
                for waiting in waiting { waiting.exchange.finish(.failure(.unknownHost(host.name, reason: error.reason))) }
            }
        }
        resolveNext()
    }
}
