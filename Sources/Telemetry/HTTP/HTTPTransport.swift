// A connected socket, with TLS or without it.

/// A connected socket, with TLS or without it. Nothing here waits.
final class HTTPTransport {
    let socket: Socket
    private let session: TLSSession?
    /// Whether the peer has answered a request.
    var hasAnswered = false
    /// What ended TLS, if something did.
    private(set) var failure: TLSFailure?
    /// Bytes for the peer that the socket has not taken, and how many of them it has taken since.
    private var output: [UInt8] = []
    private var sentCount = 0
    private lazy var buffer = [UInt8](repeating: 0, count: TLSSession.maximumRecord + 1024)

    init(_ socket: Socket, _ session: TLSSession? = nil) {
        self.socket = socket
        self.session = session
    }

    deinit {
        guard let session, failure == nil else { return }
        session.close()
        _ = flush()
    }

    /// Whether the socket has not taken everything yet.
    var hasOutput: Bool { sentCount < output.count }

    /// What a peer may have wanted that closes instead of an answer; nil when nothing hints at it.
    var hintAtClose: String? { session?.hintAtClose }

    /// Goes on with the handshake of TLS; would block until the peer's part has come.
    func handshake() -> SocketResult {
        guard let session else { return .done(0) }
        return perform { session.handshake() }
    }

    /// Whether the peer has closed, or sent something that nobody asked for, while the connection was idle.
    var isStale: Bool {
        guard let session else { return socket.isStale }
        return perform { session.peek() } != .wouldBlock
    }

    func receive(into buffer: UnsafeMutableRawBufferPointer) -> SocketResult {
        guard let session else { return socket.receive(into: buffer) }
        return perform { session.receive(into: buffer) }
    }

    /// Sends the pieces as far as the socket takes them; with TLS one record of them, of which the last part may still be here.
    func send(_ pieces: ArraySlice<UnsafeRawBufferPointer>) -> SocketResult {
        guard let session else { return socket.send(pieces) }
        let flushed = flush()
        guard case .done = flushed else { return flushed }
        // A record is made of one run of bytes: a large piece is one, of small ones it is put together.
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
            guard count > 0 else { return .done(0) }
            return perform { session.send(UnsafeRawBufferPointer(rebasing: record[..<count])) }
        }
    }

    /// Sends what is still here; would block until the socket has taken all of it.
    func flush() -> SocketResult {
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
            output += buffer[..<count]
        }
    }

    /// Performs a step of TLS, carrying bytes to and fro until it is done or the socket has no more to give.
    private func perform(_ step: () -> TLSSession.Outcome) -> SocketResult {
        guard let session, failure == nil else { return .closed }
        while true {
            let outcome = step()
            // What TLS itself has to say, an alert for instance, goes out whatever came of the step; what does not, goes later.
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
                buffer.withUnsafeBytes { session.takeIn(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            }
        }
    }
}
