// What a server's connection has yet to send.

/// The bytes of responses that a connection has yet to send.
struct HTTPServerOutput {
    private var bytes: [UInt8] = []
    private var sent = 0
    /// True while the bytes wait for the end of the round, and are sent together with the answers to other requests.
    private(set) var isHeld = false

    /// True if all was sent.
    var isEmpty: Bool { sent == bytes.count }

    /// The number of bytes that are not sent yet.
    var waitingCount: Int { bytes.count - sent }

    var heldBytes: Int { bytes.capacity }

    /// Appends bytes, which are held if they are fewer than a limit together with those before, and those are held too.
    mutating func append(_ more: [UInt8], heldUpTo limit: Int) {
        isHeld = (isHeld || isEmpty) && waitingCount + more.count < limit
        if bytes.isEmpty { bytes = more } else { bytes += more }
    }

    /// Sends what the socket takes; returns nil if that is all, else how the last attempt ended.
    mutating func send(on socket: Socket) -> SocketResult? {
        isHeld = false
        while sent < bytes.count {
            let result = bytes.withUnsafeBytes { socket.send(UnsafeRawBufferPointer(rebasing: $0[sent...])) }
            guard case .done(let count) = result else { return result }
            sent += count
        }
        removeAll()
        return nil
    }

    mutating func removeAll() { (bytes, sent, isHeld) = ([], 0, false) }
}
