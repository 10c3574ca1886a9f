// One connection of a client to a server.

/// One connection to a server: one request at a time, kept for the next one when the server allows it.
///
/// `@unchecked`: used on the loop's thread only.
final class HTTPClientConnection: EventHandler, @unchecked Sendable {
    /// What becomes of the connection once it has no request any more.
    enum Event {
        /// It can be used again.
        case idle
        /// The server had closed it before it saw the request: another one has to deliver that.
        case stale(HTTPClientExchange)
        case closed
    }

    private enum Phase {
        case resolving, connecting, exchanging, idle, closed
    }

    /// How long a connection is kept without a request; servers mostly keep it longer.
    private static let idleTime: UInt64 = 30_000_000_000
    /// How long one address may keep us from trying the next one.
    private static let connectTime: UInt64 = 2_000_000_000

    private let loop: EventLoop
    private let maximumResponseBytes: Int
    private let report: @Sendable (Event, HTTPClientConnection) -> Void
    private(set) var authority = ""
    private var key: UInt64 = 0
    private var phase = Phase.resolving
    private var addresses: [SocketAddress] = []
    private var address = ""
    private var socket: Socket?
    private var exchange: HTTPClientExchange?
    private var isReused = false
    /// When the present address is given up, or the connection is no longer kept.
    private var limit = UInt64.max
    private var output: [UInt8] = []
    private var sent = 0
    private var reader = HTTPMessageReader(responses: HTTPLimits())
    private var firstBytes: [UInt8] = []

    init(loop: EventLoop, maximumResponseBytes: Int, report: @escaping @Sendable (Event, HTTPClientConnection) -> Void) {
        self.loop = loop
        self.maximumResponseBytes = maximumResponseBytes
        self.report = report
        key = loop.add(self)
    }

    /// Whether a kept connection is still open.
    var isUsable: Bool { socket.map { !$0.isStale } ?? false }

    func serves(_ other: HTTPClientExchange) -> Bool { exchange === other }

    /// Takes a request on: to be sent at once on a kept connection, else when it is connected.
    func start(_ exchange: HTTPClientExchange) {
        self.exchange = exchange
        authority = exchange.request.url.authority
        var limits = HTTPLimits()
        limits.body = maximumResponseBytes
        reader = HTTPMessageReader(responses: limits)
        reader.answersHead = exchange.request.method == "HEAD"
        firstBytes = []
        output = exchange.bytes
        sent = 0
        limit = .max
        guard phase == .idle else { return }
        isReused = true
        phase = .exchanging
        send()
    }

    func connect(to addresses: [SocketAddress]) {
        guard phase == .resolving else { return }
        self.addresses = addresses
        connect(lastError: .unreachable(address: authority, reason: "it has no address"))
    }

    func close() {
        guard phase != .closed else { return }
        phase = .closed
        exchange = nil
        closeSocket()
        loop.remove(key)
        report(.closed, self)
    }

    func fail(_ error: HTTPClientError) {
        let exchange = exchange
        close()
        exchange?.finish(.failure(error))
    }

    // MARK: Events

    var expiry: UInt64 { min(limit, exchange?.deadline.nanoseconds ?? .max) }

    func expire(_ now: UInt64) {
        guard let exchange else { return close() }
        let error = HTTPClientError.timedOut(address: address.isEmpty ? authority : address)
        if now >= exchange.deadline.nanoseconds { return fail(error) }
        closeSocket()
        connect(lastError: error)
    }

    func isReady(_ readiness: Poller.Readiness) {
        switch phase {
        case .connecting:
            if let error = socket?.connectionError {
                closeSocket()
                return connect(lastError: clientError(error))
            }
            phase = .exchanging
            limit = .max
            send()
        case .exchanging:
            if readiness.contains(.writable) { send() }
            if phase == .exchanging, readiness.contains(.readable) || readiness.contains(.ended) { receive() }
        case .resolving, .idle, .closed:
            // Nothing may come on an idle connection but its end.
            close()
        }
    }

    private func closeSocket() {
        if let socket { loop.unwatch(socket.descriptor) }
        socket = nil
    }

    /// Tries the next address.
    private func connect(lastError: HTTPClientError) {
        guard !addresses.isEmpty else { return fail(lastError) }
        let next = addresses.removeFirst()
        address = next.text
        phase = .connecting
        limit = addresses.isEmpty ? .max : SystemClock.monotonicNanoseconds() + Self.connectTime
        do throws(SocketError) {
            let socket = try Socket.connecting(to: next)
            self.socket = socket
            loop.watch(socket.descriptor, key, .writable)
        } catch {
            connect(lastError: clientError(error))
        }
    }

    private func clientError(_ error: SocketError) -> HTTPClientError {
        error == .refused ? .refused(address: address) : .unreachable(address: address, reason: error.description)
    }

    private func send() {
        guard let socket else { return }
        while sent < output.count {
            let result = output.withUnsafeBytes { socket.send([UnsafeRawBufferPointer(rebasing: $0[sent...])]) }
            switch result {
            case .done(let count): sent += count
            case .wouldBlock: return loop.change(socket.descriptor, key, [.readable, .writable])
            case .closed, .failed:
                // The server may have answered before it closed.
                return receive()
            }
        }
        loop.change(socket.descriptor, key, .readable)
    }

    private func receive() {
        while let socket, phase == .exchanging {
            switch socket.receive(into: loop.receiveBuffer) {
            case .done(let count):
                let bytes = UnsafeRawBufferPointer(rebasing: loop.receiveBuffer[..<count])
                if firstBytes.isEmpty { firstBytes = Array(bytes.prefix(16)) }
                reader.append(bytes)
                do throws(HTTPParseError) {
                    if let message = try reader.next() { return succeed(message, isEnded: false) }
                } catch {
                    return fail(error.clientError(address: address, limit: maximumResponseBytes, firstBytes: firstBytes))
                }
            case .wouldBlock: return
            case .closed, .failed: return endedByServer()
            }
        }
    }

    private func endedByServer() {
        if isReused && firstBytes.isEmpty, let exchange {
            close()
            return report(.stale(exchange), self)
        }
        if let message = try? reader.finish() { return succeed(message, isEnded: true) }
        fail(.closedEarly(address: address))
    }

    private func succeed(_ message: HTTPMessage, isEnded: Bool) {
        let exchange = exchange
        let headers = message.head.headers
        // Bytes after the answer belong to no request: who sends them is out of step.
        let isKept =
            !isEnded && sent == output.count && !reader.isInsideMessage && message.head.minorVersion == 1
            && !headers.contains("close", in: "Connection")
        if isKept {
            self.exchange = nil
            output = []
            phase = .idle
            limit = SystemClock.monotonicNanoseconds() + Self.idleTime
            report(.idle, self)
        } else {
            close()
        }
        exchange?.finish(.success(HTTPResponse(status: message.head.status, headers: headers, body: message.body)))
    }
}
