// One socket with the bytes that wait to be sent.

import Telemetry

/// What a socket belongs to; must be used on the loop's thread only.
protocol LinkOwner: AnyObject {
    /// The socket is connected, and TLS is agreed on.
    func linkOpened()
    /// Bytes wait in the socket, or it has ended.
    func linkIsReadable()
    /// All bytes have been sent after some of them had to wait.
    func linkDrained()
    /// The socket or TLS has failed, or the peer has gone; nothing more can be sent.
    func linkFailed(_ reason: String)
    /// Returns when to call again, in monotonic nanoseconds.
    func linkTime(_ now: UInt64) -> UInt64
}

/// A socket on the loop, with or without TLS. Sending never fails towards the caller: a failure is reported by the loop, so that no call
/// comes back to an owner in the middle of its work.
///
/// `@unchecked`: used on the loop's thread only; its closures reach it through the loop.
final class Link: EventHandler, @unchecked Sendable {
    enum Received: Equatable {
        /// The socket is empty for now.
        case blocked
        /// The peer sends nothing more.
        case closed
    }

    /// How many bytes may wait for a slow peer before the other side is no longer read.
    static let highMark = 64 * 1024
    private static let receiveBytes = 32 * 1024
    /// How often one event receives: others wait meanwhile.
    private static let receivesPerEvent = 16

    private enum Stage { case connecting, handshake, open, closed }

    let loop: EventLoop
    let transport: HTTPTransport
    private var owner: (any LinkOwner)?
    private var key: UInt64 = 0
    private var interest: Poller.Readiness
    private var isWatched = true
    private var stage: Stage
    /// Bytes for the peer; written by the owner and sent by ``flush()``.
    var output: [UInt8] = []
    private var sent = 0
    private var waitsForRoom = false
    private var hasFailed = false
    /// Whether sending ends with the last byte of the output.
    private var endsOutput = false
    private(set) var isReading = true

    /// Adds a socket to the loop; nil if the system refuses.
    ///
    /// - Parameter isConnecting: true for a socket that connects; false for one that was accepted.
    init?(_ transport: HTTPTransport, _ loop: EventLoop, owner: any LinkOwner, isConnecting: Bool) {
        self.loop = loop
        self.transport = transport
        self.owner = owner
        stage = isConnecting ? .connecting : transport.isSecure ? .handshake : .open
        interest = isConnecting ? .writable : .readable
        guard let key = loop.add(self, transport.socket.descriptor, interest) else { return nil }
        self.key = key
    }

    var isClosed: Bool { stage == .closed }
    /// The bytes that have not been sent.
    var pendingCount: Int { output.count - sent }
    var isFull: Bool { pendingCount >= Self.highMark }

    func close() {
        loop.assertIsCurrent()
        guard stage != .closed else { return }
        stage = .closed
        if isWatched { loop.remove(key, transport.socket.descriptor) } else { loop.remove(key) }
        owner = nil
        (output, sent) = ([], 0)
    }

    // MARK: Events

    func isReady(_ readiness: Poller.Readiness) {
        switch stage {
        case .connecting:
            if let error = transport.socket.connectionError { return fail("\(error)") }
            stage = transport.isSecure ? .handshake : .open
            if stage == .open { opened() } else { continueHandshake() }
        case .handshake: continueHandshake()
        case .open:
            if readiness.contains(.writable) { sendWaiting() }
            if readiness.contains(.readable) || readiness.contains(.ended) { readable(readiness) }
        case .closed: break
        }
    }

    func checkTime(_ now: UInt64) -> UInt64 { owner?.linkTime(now) ?? .max }

    private func readable(_ readiness: Poller.Readiness) {
        guard stage == .open else { return }
        if isReading { return owner?.linkIsReadable() ?? () }
        // The loop reports an end again and again; what is left in the socket is read when the owner wants it.
        guard readiness.contains(.ended), isWatched else { return }
        isWatched = false
        loop.remove(key, transport.socket.descriptor)
        key = loop.add(self)
        owner?.linkFailed("the peer closed the connection")
    }

    private func opened() {
        setInterest(.readable)
        owner?.linkOpened()
    }

    private func continueHandshake() {
        switch transport.handshake() {
        case .done:
            stage = .open
            opened()
            // Bytes behind the handshake may have arrived with it.
            if stage == .open, isReading { owner?.linkIsReadable() }
        case .wouldBlock: setInterest(transport.hasOutput ? [.readable, .writable] : .readable)
        case .closed, .failed: fail(transport.failureReason ?? "it closed the connection in the middle of the TLS handshake")
        }
    }

    private func fail(_ reason: String) {
        guard !hasFailed, stage != .closed else { return }
        hasFailed = true
        owner?.linkFailed(reason)
    }

    // MARK: Receiving

    /// Starts or stops reading; the owner reads at once what has arrived meanwhile, since TLS may hold bytes that the loop does not know of.
    func setReading(_ isReading: Bool) {
        guard isReading != self.isReading, stage != .closed else { return }
        self.isReading = isReading
        if isReading { interestChanged(adding: .readable) } else { interestChanged(removing: .readable) }
        if isReading {
            loop.execute { [self] in
                if self.isReading, stage == .open { owner?.linkIsReadable() }
            }
        }
    }

    /// Receives what has arrived into an input, until the owner stops reading.
    func receive(into input: inout InputBuffer, upTo limit: Int) -> Received {
        let buffer = UnsafeMutableRawBufferPointer(rebasing: loop.receiveBuffer[..<Self.receiveBytes])
        for _ in 0..<Self.receivesPerEvent {
            guard stage == .open, isReading else { return .blocked }
            guard input.count < limit else { break }
            switch transport.receive(into: buffer) {
            case .done(let count):
                input.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                // A buffer that was not filled has emptied the socket; with TLS there may be another record.
                if count < buffer.count, !transport.isSecure { return .blocked }
            case .wouldBlock: return .blocked
            case .closed, .failed: return .closed
            }
        }
        // TLS may hold more of what has been received, of which the loop knows nothing.
        if transport.isSecure {
            loop.execute { [self] in
                if isReading, stage == .open { owner?.linkIsReadable() }
            }
        }
        return .blocked
    }

    // MARK: Sending

    /// Sends as much of the output as the socket accepts; the rest follows by itself.
    func flush() {
        loop.assertIsCurrent()
        guard stage == .open, !waitsForRoom else { return }
        trySending()
    }

    /// Ends sending behind the output.
    func endOutput() {
        endsOutput = true
        flush()
    }

    private func sendWaiting() {
        guard waitsForRoom else { return }
        waitsForRoom = false
        trySending()
        if !waitsForRoom, stage == .open { owner?.linkDrained() }
    }

    private func trySending() {
        guard !hasFailed else { return discardOutput() }
        while sent < output.count {
            switch output[sent...].withUnsafeBytes({ transport.send($0) }) {
            case .done(let count): sent += count
            case .wouldBlock: return waitForRoom()
            case .closed, .failed: return failLater()
            }
        }
        if transport.hasOutput {
            switch transport.flush() {
            case .done: break
            case .wouldBlock: return waitForRoom()
            case .closed, .failed: return failLater()
            }
        }
        discardOutput()
        if interest.contains(.writable) { interestChanged(removing: .writable) }
        if endsOutput { transport.socket.shutDownSending() }
    }

    private func waitForRoom() {
        waitsForRoom = true
        if sent > output.count / 2 {
            output.removeFirst(sent)
            sent = 0
        }
        interestChanged(adding: .writable)
    }

    private func discardOutput() {
        // The memory of a message is kept for the next one, that of a body is not.
        if output.capacity <= 4096 { output.removeAll(keepingCapacity: true) } else { output = [] }
        sent = 0
    }

    private func failLater() {
        discardOutput()
        let reason = transport.failureReason ?? "the peer closed the connection"
        loop.execute { [self] in fail(reason) }
    }

    // MARK: Interest

    private func interestChanged(adding added: Poller.Readiness = [], removing removed: Poller.Readiness = []) {
        setInterest(interest.union(added).subtracting(removed))
    }

    private func setInterest(_ wanted: Poller.Readiness) {
        guard wanted != interest, stage != .closed else { return }
        interest = wanted
        if isWatched { loop.change(key, transport.socket.descriptor, wanted) }
    }
}
