// One connection of a client to a server.

/// One connection to a server: one request at a time, kept for the next one when the server allows it.
///
/// `@unchecked`: used on the loop's thread only.
final class HTTPClientConnection: EventHandler, @unchecked Sendable {
    private let loop: EventLoop
    private var addresses: [SocketAddress]
    private let maximumResponseBytes: Int
    private var socket: Socket?
    private var key: UInt64 = 0
    private var address = ""
    private var exchange: HTTPExchange?
    private var isReused = false
    private var isConnecting = false
    private var output: [UInt8] = []
    private var sent = 0
    private var reader = HTTPMessageReader(responses: HTTPLimits())
    private var firstBytes: [UInt8] = []
    private(set) var authority = ""
    var onIdle: (@Sendable (HTTPClientConnection) -> Void)?
    /// Takes back a request that a kept connection could not deliver.
    var onStale: (@Sendable (HTTPExchange) -> Void)?

    init(loop: EventLoop, addresses: [SocketAddress], maximumResponseBytes: Int) {
        self.loop = loop
        self.addresses = addresses
        self.maximumResponseBytes = maximumResponseBytes
    }

    /// Whether a kept connection is still open.
    var isUsable: Bool { socket.map { !$0.isStale } ?? false }

    func start(_ exchange: HTTPExchange, isReused: Bool) {
        self.exchange = exchange
        self.isReused = isReused
        authority = exchange.request.url.authority
        exchange.onCancel { [weak self] in self?.close() }
        var limits = HTTPLimits()
        limits.body = maximumResponseBytes
        reader = HTTPMessageReader(responses: limits)
        reader.answersHead = exchange.request.method == "HEAD"
        firstBytes = []
        output = Self.bytes(of: exchange.request)
        sent = 0
        if isReused { send() } else { connect(lastError: nil) }
    }

    func close() {
        if let socket { loop.remove(key, socket.descriptor) }
        socket = nil
    }

    private static func bytes(of request: HTTPClient.Request) -> [UInt8] {
        var text = "\(request.method) \(request.url.target) HTTP/1.1\r\n"
        if request.headers["Host"] == nil { text += "Host: \(request.url.authority)\r\n" }
        for (name, value) in request.headers where name.lowercased() != "content-length" { text += "\(name): \(value)\r\n" }
        if !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method) { text += "Content-Length: \(request.body.count)\r\n" }
        return Array((text + "\r\n").utf8) + request.body
    }

    /// Tries the next address.
    private func connect(lastError: HTTPClientError?) {
        guard let exchange, !exchange.isDone else { return }
        guard !addresses.isEmpty else {
            return fail(lastError ?? .unreachable(address: authority, reason: "it has no address"))
        }
        let next = addresses.removeFirst()
        address = next.text
        do throws(SocketError) {
            let socket = try Socket.connecting(to: next)
            self.socket = socket
            isConnecting = true
            key = loop.add(self, socket.descriptor, .writable)
        } catch {
            connect(lastError: clientError(error))
        }
    }

    private func clientError(_ error: SocketError) -> HTTPClientError {
        error == .refused ? .refused(address: address) : .unreachable(address: address, reason: error.description)
    }

    func isReady(_ readiness: Poller.Readiness) {
        if isConnecting {
            isConnecting = false
            if let error = socket?.connectionError {
                close()
                return connect(lastError: clientError(error))
            }
            return send()
        }
        if readiness.contains(.writable) { send() }
        if readiness.contains(.readable) || readiness.contains(.ended) { receive() }
    }

    func tick(_ now: UInt64) {
        guard let exchange else { return }
        if exchange.isDone { return close() }
        if now >= exchange.deadline.nanoseconds && exchange.deadline != .never { fail(.timedOut(address: address.isEmpty ? authority : address)) }
    }

    private func send() {
        guard let socket else { return }
        while sent < output.count {
            let result = output.withUnsafeBytes { socket.send([UnsafeRawBufferPointer(rebasing: $0[sent...])]) }
            switch result {
            case .done(let count): sent += count
            case .wouldBlock: return loop.change(key, socket.descriptor, [.readable, .writable])
            case .closed, .failed:
                // The server may have answered before it closed.
                return receive()
            }
        }
        loop.change(key, socket.descriptor, .readable)
    }

    private func receive() {
        guard exchange != nil else { return close() }
        while let socket {
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
            case .closed, .failed: return ended()
            }
        }
    }

    private func ended() {
        if isReused && firstBytes.isEmpty, let exchange {
            self.exchange = nil
            close()
            onStale?(exchange)
            return
        }
        if let message = try? reader.finish() { return succeed(message, isEnded: true) }
        fail(.closedEarly(address: address))
    }

    private func succeed(_ message: HTTPMessage, isEnded: Bool) {
        let exchange = exchange
        self.exchange = nil
        let isKept =
            !isEnded && sent == output.count && message.head.minorVersion == 1 && !message.head.headers.contains("close", in: "Connection")
        if isKept { onIdle?(self) } else { close() }
        exchange?.finish(.success(HTTPResponse(status: message.head.status, headers: message.head.headers, body: message.body)))
    }

    private func fail(_ error: HTTPClientError) {
        let exchange = exchange
        self.exchange = nil
        close()
        exchange?.finish(.failure(error))
    }
}
