// The HTTP server of the Prometheus endpoint and of the examples.

import Synchronization

/// An HTTP/1.1 server with keep-alive, pipelining, chunked coding in both directions, and limits.
///
/// It runs until it is shut down. `@unchecked`: what changes is touched on the loop's thread only, or atomic.
package final class HTTPServer: HTTPConnectionOwner, @unchecked Sendable {
    package typealias Handler = @Sendable (HTTPRequest) async -> HTTPResponse

    /// The port that the server listens on; chosen by the system if 0 was given.
    package let port: Int
    let options: HTTPServerOptions
    let handler: Handler
    let loop: EventLoop
    private let ownsLoop: Bool
    let memory: HTTPServerMemory
    private var listeners: [Listener] = []
    private var connections: [ObjectIdentifier: HTTPServerConnection] = [:]
    private var whenDrained: [@Sendable () -> Void] = []
    /// Relaxed: a response written just before it changes lacks `Connection: close`, which is allowed.
    private let draining = Atomic(false)

    var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// Starts a server that listens on all addresses of a host.
    ///
    /// - Parameters:
    ///   - host: a name or address of this machine; `0.0.0.0` and `::` for all of its addresses.
    ///   - port: 0 lets the system choose.
    ///   - loop: the thread of the server, which outlasts it; nil starts one of its own.
    ///   - handler: answers a request; many run at once, one at a time for a connection.
    package static func start(
        host: String, port: Int, options: HTTPServerOptions = HTTPServerOptions(), loop sharedLoop: EventLoop? = nil,
        handler: @escaping Handler
    ) throws(HTTPServerError) -> HTTPServer {
        guard (0...65_535).contains(port) else {
            throw .cannotListen(host: host, port: port, reason: "a port lies between 0 and 65535")
        }
        let sockets = try listen(host: host, port: port)
        guard let loop = sharedLoop ?? EventLoop(named: "http-server") else {
            throw .cannotListen(host: host, port: port, reason: "the system gives no more threads or file descriptors")
        }
        let actualPort = sockets.first?.localAddress?.hostAndPort.port ?? port
        let server = HTTPServer(port: actualPort, options: options, handler: handler, loop: loop, ownsLoop: sharedLoop == nil)
        loop.execute { for socket in sockets { server.listeners.append(Listener(socket, server)) } }
        return server
    }

    private init(port: Int, options: HTTPServerOptions, handler: @escaping Handler, loop: EventLoop, ownsLoop: Bool) {
        self.port = port
        self.options = options
        self.handler = handler
        self.loop = loop
        self.ownsLoop = ownsLoop
        memory = HTTPServerMemory(limit: options.maximumHeldBytes, loop: loop)
    }

    private static func listen(host: String, port: Int) throws(HTTPServerError) -> [Socket] {
        var sockets: [Socket] = []
        var last: SocketError?
        switch SocketAddress.resolve(host: host, port: port, toListen: true) {
        case .failure(let error): throw .unknownHost(host: host, reason: error.reason)
        case .success(let addresses):
            for address in addresses {
                // The port that the system chose for the first address is asked for on the others.
                let chosen = port == 0 ? sockets.first?.localAddress?.hostAndPort.port : nil
                do throws(SocketError) {
                    sockets.append(try Socket.listening(on: address, port: chosen))
                } catch {
                    last = error
                    if error == .addressInUse && chosen == nil { throw .addressInUse(host: host, port: port) }
                }
            }
        }
        guard !sockets.isEmpty else {
            throw .cannotListen(host: host, port: port, reason: last?.description ?? "the host has no address")
        }
        return sockets
    }

    /// Stops accepting, lets requests in flight finish, and closes all connections after the duration at the latest.
    ///
    /// The port is free when it returns.
    package func shutdown(within duration: Duration) async {
        let isStopped = DrainSignal()
        let isDone = DrainSignal()
        let isLive = loop.execute {
            // Connections in the backlog may have sent requests.
            self.listeners.forEach { $0.stop() }
            self.listeners = []
            isStopped.raise()
            self.draining.store(true, ordering: .relaxed)
            self.whenDrained.append { isDone.raise() }
            for connection in Array(self.connections.values) { connection.drain() }
            self.checkDrained()
        }
        guard isLive else { return }
        let deadline = Deadline.after(duration)
        // Independent of a short duration: the event loop does nothing that takes long.
        await isStopped.wait(until: max(deadline, .after(.seconds(5))))
        await isDone.wait(until: deadline)
        loop.execute {
            for connection in Array(self.connections.values) { connection.close() }
            // Handlers that still run retain their connections.
            self.connections = [:]
            self.memory.end()
        }
        if ownsLoop { loop.end() }
    }

    fileprivate func accept(_ socket: Socket) {
        loop.assertIsCurrent()
        guard connections.count < options.maximumConnections else { return }
        let connection = HTTPServerConnection(socket, self)
        connections[ObjectIdentifier(connection)] = connection
        connection.begin()
    }

    func remove(_ connection: HTTPServerConnection) {
        loop.assertIsCurrent()
        connections[ObjectIdentifier(connection)] = nil
        checkDrained()
    }

    /// Releases memory of the connections that hold most, until the total is below the limit.
    ///
    /// - Parameter favored: the connection whose response is being sent, which is spared.
    func makeRoom(sparing favored: HTTPServerConnection?) {
        loop.assertIsCurrent()
        let candidates = connections.values.filter { $0 !== favored && $0.releasableBytes > 0 }
            .sorted { $0.releasableBytes > $1.releasableBytes }
        for connection in candidates {
            connection.releaseMemory()
            if memory.hasRoom { return }
        }
    }

    private func checkDrained() {
        loop.assertIsCurrent()
        guard isDraining && connections.isEmpty else { return }
        for call in whenDrained { call() }
        whenDrained = []
    }

    /// Accepts the connections to one address.
    private final class Listener: EventHandler {
        /// How long accepting pauses after an error, as when no descriptors are left.
        private static let pause: UInt64 = 50_000_000

        private let socket: Socket
        /// Retains the server until it is shut down.
        private let server: HTTPServer
        private var key: UInt64?
        private var pausedUntil: UInt64?

        init(_ socket: Socket, _ server: HTTPServer) {
            self.socket = socket
            self.server = server
            key = server.loop.add(self, socket.descriptor, .readable)
        }

        func isReady(_ readiness: Poller.Readiness) { acceptWaiting() }

        private func acceptWaiting() {
            for _ in 0..<64 {
                do throws(SocketError) {
                    guard let accepted = try socket.accept() else { return }
                    server.accept(accepted)
                } catch {
                    if SocketError.lost.contains(error) { return end() }
                    // Retrying at once would only keep the thread busy, whatever the error is.
                    guard let key else { return }
                    let time = SystemClock.monotonicNanoseconds() + Self.pause
                    pausedUntil = time
                    server.loop.change(key, socket.descriptor, [])
                    return server.loop.check(at: time)
                }
            }
        }

        func checkTime(_ now: UInt64) -> UInt64 {
            guard let pausedUntil, let key else { return .max }
            if now < pausedUntil { return pausedUntil }
            self.pausedUntil = nil
            server.loop.change(key, socket.descriptor, .readable)
            return .max
        }

        /// Stops listening on a socket that the program has closed.
        private func end() {
            guard let key else { return }
            self.key = nil
            server.loop.remove(key)
            Diagnostics.reportClosedDescriptors("an HTTP server accepts no more connections")
        }

        func stop() {
            acceptWaiting()
            if let key { server.loop.remove(key, socket.descriptor) }
            key = nil
        }
    }
}

/// Lets a task wait for an event of the loop or a deadline.
final class DrainSignal: Sendable {
    private let semaphore = Semaphore()

    func raise() { semaphore.post() }

    func wait(until deadline: Deadline) async {
        await withCheckedContinuation { continuation in
            let isStarted = WorkerThread.start(named: "http-wait") {
                _ = self.semaphore.wait(until: deadline)
                continuation.resume()
            }
            if !isStarted { continuation.resume() }
        }
    }
}
