// The bytes of HTTP/2 that wait for the socket.

/// Frames for the peer: their heads and control frames are kept here; the content of DATA frames stays where the body is.
struct HTTP2Output {
    private enum Piece {
        case kept(Range<Int>)
        case body(UnsafeRawBufferPointer)

        var count: Int {
            switch self {
            case .kept(let range): range.count
            case .body(let bytes): bytes.count
            }
        }
    }

    private var kept: [UInt8] = []
    private var pieces: [Piece] = []
    /// The bytes of all pieces that the socket has accepted.
    private var sentCount = 0
    private(set) var byteCount = 0

    var isEmpty: Bool { sentCount == byteCount }

    /// The bytes of the body that the socket has not accepted.
    var unsentBodyBytes: Int {
        var (end, unsent) = (0, 0)
        for piece in pieces {
            end += piece.count
            if case .body = piece { unsent += min(piece.count, max(0, end - sentCount)) }
        }
        return unsent
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        let start = kept.count
        kept.append(contentsOf: bytes)
        byteCount += bytes.count
        if case .kept(let range)? = pieces.last, range.upperBound == start {
            pieces[pieces.count - 1] = .kept(range.lowerBound..<kept.count)
        } else {
            pieces.append(.kept(start..<kept.count))
        }
    }

    /// Appends content without copying it: it must outlive its sending.
    mutating func append(body bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        pieces.append(.body(bytes))
        byteCount += bytes.count
    }

    /// Sends what waits until the closure would block or fails; returns its last result, or `done` when nothing waits any more.
    mutating func send(_ send: (ArraySlice<UnsafeRawBufferPointer>) -> SocketResult) -> SocketResult {
        guard !isEmpty else { return .done(0) }
        var sent = 0
        let result = kept.withUnsafeBytes { kept -> SocketResult in
            var buffers = pieces.map { piece in
                switch piece {
                case .kept(let range): UnsafeRawBufferPointer(rebasing: kept[range])
                case .body(let bytes): bytes
                }
            }
            assert(buffers.reduce(0) { $0 + $1.count } == byteCount, "The pieces have the size that was added up.")
            var first = 0
            buffers.skip(sentCount, from: &first)
            while first < buffers.count {
                let result = send(buffers[first...])
                guard case .done(let count) = result else { return result }
                buffers.skip(count, from: &first)
                sent += count
            }
            return .done(0)
        }
        sentCount += sent
        if isEmpty {
            kept.removeAll(keepingCapacity: true)
            pieces.removeAll(keepingCapacity: true)
            (sentCount, byteCount) = (0, 0)
        }
        return result
    }
}
