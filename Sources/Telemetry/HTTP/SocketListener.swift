// The listening end of servers.

/// Accepts the connections to one address on the thread of a loop.
package final class SocketListener: EventHandler {
    /// How long accepting pauses after an error, as when no descriptors are left.
    private static let pause: UInt64 = 50_000_000

    private let socket: Socket
    private let loop: EventLoop
    /// What listens, for a report.
    private let name: String
    private let accept: (Socket) -> Void
    private var key: UInt64?
    private var pausedUntil: UInt64?

    /// Returns sockets that listen on all addresses of a host, on the same port.
    ///
    /// - Parameter port: 0 lets the system choose.
    package static func sockets(host: String, port: Int) throws(HTTPServerError) -> [Socket] {
        guard (0...65_535).contains(port) else {
            throw .cannotListen(host: host, port: port, reason: "a port lies between 0 and 65535")
        }
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

    /// Starts accepting. On the loop's thread only.
    ///
    /// - Parameters:
    ///   - name: what listens, as `an HTTP server`.
    ///   - accept: gets each connection, on the loop's thread; it is retained until ``stop()``.
    package init(_ socket: Socket, _ loop: EventLoop, named name: String, accept: @escaping (Socket) -> Void) {
        (self.socket, self.loop, self.name, self.accept) = (socket, loop, name, accept)
        key = loop.add(self, socket.descriptor, .readable)
    }

    package func isReady(_ readiness: Poller.Readiness) { acceptWaiting() }

    private func acceptWaiting() {
        for _ in 0..<64 {
            do throws(SocketError) {
                guard let accepted = try socket.accept() else { return }
                accept(accepted)
            } catch {
                if SocketError.lost.contains(error) { return end() }
                // Retrying at once would only keep the thread busy, whatever the error is.
                guard let key else { return }
                let time = SystemClock.monotonicNanoseconds() + Self.pause
                pausedUntil = time
                loop.change(key, socket.descriptor, [])
                return loop.check(at: time)
            }
        }
    }

    package func checkTime(_ now: UInt64) -> UInt64 {
        guard let pausedUntil, let key else { return .max }
        if now < pausedUntil { return pausedUntil }
        self.pausedUntil = nil
        loop.change(key, socket.descriptor, .readable)
        return .max
    }

    /// Stops listening on a socket that the program has closed.
    private func end() {
        guard let key else { return }
        self.key = nil
        loop.remove(key)
        Diagnostics.reportClosedDescriptors("\(name) accepts no more connections")
    }

    /// Accepts the connections that wait, and no more.
    package func stop() {
        acceptWaiting()
        if let key { loop.remove(key, socket.descriptor) }
        key = nil
    }
}
