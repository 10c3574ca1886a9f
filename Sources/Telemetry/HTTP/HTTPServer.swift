// An HTTP/1.1 server on an event loop of its own.

import Synchronization

/// Why a server could not be started.
package enum HTTPServerError: Error, Equatable, Sendable, CustomStringConvertible {
    case addressInUse(host: String, port: Int)
    case cannotListen(host: String, port: Int, reason: String)

    package var description: String {
        switch self {
        case .addressInUse(let host, let port): "port \(port) on \(host) is taken by another program"
        case .cannotListen(let host, let port, let reason): "cannot listen on \(host) port \(port): \(reason)"
        }
    }
}

/// What a server puts up with.
package struct HTTPServerOptions: Sendable {
    /// Connections at a time; further ones are closed at once.
    package var maximumConnections = 10_000
    /// The longest that a connection may be kept without a request.
    package var idleTimeout = Duration.seconds(60)
    /// The longest that a request may take to come in, from its first byte to its last.
    package var requestTimeout = Duration.seconds(20)
    /// The longest that a peer may leave what was sent to it untaken.
    package var sendTimeout = Duration.seconds(20)
    package var limits = HTTPLimits()

    package init() {}
}

/// An HTTP/1.1 server: keep-alive, pipelining, chunked coding both ways, limits on everything.
///
/// `@unchecked`: what changes is touched on the loop's thread only, or behind the lock.
package final class HTTPServer: @unchecked Sendable {
    package typealias Handler = @Sendable (HTTPRequest) async -> HTTPResponse

    /// The port that is listened on, the one that the system chose if 0 was asked for.
    package let port: Int
    let options: HTTPServerOptions
    let handler: Handler
    let loop: EventLoop
    private var listeners: [Listener] = []
    private var connections: [ObjectIdentifier: HTTPServerConnection] = [:]
    private(set) var isDraining = false
    private var drained: (@Sendable () -> Void)?

    /// Listens on all addresses of a host and answers what comes.
    ///
    /// - Parameters:
    ///   - host: a name or address of this machine; `0.0.0.0` and `::` stand for all of its addresses.
    ///   - port: 0 lets the system choose.
    ///   - handler: answers a request; many run at once, one at a time for a connection.
    package static func start(
        host: String, port: Int, options: HTTPServerOptions = HTTPServerOptions(), handler: @escaping Handler
    ) throws(HTTPServerError) -> HTTPServer {
        let sockets = try listen(host: host, port: port)
        guard let loop = EventLoop(named: "http-server") else {
            throw .cannotListen(host: host, port: port, reason: "the system gives no more threads or file descriptors")
        }
        let actualPort = sockets.first?.localAddress?.hostAndPort.port ?? port
        let server = HTTPServer(port: actualPort, options: options, handler: handler, loop: loop)
        loop.execute { for socket in sockets { server.listeners.append(Listener(socket, server)) } }
        return server
    }

    private init(port: Int, options: HTTPServerOptions, handler: @escaping Handler, loop: EventLoop) {
        self.port = port
        self.options = options
        self.handler = handler
        self.loop = loop
    }

    private static func listen(host: String, port: Int) throws(HTTPServerError) -> [Socket] {
        var sockets: [Socket] = []
        var last: SocketError?
        switch SocketAddress.resolve(host: host, port: port, toListen: true) {
        case .failure(let error): throw .cannotListen(host: host, port: port, reason: error.reason)
        case .success(let addresses):
            for address in addresses {
                // A port that the system chooses would be another one for each address.
                if port == 0 && !sockets.isEmpty { break }
                do throws(SocketError) {
                    sockets.append(try Socket.listening(on: address))
                } catch {
                    last = error
                    if error == .addressInUse { throw .addressInUse(host: host, port: port) }
                }
            }
        }
        guard !sockets.isEmpty else {
            throw .cannotListen(host: host, port: port, reason: last?.description ?? "the host has no address")
        }
        return sockets
    }

    /// Stops accepting, lets requests in flight finish, and closes everything at the latest when the duration is over.
    package func shutdown(within duration: Duration) async {
        let isDone = DrainSignal()
        let isLive = loop.execute {
            self.isDraining = true
            self.drained = { isDone.raise() }
            self.listeners.forEach { $0.stop() }
            self.listeners = []
            for connection in Array(self.connections.values) { connection.drain() }
            self.checkDrained()
        }
        guard isLive else { return }
        await isDone.wait(until: .after(duration))
        loop.execute {
            for connection in Array(self.connections.values) { connection.close() }
        }
        loop.end()
    }

    fileprivate func accept(_ socket: Socket) {
        guard connections.count < options.maximumConnections, !isDraining else { return }
        let connection = HTTPServerConnection(socket, self)
        connections[ObjectIdentifier(connection)] = connection
        connection.begin()
    }

    func remove(_ connection: HTTPServerConnection) {
        connections[ObjectIdentifier(connection)] = nil
        checkDrained()
    }

    private func checkDrained() {
        if isDraining && connections.isEmpty {
            drained?()
            drained = nil
        }
    }

    /// Takes the connections that come to one address.
    private final class Listener: EventHandler {
        private let socket: Socket
        private unowned let server: HTTPServer
        private var key: UInt64 = 0
        /// Set while no descriptors are left: accepting is tried again with the next tick.
        private var isPaused = false

        init(_ socket: Socket, _ server: HTTPServer) {
            self.socket = socket
            self.server = server
            key = server.loop.add(self, socket.descriptor, .readable)
        }

        func isReady(_ readiness: Poller.Readiness) {
            for _ in 0..<64 {
                do throws(SocketError) {
                    guard let accepted = try socket.accept() else { return }
                    server.accept(accepted)
                } catch {
                    guard error.isOutOfDescriptors else { return }
                    isPaused = true
                    server.loop.change(key, socket.descriptor, [])
                    return
                }
            }
        }

        func tick(_ now: UInt64) {
            guard isPaused else { return }
            isPaused = false
            server.loop.change(key, socket.descriptor, .readable)
        }

        func stop() {
            server.loop.remove(key, socket.descriptor)
        }
    }
}

/// Lets a task wait until something has happened, or a deadline comes.
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
