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
    private var listeners: [SocketListener] = []
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
        let sockets = try SocketListener.sockets(host: host, port: port)
        guard let loop = sharedLoop ?? EventLoop(named: "http-server") else {
            throw .cannotListen(host: host, port: port, reason: "the system gives no more threads or file descriptors")
        }
        let actualPort = sockets.first?.localAddress?.hostAndPort.port ?? port
        let server = HTTPServer(port: actualPort, options: options, handler: handler, loop: loop, ownsLoop: sharedLoop == nil)
        loop.execute {
            server.listeners = sockets.map { SocketListener($0, loop, named: "an HTTP server") { server.accept($0) } }
        }
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

    private func accept(_ socket: Socket) {
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
}

/// Lets a task wait for an event of the loop or a deadline.
package final class DrainSignal: Sendable {
    private let semaphore = Semaphore()

    package init() {}

    package func raise() { semaphore.post() }

    package func wait(until deadline: Deadline) async {
        await withCheckedContinuation { continuation in
            let isStarted = WorkerThread.start(named: "http-wait") {
                _ = self.semaphore.wait(until: deadline)
                continuation.resume()
            }
            if !isStarted { continuation.resume() }
        }
    }
}
