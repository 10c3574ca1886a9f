// The listeners of a sidecar, and all that their connections share.

import ExampleSupport
import Synchronization
import Telemetry

/// One address that clients connect to.
final class Listener {
    let configuration: ListenerConfiguration
    let routes: RouteTable
    let conventions: HTTPConventions
    var sockets: [SocketListener] = []

    /// - Parameter conventions: those of the system, but for what the listener says itself.
    init(_ configuration: ListenerConfiguration, _ conventions: HTTPConventions) {
        self.configuration = configuration
        routes = RouteTable(configuration.routes)
        var conventions = conventions
        conventions.trustsForwardedHeaders = configuration.trustsForwarded
        self.conventions = conventions
    }
}

/// Passes requests on, on one thread.
///
/// `@unchecked`: what changes is touched on the loop's thread only.
final class SidecarServer: @unchecked Sendable {
    let name: String
    let loop: EventLoop
    let telemetry: SidecarTelemetry
    let upstreams: [Upstream]
    /// The ports of the listeners, in the order of the file; those chosen by the system where the file has 0.
    let ports: [Int]
    private let listeners: [Listener]
    private let maximumConnections: Int
    private(set) var connections: [ObjectIdentifier: ClientConnection] = [:]
    private(set) var isDraining = false
    private var whenDrained: [@Sendable () -> Void] = []

    var log: TelemetryLogger { telemetry.service.log }

    /// Starts listening on all addresses of the file.
    init(_ configuration: SidecarConfiguration, _ service: ServiceTelemetry) throws(StartFailure) {
        guard let loop = EventLoop(named: "sidecar") else {
            throw StartFailure(.unavailable, "the system gives no more threads or file descriptors")
        }
        let telemetry = SidecarTelemetry(service)
        (self.loop, self.telemetry, name) = (loop, telemetry, configuration.name)
        maximumConnections = configuration.maximumConnections
        upstreams = configuration.upstreams.map { Upstream($0, loop, telemetry) }
        listeners = configuration.listeners.map { Listener($0, service.tracer.httpServerConventions) }
        var opened: [[Socket]] = []
        for listener in configuration.listeners {
            do throws(HTTPServerError) {
                opened.append(try SocketListener.sockets(host: listener.address, port: listener.port))
            } catch {
                loop.end()
                throw StartFailure(.unavailable, "the listener \(listener.name): \(error)")
            }
        }
        ports = zip(opened, configuration.listeners).map { $0.first?.localAddress?.hostAndPort.port ?? $1.port }
        let sockets = opened
        loop.execute { [self] in
            for (listener, sockets) in zip(listeners, sockets) {
                listener.sockets = sockets.map { socket in
                    SocketListener(socket, loop, named: "the listener \(listener.configuration.name)") { self.accept($0, listener) }
                }
            }
        }
    }

    private func accept(_ socket: Socket, _ listener: Listener) {
        loop.assertIsCurrent()
        guard connections.count < maximumConnections else { return telemetry.countClosing(listener, "maximum_connections") }
        guard let connection = ClientConnection(socket, self, listener) else { return telemetry.countClosing(listener, "exhausted") }
        connections[ObjectIdentifier(connection)] = connection
        telemetry.countConnection(1, listener)
    }

    func remove(_ connection: ClientConnection) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        telemetry.countConnection(-1, connection.listener)
        checkDrained()
    }

    func countRefusal(_ listener: Listener, _ status: Int) { telemetry.countRefusal(listener, status) }

    // MARK: Stopping

    /// Accepts no more connections, and waits at most that long for requests in flight.
    func stop(within duration: Duration) async {
        let isDone = DrainSignal()
        let isLive = loop.execute { [self] in
            for listener in listeners {
                listener.sockets.forEach { $0.stop() }
                listener.sockets = []
            }
            isDraining = true
            whenDrained.append { isDone.raise() }
            for connection in Array(connections.values) { connection.drain() }
            checkDrained()
        }
        guard isLive else { return }
        await isDone.wait(until: .after(duration))
        let isClosed = DrainSignal()
        loop.execute { [self] in
            for connection in Array(connections.values) { connection.close() }
            for upstream in upstreams { upstream.close() }
            isClosed.raise()
        }
        await isClosed.wait(until: .after(.seconds(5)))
        loop.end()
    }

    private func checkDrained() {
        guard isDraining, connections.isEmpty else { return }
        for call in whenDrained { call() }
        whenDrained = []
    }

    // MARK: State

    /// Returns what the sidecar knows of its upstreams, for operators.
    func state() async -> JSONValue {
        await withCheckedContinuation { continuation in
            let isLive = loop.execute { [self] in
                let now = SystemClock.monotonicNanoseconds()
                let upstreams = upstreams.map { upstream -> JSONValue in
                    let endpoints = upstream.endpoints.map { endpoint -> JSONValue in
                        let state: String =
                            switch endpoint.breaker.state {
                            case .closed: "closed"
                            case .open(let until): now < until ? "open" : "half-open"
                            case .halfOpen: "half-open"
                            }
                        return [
                            "endpoint": .string(endpoint.origin), "circuit_breaker": .string(state),
                            "requests": .integer(Int64(endpoint.activeCount)), "idle_connections": .integer(Int64(endpoint.idle.count)),
                        ]
                    }
                    return [
                        "name": .string(upstream.configuration.name), "waiting": .integer(Int64(upstream.waitingCount)),
                        "endpoints": .array(endpoints),
                    ]
                }
                continuation.resume(returning: ["connections": .integer(Int64(connections.count)), "upstreams": .array(upstreams)])
            }
            if !isLive { continuation.resume(returning: ["connections": 0, "upstreams": .array([])]) }
        }
    }
}
