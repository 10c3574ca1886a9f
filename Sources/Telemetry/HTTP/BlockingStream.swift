// A connection to one address whose bytes are no HTTP of ours.

/// Sends and receives bytes, with or without TLS; for one thread, which blocks at most until a deadline.
package final class BlockingStream {
    private let interruption = Interruption()
    private let socket: Socket
    private let address: String
    private var transport: HTTPTransport
    private var buffer = ReceiveBuffer(size: 64 * 1024)

    private init(_ socket: Socket, _ address: String) {
        self.socket = socket
        self.address = address
        transport = HTTPTransport(socket)
    }

    /// Connects to an address.
    package static func connect(to address: SocketAddress, until deadline: Deadline) throws(HTTPClientError) -> BlockingStream {
        let text = address.text
        func failure(_ error: SocketError) -> HTTPClientError {
            error == .refused ? .refused(address: text) : .unreachable(address: text, reason: error.description)
        }
        let stream: BlockingStream
        do throws(SocketError) { stream = BlockingStream(try Socket.connecting(to: address), text) } catch { throw failure(error) }
        if let error = stream.wait(toWrite: true, deadline) { throw error }
        if let error = stream.socket.connectionError { throw failure(error) }
        return stream
    }

    /// Exchanges datagrams with an address: each send is one, each receive returns one.
    package static func exchangeDatagrams(with address: SocketAddress) throws(HTTPClientError) -> BlockingStream {
        do throws(SocketError) { return BlockingStream(try Socket.exchangingDatagrams(with: address), address.text) } catch {
            throw .unreachable(address: address.text, reason: error.description)
        }
    }

    /// Performs the TLS handshake; from here on bytes are encrypted.
    ///
    /// - Parameter host: the name or address that the certificate must be for, and that the server is asked for.
    package func secure(_ context: TLSContext, host: String, until deadline: Deadline) throws(HTTPClientError) -> TLSPeer {
        guard let session = TLSSession(context, host: host) else {
            throw .tlsFailed(address: address, reason: "\(host) is no name that a certificate can hold", isTransient: false)
        }
        let secured = HTTPTransport(socket, session)
        try secured.completeHandshake(at: address) { wait(toWrite: $0, deadline) }
        guard let peer = session.peer else { throw .tlsUnavailable("the library does not tell certificates") }
        transport = secured
        return peer
    }

    /// Sends all of the bytes.
    package func send(_ bytes: [UInt8], until deadline: Deadline) throws(HTTPClientError) {
        var sent = 0
        while true {
            let result = bytes.withUnsafeBytes { all in
                sent < all.count ? transport.send([UnsafeRawBufferPointer(rebasing: all[sent...])]) : transport.flush()
            }
            switch result {
            case .done where sent == bytes.count: return
            case .done(let count): sent += count
            case .wouldBlock: if let error = wait(toWrite: true, deadline) { throw error }
            case .closed, .failed: throw closed
            }
        }
    }

    /// Returns the next bytes; none once the peer has closed.
    package func receive(until deadline: Deadline) throws(HTTPClientError) -> [UInt8] {
        while true {
            // A peer that never stops sending does not hold up the deadline.
            guard !deadline.hasPassed else { throw .timedOut(address: address) }
            switch buffer.withUnsafeMutableBytes({ transport.receive(into: $0) }) {
            case .done(let count): return Array(buffer.prefix(count))
            case .wouldBlock: if let error = wait(toWrite: false, deadline) { throw error }
            case .closed where transport.failure == nil: return []
            case .closed, .failed: throw closed
            }
        }
    }

    private var closed: HTTPClientError {
        guard let failure = transport.failure else { return .closedEarly(address: address) }
        return .tlsFailed(address: address, reason: failure.description, isTransient: failure.isTransient)
    }

    private func wait(toWrite: Bool, _ deadline: Deadline) -> HTTPClientError? {
        switch interruption.wait(for: socket, toWrite: toWrite, until: deadline) {
        case .ready: nil
        case .timedOut: .timedOut(address: address)
        case .interrupted: .interrupted
        case .closed: .descriptorsClosed
        }
    }
}
