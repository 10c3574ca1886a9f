// The one interface of plain and TLS connections.

/// A connected socket, with or without TLS. No call blocks.
package final class HTTPTransport {
    package let socket: Socket
    private let session: TLSSession?
    /// True once a response has been received on this connection.
    var hasReceivedResponse = false
    /// The failure of TLS, if it has failed.
    private(set) var failure: TLSFailure?
    /// Why TLS has failed; nil if it has not, or if there is none.
    package var failureReason: String? { failure?.description }
    package var isSecure: Bool { session != nil }
    /// The names in the certificate that the peer has shown: hosts, and URIs such as `spiffe://cluster/albums`.
    package var peerNames: [TLSPeerName] { session?.peerNames ?? [] }
    /// Bytes of TLS for the peer, and how many of them the socket has accepted.
    private var output: [UInt8] = []
    private var sentCount = 0
    private var buffer = ReceiveBuffer(size: TLSSession.maximumRecord + 1024)

    init(_ socket: Socket, _ session: TLSSession? = nil) {
        self.socket = socket
        self.session = session
    }

    /// A connection that a server has accepted; returns nil if there is no memory for TLS.
    package convenience init?(accepted socket: Socket, tls context: TLSContext?) {
        guard let context else {
            self.init(socket)
            return
        }
        guard let session = TLSSession(acceptingWith: context) else { return nil }
        self.init(socket, session)
    }

    /// A connection of a client; returns nil if the host is no name that a certificate can hold.
    ///
    /// - Parameter host: the name that the certificate must have; nil if the caller checks ``peerNames`` instead.
    package convenience init?(connecting socket: Socket, tls context: TLSContext?, host: String?) {
        guard let context else {
            self.init(socket)
            return
        }
        guard let session = TLSSession(context, host: host) else { return nil }
        self.init(socket, session)
    }

    deinit {
        guard let session, failure == nil else { return }
        session.close()
        _ = flush()
    }

    /// True if the socket has not accepted all bytes yet.
    package var hasOutput: Bool { sentCount < output.count }

    /// The protocol that the TLS handshake has agreed on; nil for none.
    var agreedProtocol: String? { session?.agreedProtocol }

    /// A hint at why the peer has closed without a response; nil if there is none.
    var hintAtClose: String? { session?.hintAtClose }

    /// Continues the TLS handshake; would block until the peer's bytes have arrived.
    package func handshake() -> SocketResult {
        guard let session else { return .done(0) }
        return perform { session.handshake() }
    }

    /// Performs the whole TLS handshake.
    ///
    /// - Parameters:
    ///   - address: the address in errors.
    ///   - wait: waits until the socket can be read or written; returns the error of a wait that failed.
    func completeHandshake(at address: String, wait: (_ toWrite: Bool) -> HTTPClientError?) throws(HTTPClientError) {
        while true {
            switch handshake() {
            case .done: return
            case .wouldBlock: if let error = wait(hasOutput) { throw error }
            case .closed, .failed:
                if let failure {
                    throw .tlsFailed(address: address, reason: failure.description, isTransient: failure.isTransient)
                }
                let reason = "it closed the connection in the middle of the handshake; does it speak TLS?"
                throw .tlsFailed(address: address, reason: reason, isTransient: true)
            }
        }
    }

    /// True if the peer has closed the idle connection or sent unexpected bytes.
    package var isStale: Bool {
        guard let session else { return socket.isStale }
        return perform { session.peek() } != .wouldBlock
    }

    package func receive(into buffer: UnsafeMutableRawBufferPointer) -> SocketResult {
        guard let session else { return socket.receive(into: buffer) }
        return perform { session.receive(into: buffer) }
    }

    /// Sends as much of the pieces as the socket accepts; with TLS one record, a part of which may remain to be flushed.
    func send(_ pieces: ArraySlice<UnsafeRawBufferPointer>) -> SocketResult {
        guard let session else { return socket.send(pieces) }
        let flushed = flush()
        guard case .done = flushed else { return flushed }
        // A record needs contiguous bytes: a large piece is sent as it is, small ones are copied together.
        if let first = pieces.first, first.count >= TLSSession.maximumRecord {
            return perform { session.send(UnsafeRawBufferPointer(rebasing: first[..<TLSSession.maximumRecord])) }
        }
        return withUnsafeTemporaryAllocation(byteCount: TLSSession.maximumRecord, alignment: 16) { record in
            var count = 0
            for piece in pieces where count < record.count {
                let part = piece.prefix(record.count - count)
                UnsafeMutableRawBufferPointer(rebasing: record[count...]).copyBytes(from: part)
                count += part.count
            }
            assert(count <= record.count, "The pieces fit into one record.")
            guard count > 0 else { return .done(0) }
            return perform { session.send(UnsafeRawBufferPointer(rebasing: record[..<count])) }
        }
    }

    /// Sends as many of the bytes as the socket accepts; with TLS one record, a part of which may remain to be flushed.
    package func send(_ bytes: UnsafeRawBufferPointer) -> SocketResult {
        guard session != nil else { return socket.send(bytes) }
        return send([bytes])
    }

    /// Sends remaining bytes of TLS; would block until the socket has accepted all of them.
    package func flush() -> SocketResult {
        guard let session else { return .done(0) }
        while true {
            while sentCount < output.count {
                switch output[sentCount...].withUnsafeBytes({ socket.send($0) }) {
                case .done(let count): sentCount += count
                case let other: return other
                }
            }
            output.removeAll(keepingCapacity: true)
            sentCount = 0
            let count = buffer.withUnsafeMutableBytes { session.takeOutput(into: $0) }
            guard count > 0 else { return .done(0) }
            output += buffer.prefix(count)
        }
    }

    /// Performs a step of TLS, and moves bytes between it and the socket until it is done or the socket would block.
    private func perform(_ step: () -> TLSSession.Outcome) -> SocketResult {
        guard let session, failure == nil else { return .closed }
        while true {
            let outcome = step()
            // Bytes of TLS itself, such as an alert, are sent whatever the outcome is; the socket may accept the rest later.
            _ = flush()
            switch outcome {
            case .done(let count): return .done(count)
            case .closed: return .closed
            case .failed(let reason):
                failure = reason
                return .closed
            case .needsInput:
                let received = buffer.withUnsafeMutableBytes { socket.receive(into: $0) }
                guard case .done(let count) = received else { return received }
                buffer.withUnsafeBytes { session.receiveFromPeer(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            }
        }
    }
}
