// Takes the connections that come to a server.

/// Takes the connections that come to one address of a server.
///
/// `@unchecked`: used on the loop's thread only.
final class HTTPServerListener: EventHandler, @unchecked Sendable {
    /// How long accepting rests when no descriptor was left for a connection.
    private static let rest: UInt64 = 50_000_000

    private let socket: Socket
    private let server: HTTPServer
    private var key: UInt64 = 0
    /// When accepting is tried again; never while it goes on.
    private(set) var expiry = UInt64.max

    init(_ socket: Socket, _ server: HTTPServer) {
        self.socket = socket
        self.server = server
        key = server.loop.add(self)
        server.loop.watch(socket.descriptor, key, .readable)
    }

    /// Opens a listening socket for each address of the host; all have the same port, which is returned.
    static func sockets(host: String, port: Int) throws(HTTPServerError) -> ([Socket], port: Int) {
        var sockets: [Socket] = []
        var last: SocketError?
        for address in try addresses(host: host, port: port) {
            // The system chooses a port for one address; the others have to ask for the same.
            if port == 0 && !sockets.isEmpty { break }
            do throws(SocketError) {
                sockets.append(try Socket.listening(on: address))
            } catch {
                if error == .addressInUse { throw .addressInUse(host: host, port: port) }
                last = error
            }
        }
        guard let first = sockets.first else {
            throw .cannotListen(host: host, port: port, reason: last?.description ?? "the host has no address")
        }
        let actualPort = first.localAddress?.hostAndPort.port ?? port
        if port == 0 {
            for address in try addresses(host: host, port: actualPort) where address.text != first.localAddress?.text {
                // Somebody else may have that port on this address: the first is enough then.
                if let socket = try? Socket.listening(on: address) { sockets.append(socket) }
            }
        }
        return (sockets, actualPort)
    }

    private static func addresses(host: String, port: Int) throws(HTTPServerError) -> [SocketAddress] {
        guard (0...65_535).contains(port) else {
            throw .cannotListen(host: host, port: port, reason: "a port is a number from 0 to 65535")
        }
        switch SocketAddress.resolve(host: host, port: port, toListen: true) {
        case .failure(let error): throw .cannotListen(host: host, port: port, reason: error.reason)
        case .success(let addresses): return addresses
        }
    }

    func isReady(_ readiness: Poller.Readiness) {
        for _ in 0..<64 {
            do throws(SocketError) {
                guard let accepted = try socket.accept() else { return }
                server.accept(accepted)
            } catch {
                // What waits stays readable: trying at once again would do nothing else any more.
                expiry = SystemClock.monotonicNanoseconds() + Self.rest
                return server.loop.change(socket.descriptor, key, [])
            }
        }
    }

    func expire(_ now: UInt64) {
        expiry = .max
        server.loop.change(socket.descriptor, key, .readable)
    }

    func stop() {
        server.loop.unwatch(socket.descriptor)
        server.loop.remove(key)
    }
}
