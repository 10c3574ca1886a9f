// A gRPC server for unary calls, over HTTP/2 without TLS.

package import Telemetry

/// Serves the methods that it is given, on one port. It runs until it is shut down.
///
/// `@unchecked`: what changes is touched on the loop's thread only.
package final class GRPCServer: @unchecked Sendable {
    /// Answers a call; many run at once.
    package typealias Handler = @Sendable (GRPCCall) async -> GRPCAnswer

    /// Sees each call that was answered: its path, and the code. A path is one of the methods, or as the caller sent it.
    package typealias Observer = @Sendable (_ path: String, _ code: GRPCCode) -> Void

    /// Why a server cannot start.
    package enum Failure: Error, Equatable, CustomStringConvertible {
        /// The system lacks a library, which the text names.
        case noLibrary(String)
        case cannotListen(HTTPServerError)

        package var description: String {
            switch self {
            case .noLibrary(let requirement): requirement
            case .cannotListen(let error): "\(error)"
            }
        }
    }

    /// The port that the server listens on; chosen by the system if 0 was given.
    package let port: Int
    let options: GRPCServerOptions
    let methods: [String: Handler]
    /// The paths of the methods in alphabetical order.
    let paths: [String]
    let loop: EventLoop
    private let observer: Observer
    private var listeners: [SocketListener] = []
    private var connections: [ObjectIdentifier: GRPCServerConnection] = [:]
    private var heldBytes = 0
    private var isDraining = false
    private var whenDrained: [@Sendable () -> Void] = []

    /// Starts a server that listens on all addresses of a host.
    ///
    /// - Parameters:
    ///   - port: 0 lets the system choose.
    ///   - methods: what answers each method, by its path.
    ///   - observer: called on the server's thread: it must not take long.
    package static func start(
        host: String, port: Int, options: GRPCServerOptions = GRPCServerOptions(), methods: [String: Handler],
        observer: @escaping Observer = { _, _ in }
    ) throws(Failure) -> GRPCServer {
        if let requirement = HTTP2ServerSession.missingLibrary { throw .noLibrary(requirement) }
        let sockets: [Socket]
        do throws(HTTPServerError) { sockets = try SocketListener.sockets(host: host, port: port) } catch { throw .cannotListen(error) }
        guard let loop = EventLoop(named: "grpc-server") else {
            let reason = "the system gives no more threads or file descriptors"
            throw .cannotListen(.cannotListen(host: host, port: port, reason: reason))
        }
        let server = GRPCServer(sockets.first?.localAddress?.hostAndPort.port ?? port, options, methods, loop, observer)
        loop.execute {
            server.listeners = sockets.map { SocketListener($0, loop, named: "a gRPC server") { server.accept($0) } }
        }
        return server
    }

    private init(
        _ port: Int, _ options: GRPCServerOptions, _ methods: [String: Handler], _ loop: EventLoop, _ observer: @escaping Observer
    ) {
        (self.port, self.options, self.methods, self.loop, self.observer) = (port, options, methods, loop, observer)
        paths = methods.keys.sorted()
    }

    private func accept(_ socket: Socket) {
        loop.assertIsCurrent()
        guard connections.count < options.maximumConnections, !isDraining else { return }
        let connection = GRPCServerConnection(socket, self)
        connections[ObjectIdentifier(connection)] = connection
        connection.begin()
    }

    func remove(_ connection: GRPCServerConnection) {
        loop.assertIsCurrent()
        connections[ObjectIdentifier(connection)] = nil
        checkDrained()
    }

    func note(_ path: String, _ code: GRPCCode) { observer(path, code) }

    // MARK: Memory

    /// Updates the bytes that a connection holds, and answers calls until the rest is within the limit.
    func account(from old: Int, to new: Int) {
        loop.assertIsCurrent()
        heldBytes += new - old
        assert(heldBytes >= 0, "Connections release no more than they hold.")
    }

    /// Gives up the largest calls that are coming in until there is room again. A part of the limit stays free for many reads.
    func makeRoom() {
        loop.assertIsCurrent()
        guard heldBytes > options.maximumHeldBytes else { return }
        let calls = connections.values.flatMap { connection in connection.incomingCalls.map { (connection, $0.streamID, $0.bytes) } }
        for (connection, streamID, _) in calls.sorted(by: { $0.2 > $1.2 }) {
            connection.giveUp(streamID)
            if heldBytes <= options.maximumHeldBytes / 8 * 7 { return }
        }
    }

    // MARK: The end

    /// Accepts no more calls, lets those in flight finish, and closes all connections after the duration at the latest.
    ///
    /// The port is free when it returns.
    package func shutdown(within duration: Duration) async {
        let (isStopped, isDone) = (DrainSignal(), DrainSignal())
        let isLive = loop.execute {
            self.listeners.forEach { $0.stop() }
            self.listeners = []
            isStopped.raise()
            self.isDraining = true
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
            self.connections = [:]
        }
        loop.end()
    }

    private func checkDrained() {
        loop.assertIsCurrent()
        guard isDraining, connections.isEmpty else { return }
        for call in whenDrained { call() }
        whenDrained = []
    }
}
