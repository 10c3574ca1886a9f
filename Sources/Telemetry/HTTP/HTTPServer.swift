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
    /// Connections at a time; further ones are answered 503.
    package var maximumConnections = 10_000
    /// The longest that a connection may be kept without a request.
    package var idleTimeout = Duration.seconds(60)
    /// The longest that the head of a request may take to come in, from its first byte to its last.
    package var headerTimeout = Duration.seconds(10)
    /// The longest that the body of a request may take to come in.
    package var bodyTimeout = Duration.seconds(30)
    /// The longest that a peer may leave what was sent to it untaken.
    package var sendTimeout = Duration.seconds(20)
    package var limits = HTTPLimits()

    package init() {}

    /// The largest body of a request, in bytes; larger ones are answered 413.
    package var bodyLimit: Int {
        get { limits.body }
        set { limits.body = newValue }
    }
}

/// An HTTP/1.1 server: keep-alive, pipelining, chunked coding both ways, limits on everything.
///
/// `@unchecked`: what changes is touched on the loop's thread only.
package final class HTTPServer: @unchecked Sendable {
    package typealias Handler = @Sendable (HTTPRequest) async -> HTTPResponse

    /// Connections beyond the maximum that are told so at a time; those beyond them are closed without a word.
    private static let maximumRefusals = 64

    /// The port that is listened on, the one that the system chose if 0 was asked for.
    package let port: Int
    let options: HTTPServerOptions
    let handler: Handler
    let loop: EventLoop
    private var listeners: [HTTPServerListener] = []
    private var connections: [ObjectIdentifier: HTTPServerConnection] = [:]
    private(set) var isDraining = false
    private var onDrained: [@Sendable () -> Void] = []
    private var date = (second: UInt64.max, text: "")

    /// Listens on all addresses of a host and answers what comes, until `shutdown`.
    ///
    /// - Parameters:
    ///   - host: a name or address of this machine; `0.0.0.0` and `::` stand for all of its addresses.
    ///   - port: 0 lets the system choose.
    ///   - handler: answers a request; many run at once, one at a time for a connection.
    package static func start(
        host: String, port: Int, options: HTTPServerOptions = HTTPServerOptions(), handler: @escaping Handler
    ) throws(HTTPServerError) -> HTTPServer {
        let (sockets, actualPort) = try HTTPServerListener.sockets(host: host, port: port)
        guard let loop = EventLoop(named: "http-server") else {
            throw .cannotListen(host: host, port: port, reason: "the system gives no more threads or file descriptors")
        }
        let server = HTTPServer(port: actualPort, options: options, handler: handler, loop: loop)
        loop.execute { for socket in sockets { server.listeners.append(HTTPServerListener(socket, server)) } }
        return server
    }

    private init(port: Int, options: HTTPServerOptions, handler: @escaping Handler, loop: EventLoop) {
        self.port = port
        self.options = options
        self.handler = handler
        self.loop = loop
    }

    /// Stops accepting, lets requests in flight finish, and closes everything at the latest when the duration is over.
    package func shutdown(within duration: Duration) async {
        let isDone = DrainSignal()
        let isLive = loop.execute {
            self.isDraining = true
            self.onDrained.append { isDone.raise() }
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

    /// Serves a new connection, or tells it that there are too many; on the loop's thread, as all that follows.
    func accept(_ socket: Socket) {
        guard !isDraining, connections.count < options.maximumConnections + Self.maximumRefusals else { return }
        let isWelcome = connections.count < options.maximumConnections
        let connection = HTTPServerConnection(socket, self)
        connections[ObjectIdentifier(connection)] = connection
        connection.begin(isWelcome: isWelcome)
    }

    func remove(_ connection: HTTPServerConnection) {
        connections[ObjectIdentifier(connection)] = nil
        checkDrained()
    }

    private func checkDrained() {
        guard isDraining, connections.isEmpty else { return }
        for report in onDrained { report() }
        onDrained = []
    }

    /// The time as the `Date` field gives it, written once a second.
    var dateText: String {
        let second = SystemClock.wallNanoseconds() / 1_000_000_000
        if second != date.second { date = (second, HTTPDate.text(Int(second))) }
        return date.text
    }
}

/// Lets a task wait until something has happened, or a deadline comes.
private final class DrainSignal: Sendable {
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
