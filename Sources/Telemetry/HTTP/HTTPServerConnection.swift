// One client's connection to a server.

/// One client's connection: reads requests, has them answered one after another, and writes the answers in order.
///
/// `@unchecked`: used on the loop's thread only; tasks reach it through the loop.
final class HTTPServerConnection: EventHandler, @unchecked Sendable {
    /// Streamed bytes that may wait for a slow peer before the stream is held up.
    private static let streamWindow = 256 * 1024

    private let socket: Socket
    private let server: HTTPServer
    private let peer: (host: String, port: Int)
    private var key: UInt64 = 0
    private var reader: HTTPMessageReader
    private var output: [UInt8] = []
    private var sent = 0
    private var isHandling = false
    private var hasSentContinue = false
    private var closesAfterOutput = false
    /// Set once the answer is out and only the peer's rest is thrown away, so that it gets to read the answer.
    private var isLingering = false
    private var isClosed = false
    private var since = SystemClock.monotonicNanoseconds()
    private var interest: Poller.Readiness = .readable
    private var room: [CheckedContinuation<Bool, Never>] = []

    init(_ socket: Socket, _ server: HTTPServer) {
        self.socket = socket
        self.server = server
        peer = socket.peerAddress?.hostAndPort ?? ("", 0)
        reader = HTTPMessageReader(requests: server.options.limits)
    }

    func begin() {
        key = server.loop.add(self, socket.descriptor, interest)
    }

    /// Closes an idle connection at once, and a busy one after its answer.
    func drain() {
        if isHandling || sent < output.count { closesAfterOutput = true } else { close() }
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        server.loop.remove(key, socket.descriptor)
        for continuation in room { continuation.resume(returning: false) }
        room = []
        server.remove(self)
    }

    func isReady(_ readiness: Poller.Readiness) {
        if readiness.contains(.readable) { receive() }
        if readiness.contains(.writable), !isClosed { flush() }
        if readiness == .ended { close() }
    }

    func tick(_ now: UInt64) {
        let options = server.options
        let waited = Duration.nanoseconds(Int64(clamping: now &- since))
        if isLingering {
            if waited > .seconds(1) { close() }
        } else if sent < output.count {
            if waited > options.sendTimeout { close() }
        } else if isHandling {
            return
        } else if reader.isInsideMessage {
            if waited > options.requestTimeout { refuse(HTTPParseError(status: 408, description: "the request took too long to come in")) }
        } else if waited > options.idleTimeout {
            close()
        }
    }

    private func receive() {
        // What a client sends ahead waits in the socket while a request is handled.
        guard !isHandling || isLingering else { return update() }
        for _ in 0..<4 {
            switch socket.receive(into: server.loop.receiveBuffer) {
            case .done(let count):
                guard !isLingering else { continue }
                if !reader.isInsideMessage { since = SystemClock.monotonicNanoseconds() }
                reader.append(UnsafeRawBufferPointer(rebasing: server.loop.receiveBuffer[..<count]))
                process()
                if isClosed || isHandling { return }
            case .wouldBlock: return
            case .closed, .failed: return close()
            }
        }
    }

    /// Has the next request answered, if it is there whole.
    private func process() {
        guard !isHandling, !isClosed, !closesAfterOutput else { return }
        do throws(HTTPParseError) {
            if let message = try reader.next() { return handle(message) }
        } catch {
            return refuse(error)
        }
        if reader.expectsContinue && !hasSentContinue {
            hasSentContinue = true
            enqueue(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
        }
    }

    private func handle(_ message: HTTPMessage) {
        isHandling = true
        hasSentContinue = false
        let head = message.head
        let request = HTTPRequest(
            method: head.method, target: head.target, headers: head.headers, body: message.body, minorVersion: head.minorVersion,
            peerAddress: peer.host, peerPort: peer.port)
        let isKept = head.minorVersion == 1 ? !head.headers.contains("close", in: "Connection") : head.headers.contains("keep-alive", in: "Connection")
        update()
        Task { [server] in
            let response = await server.handler(request)
            await self.answer(response, to: request, isKept: isKept)
        }
    }

    /// Hands the answer to the loop; a stream is pulled from here, piece by piece.
    private func answer(_ response: HTTPResponse, to request: HTTPRequest, isKept: Bool) async {
        let isBodiless = request.method == "HEAD" || response.status == 204 || response.status == 304 || response.status < 200
        switch response.body {
        case .bytes(let bytes):
            server.loop.execute {
                self.send(response, length: bytes.count, isKept: isKept)
                if !isBodiless { self.enqueue(bytes) }
                self.finishAnswer()
            }
        case .stream(let produce):
            let isChunked = request.minorVersion == 1
            server.loop.execute { self.send(response, length: nil, isKept: isKept && isChunked, isChunked: isChunked) }
            if !isBodiless {
                await produce(HTTPChunkWriter { bytes in await self.sendPiece(bytes, isChunked: isChunked) })
            }
            server.loop.execute {
                if !isBodiless && isChunked { self.enqueue(Array("0\r\n\r\n".utf8)) }
                self.finishAnswer()
            }
        }
    }

    private func sendPiece(_ bytes: [UInt8], isChunked: Bool) async -> Bool {
        await withCheckedContinuation { continuation in
            let isLive = server.loop.execute {
                guard !self.isClosed else { return continuation.resume(returning: false) }
                if isChunked {
                    self.enqueue(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [13, 10])
                } else {
                    self.enqueue(bytes)
                }
                if self.isClosed || self.output.count - self.sent < Self.streamWindow {
                    continuation.resume(returning: !self.isClosed)
                } else {
                    self.room.append(continuation)
                }
            }
            if !isLive { continuation.resume(returning: false) }
        }
    }

    /// Writes the head of an answer. `length` nil is a stream.
    private func send(_ response: HTTPResponse, length: Int?, isKept: Bool, isChunked: Bool = false) {
        if !isKept || server.isDraining { closesAfterOutput = true }
        var text = "HTTP/1.1 \(response.status) \(HTTPReason.phrase(response.status))\r\n"
        for (name, value) in response.headers where !["content-length", "transfer-encoding", "connection"].contains(name.lowercased()) {
            text += "\(name): \(value)\r\n"
        }
        if response.headers["Date"] == nil { text += "Date: \(HTTPDate.now)\r\n" }
        if isChunked {
            text += "Transfer-Encoding: chunked\r\n"
        } else if let length, response.status >= 200, response.status != 204, response.status != 304 {
            text += "Content-Length: \(length)\r\n"
        }
        text += closesAfterOutput ? "Connection: close\r\n\r\n" : "\r\n"
        output += Array(text.utf8)
    }

    private func finishAnswer() {
        isHandling = false
        flush()
        guard !isClosed else { return }
        since = SystemClock.monotonicNanoseconds()
        // Requests that were sent ahead.
        process()
        if !isClosed { update() }
    }

    /// Answers bytes that are no request, and closes once the answer is out.
    private func refuse(_ error: HTTPParseError) {
        closesAfterOutput = true
        let response = HTTPResponse.text(error.description + "\n", status: error.status)
        send(response, length: response.body.bytes.count, isKept: false)
        enqueue(response.body.bytes)
    }

    private func enqueue(_ bytes: [UInt8]) {
        guard !isClosed else { return }
        output += bytes
        flush()
    }

    private func flush() {
        while sent < output.count {
            let result = output.withUnsafeBytes { socket.send([UnsafeRawBufferPointer(rebasing: $0[sent...])]) }
            switch result {
            case .done(let count):
                sent += count
                since = SystemClock.monotonicNanoseconds()
            case .wouldBlock: return update()
            case .closed, .failed: return close()
            }
        }
        output.removeAll(keepingCapacity: output.capacity <= 1 << 16)
        sent = 0
        let waiting = room
        room = []
        for continuation in waiting { continuation.resume(returning: true) }
        if closesAfterOutput && !isHandling { linger() }
        if !isClosed { update() }
    }

    /// Lets the peer read the answer before the connection goes: what it still sends would otherwise reset it.
    private func linger() {
        guard !isLingering else { return }
        isLingering = true
        since = SystemClock.monotonicNanoseconds()
        socket.shutDownSending()
    }

    /// Tells the loop what to wait for.
    private func update() {
        var wanted: Poller.Readiness = []
        if !isHandling || isLingering { wanted.insert(.readable) }
        if sent < output.count { wanted.insert(.writable) }
        guard wanted != interest, !isClosed else { return }
        interest = wanted
        server.loop.change(key, socket.descriptor, wanted)
    }
}

/// The time as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    static var now: String { text(Int(SystemClock.wallNanoseconds() / 1_000_000_000)) }

    static func text(_ seconds: Int) -> String {
        let date = CivilDate(secondsSinceEpoch: seconds)
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(days[(seconds / 86_400) % 7]), \(padded(date.day)) \(months[date.month - 1]) \(date.year) "
            + "\(padded(date.hour)):\(padded(date.minute)):\(padded(date.second)) GMT"
    }
}
