// One client's connection to a server.

/// One client's connection: reads requests, has them answered one after another, and writes the answers in order.
///
/// `@unchecked`: used on the loop's thread only; tasks reach it through the loop.
final class HTTPServerConnection: EventHandler, @unchecked Sendable {
    private enum Phase {
        case reading
        /// A request is being answered. What the client sends ahead waits in the socket.
        case handling
        /// The last answer is out; what the client still sends is thrown away, since unread bytes would make the system reset
        /// the connection before the client has read the answer.
        case lingering
        case closed
    }

    /// Streamed bytes that may wait for a slow peer before the stream is held up.
    private static let streamWindow = 256 * 1024
    private static let lingerTime = Duration.seconds(1)

    private let server: HTTPServer
    private let peer: (host: String, port: Int)
    /// Nil once closed, so that the descriptor goes even if a handler holds the connection for long.
    private var socket: Socket?
    private var key: UInt64 = 0
    private var interest: Poller.Readiness = .readable
    private var phase = Phase.reading
    private var reader: HTTPMessageReader
    private var hasSentContinue = false
    private var output: [UInt8] = []
    private var sent = 0
    private var closesAfterOutput = false
    /// When the wait that is under way began, for its time limit.
    private var since = SystemClock.monotonicNanoseconds()
    private var task: Task<Void, Never>?
    /// Writers of a stream that wait for the output to drain.
    private var writers: [CheckedContinuation<Bool, Never>] = []

    init(_ socket: Socket, _ server: HTTPServer) {
        self.socket = socket
        self.server = server
        peer = socket.peerAddress?.hostAndPort ?? ("", 0)
        reader = HTTPMessageReader(requests: server.options.limits)
    }

    private var hasOutput: Bool { sent < output.count }

    func begin(isWelcome: Bool) {
        guard let socket else { return }
        key = server.loop.add(self)
        server.loop.watch(socket.descriptor, key, interest)
        if !isWelcome { refuse(status: 503, "there are too many connections") }
    }

    /// Closes an idle connection at once, and a busy one after its answer.
    func drain() {
        guard phase == .reading, !hasOutput else { return }
        // A request may have come that was not read yet.
        receive()
        if phase == .reading, !hasOutput, !reader.isInsideMessage { close() }
    }

    func close() {
        guard let socket else { return }
        phase = .closed
        server.loop.unwatch(socket.descriptor)
        server.loop.remove(key)
        self.socket = nil
        task?.cancel()
        task = nil
        output = []
        sent = 0
        resumeWriters(isOpen: false)
        server.remove(self)
    }

    func isReady(_ readiness: Poller.Readiness) {
        if readiness == .ended { return close() }
        if readiness.contains(.readable) { receive() }
        if readiness.contains(.writable) { flush() }
    }

    // MARK: Time limits

    var expiry: UInt64 {
        let limit: Duration
        switch phase {
        case .closed: return .max
        case .lingering: limit = Self.lingerTime
        case .reading, .handling:
            if hasOutput {
                limit = server.options.sendTimeout
            } else if phase == .handling {
                return .max
            } else if reader.isInsideBody {
                limit = server.options.bodyTimeout
            } else {
                limit = reader.isInsideMessage ? server.options.headerTimeout : server.options.idleTimeout
            }
        }
        return Deadline(nanoseconds: since).advanced(by: limit).nanoseconds
    }

    func expire(_ now: UInt64) {
        if phase == .reading, !hasOutput, reader.isInsideMessage {
            refuse(status: 408, "the request took too long to come in")
        } else {
            close()
        }
    }

    // MARK: Reading

    private func receive() {
        for attempt in 0..<4 {
            guard let socket, phase == .lingering || (phase == .reading && !hasOutput) else {
                // Mostly the answer is there before anything is sent ahead, which spares telling the loop twice.
                if attempt == 0 { update() }
                return
            }
            switch socket.receive(into: server.loop.receiveBuffer) {
            case .done(let count):
                if phase == .reading { take(UnsafeRawBufferPointer(rebasing: server.loop.receiveBuffer[..<count])) }
            case .wouldBlock: return
            case .closed, .failed: return close()
            }
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        let (wasInsideMessage, wasInsideBody) = (reader.isInsideMessage, reader.isInsideBody)
        reader.append(bytes)
        process()
        if !wasInsideMessage || reader.isInsideBody != wasInsideBody { since = SystemClock.monotonicNanoseconds() }
    }

    /// Has the next request answered, if it is there whole and the answer before it is out.
    private func process() {
        guard phase == .reading, !hasOutput, !closesAfterOutput else { return }
        do throws(HTTPParseError) {
            if let message = try reader.next() { return handle(message) }
        } catch {
            return refuse(status: error.status, error.description)
        }
        if reader.expectsContinue && !hasSentContinue {
            hasSentContinue = true
            enqueue(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
        }
    }

    private func handle(_ message: HTTPMessage) {
        phase = .handling
        hasSentContinue = false
        let head = message.head
        let request = HTTPRequest(
            method: head.method, target: head.target, headers: head.headers, body: message.body, minorVersion: head.minorVersion,
            peerAddress: peer.host, peerPort: peer.port)
        let wantsKept =
            head.minorVersion == 1
            ? !head.headers.contains("close", in: "Connection") : head.headers.contains("keep-alive", in: "Connection")
        task = Task { [server] in
            let response = await server.handler(request)
            await self.answer(response, to: request, wantsKept: wantsKept)
        }
    }

    // MARK: Answering

    /// Hands the answer to the loop; a stream is pulled from here, piece by piece.
    private func answer(_ response: HTTPResponse, to request: HTTPRequest, wantsKept: Bool) async {
        switch response.body {
        case .bytes(let bytes):
            server.loop.execute {
                let framing = self.beginAnswer(response, to: request, wantsKept: wantsKept)
                if case .length = framing { self.output += bytes }
                self.finishAnswer()
            }
        case .stream(let produce):
            let framing = await withCheckedContinuation { continuation in
                let isLive = server.loop.execute {
                    let framing = self.beginAnswer(response, to: request, wantsKept: wantsKept)
                    self.flush()
                    continuation.resume(returning: framing)
                }
                if !isLive { continuation.resume(returning: nil) }
            }
            let isChunked = framing == .chunked
            if isChunked || framing == .untilClose {
                await produce(HTTPChunkWriter { bytes in await self.sendPiece(bytes, isChunked: isChunked) })
            }
            server.loop.execute {
                if isChunked, self.phase == .handling { self.output += Array("0\r\n\r\n".utf8) }
                self.finishAnswer()
            }
        }
    }

    /// Writes the head of an answer; nil when the client has gone.
    private func beginAnswer(_ response: HTTPResponse, to request: HTTPRequest, wantsKept: Bool) -> HTTPServerResponseHead.Framing? {
        guard phase == .handling else { return nil }
        let head = HTTPServerResponseHead(
            response, isHead: request.method == "HEAD", minorVersion: request.minorVersion, mayKeep: wantsKept && !server.isDraining,
            date: server.dateText)
        if !head.isKept { closesAfterOutput = true }
        output += head.bytes
        return head.framing
    }

    private func sendPiece(_ bytes: [UInt8], isChunked: Bool) async -> Bool {
        await withCheckedContinuation { continuation in
            let isLive = server.loop.execute {
                guard self.phase == .handling else { return continuation.resume(returning: false) }
                if isChunked { self.output += Array("\(String(bytes.count, radix: 16))\r\n".utf8) }
                self.output += bytes
                if isChunked { self.output += [13, 10] }
                self.flush()
                if self.phase == .handling && self.output.count - self.sent >= Self.streamWindow {
                    self.writers.append(continuation)
                } else {
                    continuation.resume(returning: self.phase == .handling)
                }
            }
            if !isLive { continuation.resume(returning: false) }
        }
    }

    private func finishAnswer() {
        guard phase == .handling else { return }
        phase = .reading
        task = nil
        since = SystemClock.monotonicNanoseconds()
        flush()
    }

    /// Answers what cannot be served, and closes once the answer is out.
    private func refuse(status: Int, _ reason: String) {
        closesAfterOutput = true
        let response = HTTPResponse.text(reason + "\n", status: status)
        let head = HTTPServerResponseHead(response, isHead: false, minorVersion: 1, mayKeep: false, date: server.dateText)
        enqueue(head.bytes + response.body.bytes)
    }

    // MARK: Writing

    private func enqueue(_ bytes: [UInt8]) {
        output += bytes
        flush()
    }

    /// Sends what the socket takes, and goes on with what waited for the output to be out.
    private func flush() {
        guard let socket else { return }
        while hasOutput {
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
        resumeWriters(isOpen: true)
        if phase == .reading {
            // Requests that were sent ahead are taken up here.
            if closesAfterOutput { linger() } else { process() }
        }
        update()
    }

    private func resumeWriters(isOpen: Bool) {
        let waiting = writers
        writers = []
        for continuation in waiting { continuation.resume(returning: isOpen) }
    }

    private func linger() {
        phase = .lingering
        since = SystemClock.monotonicNanoseconds()
        socket?.shutDownSending()
    }

    /// Tells the loop what to wait for.
    private func update() {
        guard let socket else { return }
        var wanted: Poller.Readiness = []
        switch phase {
        case .reading: if !hasOutput { wanted.insert(.readable) }
        case .handling: break
        case .lingering: wanted.insert(.readable)
        case .closed: return
        }
        if hasOutput { wanted.insert(.writable) }
        guard wanted != interest else { return }
        interest = wanted
        server.loop.change(socket.descriptor, key, wanted)
    }
}
