// One client's connection to a server.

/// The server as its connections see it; all of it is used on the loop's thread, but for `handler`, `loop`, `isDraining` and transits.
protocol HTTPConnectionOwner: AnyObject, Sendable {
    var options: HTTPServerOptions { get }
    var handler: @Sendable (HTTPRequest) async -> HTTPResponse { get }
    var loop: EventLoop { get }
    var memory: HTTPServerMemory { get }
    var isDraining: Bool { get }

    /// Forgets a connection that has closed.
    func remove(_ connection: HTTPServerConnection)
    /// Frees memory held by other connections than the favored one, after the limit was exceeded.
    func makeRoom(sparing favored: HTTPServerConnection?)
}

/// One client's connection: reads requests, has them answered one after another, and writes the answers in order.
///
/// `@unchecked`: used on the loop's thread only; tasks reach it through the loop.
final class HTTPServerConnection: EventHandler, @unchecked Sendable {
    /// Streamed bytes that may wait for a slow peer before the stream is held up.
    private static let streamWindow = 256 * 1024
    /// How long a peer has for reading the last answer.
    private static let lingerTime = Duration.seconds(1)
    /// What a handler's task takes besides the request, in round figures.
    private static let taskBytes = 4096

    private let server: any HTTPConnectionOwner
    private let peer: (host: String, port: Int)
    /// Nil once the connection is closed.
    private var socket: Socket?
    private var key: UInt64 = 0
    private var interest: Poller.Readiness = .readable
    private var reader: HTTPMessageReader
    private var output: [UInt8] = []
    private var sent = 0
    private var isHandling = false
    private var hasSentContinue = false
    private var closesAfterOutput = false
    /// Set once the answer is out and only the peer's rest is thrown away, so that it gets to read the answer.
    private var isLingering = false
    /// Since when the connection has been waiting for what it is waiting for.
    private var since = SystemClock.monotonicNanoseconds()
    private var room: [CheckedContinuation<Bool, Never>] = []
    /// The memory that the request takes that is being handled.
    private var handledBytes = 0
    /// What the server's budget has been told that this connection holds.
    private var heldBytes = 0

    init(_ socket: Socket, _ server: any HTTPConnectionOwner) {
        self.socket = socket
        self.server = server
        peer = socket.peerAddress?.hostAndPort ?? ("", 0)
        reader = HTTPMessageReader(requests: server.options.limits)
    }

    func begin() {
        guard let socket, let key = server.loop.add(self, socket.descriptor, interest) else {
            socket = nil
            return server.remove(self)
        }
        self.key = key
        waitAnew()
    }

    /// Closes an idle connection, and a busy one after its answer.
    func drain() {
        // What has come already is a request in flight.
        if !isHandling && sent == output.count { receive() }
        if isHandling || isLingering { return }
        if sent < output.count {
            closesAfterOutput = true
        } else if !reader.isInsideMessage {
            close()
        }
    }

    func close() {
        guard let socket else { return }
        server.loop.remove(key, socket.descriptor)
        self.socket = nil
        for continuation in room { continuation.resume(returning: false) }
        room = []
        reader = HTTPMessageReader(requests: server.options.limits)
        (output, sent) = ([], 0)
        account()
        // Its task counts as a connection as long as it runs: that is what bounds their number.
        if !isHandling { server.remove(self) }
    }

    func isReady(_ readiness: Poller.Readiness) {
        if readiness.contains(.readable) { receive() }
        if readiness.contains(.writable) { flush() }
        if readiness == .ended { close() }
    }

    // MARK: Time

    private func waitAnew() {
        since = SystemClock.monotonicNanoseconds()
        server.loop.check(at: timeLimit)
    }

    private var timeLimit: UInt64 {
        let options = server.options
        let duration: Duration
        if isLingering {
            duration = Self.lingerTime
        } else if sent < output.count {
            duration = options.sendTimeout
        } else if isHandling {
            return .max
        } else {
            duration = reader.isInsideMessage ? options.requestTimeout : options.idleTimeout
        }
        return Deadline(nanoseconds: since).advanced(by: duration).nanoseconds
    }

    func checkTime(_ now: UInt64) -> UInt64 {
        let limit = timeLimit
        guard now >= limit, socket != nil else { return limit }
        if !isLingering && sent == output.count && reader.isInsideMessage {
            refuse(HTTPParseError(status: 408, description: "the request took too long to come in"))
            return timeLimit
        }
        close()
        return .max
    }

    // MARK: Requests

    private func receive() {
        for _ in 0..<4 {
            guard let socket else { return }
            // What a client sends ahead waits in the socket while a request is handled or an answer is not yet taken.
            guard isReadyForRequest || isLingering else { return want(interest.subtracting(.readable)) }
            switch socket.receive(into: server.loop.receiveBuffer) {
            case .done(let count):
                guard !isLingering else { continue }
                let isNew = !reader.isInsideMessage
                reader.append(UnsafeRawBufferPointer(rebasing: server.loop.receiveBuffer[..<count]))
                process()
                if isNew && !isHandling { waitAnew() }
                if isHandling { return }
            case .wouldBlock: return
            case .closed, .failed: return close()
            }
        }
    }

    /// Whether the last answer is out: a client that takes none gets no more of them, so that they do not pile up here.
    private var isReadyForRequest: Bool { !isHandling && sent == output.count }

    /// Has the next request answered, if it is there whole.
    private func process() {
        // Before the request is handled: afterwards it can no longer give way.
        if account() { server.makeRoom(sparing: nil) }
        defer { account() }
        guard isReadyForRequest, socket != nil, !closesAfterOutput else { return }
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
        handledBytes = message.body.capacity + message.head.heldBytes + Self.taskBytes
        hasSentContinue = false
        let head = message.head
        let request = HTTPRequest(
            method: head.method, target: head.target, headers: head.headers, body: message.body, minorVersion: head.minorVersion,
            peerAddress: peer.host, peerPort: peer.port)
        let isKept = head.keepsConnection
        Task(executorPreference: server.options.runsHandlersOnItsThread ? server.loop : nil) { [server] in
            let response = await server.handler(request)
            await self.answer(response, to: request, isKept: isKept && !response.headers.contains("close", in: "Connection"))
        }
    }

    // MARK: Answers, in the handler's task

    /// Writes the answer and hands it to the loop; a stream is pulled from here, piece by piece.
    private func answer(_ response: HTTPResponse, to request: HTTPRequest, isKept: Bool) async {
        var response = response
        if !(200...999).contains(response.status) {
            // Anything else would be taken for the beginning of another answer.
            response = .text("the service answered with the status \(response.status)\n", status: 500)
        }
        var size = response.body.bytes.count
        if !server.memory.beginTransit(size) { (response, size) = (.overloaded, 0) }
        let hasBody = request.method != "HEAD" && response.status != 204 && response.status != 304
        switch response.body {
        case .bytes(let bytes):
            let saysLength = response.status != 204 && response.status != 304
            let isKept = isKept && !server.isDraining
            var message: [UInt8] = []
            message.reserveCapacity(256 + (hasBody ? bytes.count : 0))
            HTTPResponseHead.write(
                response, saysLength ? .length(bytes.count) : .none, connection: connection(isKept, request), into: &message)
            if hasBody { message += bytes }
            finish(message, isKept: isKept, transit: size)
        case .stream(let produce):
            await stream(response, produce, to: request, isKept: isKept, hasBody: hasBody)
        }
    }

    private func connection(_ isKept: Bool, _ request: HTTPRequest) -> String? {
        // HTTP/1.0 closes unless told otherwise.
        isKept ? (request.minorVersion == 0 ? "keep-alive" : nil) : "close"
    }

    private func stream(
        _ response: HTTPResponse, _ produce: @Sendable (HTTPChunkWriter) async throws -> Void, to request: HTTPRequest, isKept: Bool,
        hasBody: Bool
    ) async {
        let isChunked = request.minorVersion == 1
        let isKept = isKept && !server.isDraining && (isChunked || !hasBody)
        var head: [UInt8] = []
        let framing: HTTPResponseHead.Framing =
            response.status == 204 || response.status == 304 ? .none : isChunked ? .chunked : .untilClose
        HTTPResponseHead.write(response, framing, connection: connection(isKept, request), into: &head)
        guard hasBody else { return finish(head, isKept: isKept) }
        let isOpen = await send(head)
        do {
            if isOpen { try await produce(HTTPChunkWriter { bytes in await self.send(isChunked ? Self.chunk(bytes) : bytes) }) }
            finish(isChunked ? Array("0\r\n\r\n".utf8) : [], isKept: isKept)
        } catch {
            server.loop.execute {
                self.endHandling()
                if self.socket == nil { self.server.remove(self) } else { self.close() }
            }
        }
    }

    private static func chunk(_ bytes: [UInt8]) -> [UInt8] {
        Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [13, 10]
    }

    /// Sends part of an answer; returns when there is room for more. False when the peer has gone.
    private func send(_ bytes: [UInt8]) async -> Bool {
        await withCheckedContinuation { continuation in
            let isLive = server.loop.execute {
                self.enqueue(bytes)
                if self.account() { self.server.makeRoom(sparing: self) }
                if self.socket == nil || self.output.count - self.sent < Self.streamWindow {
                    continuation.resume(returning: self.socket != nil)
                } else {
                    self.room.append(continuation)
                }
            }
            if !isLive { continuation.resume(returning: false) }
        }
    }

    /// Sends the last part of an answer.
    ///
    /// - Parameter transit: how many bytes were counted as being on their way.
    private func finish(_ bytes: [UInt8], isKept: Bool, transit: Int = 0) {
        server.loop.execute {
            self.server.memory.endTransit(transit)
            self.endHandling()
            if !isKept || self.server.isDraining { self.closesAfterOutput = true }
            guard self.socket != nil else { return self.server.remove(self) }
            self.enqueue(bytes)
            // An answer goes out even where it does not fit: that is what frees memory.
            if self.account() { self.server.makeRoom(sparing: self) }
            guard self.socket != nil, !self.isLingering else { return }
            self.waitAnew()
            self.goOn()
        }
    }

    private func endHandling() {
        isHandling = false
        handledBytes = 0
        account()
    }

    /// Answers bytes that are no request, and closes once the answer is out.
    private func refuse(_ error: HTTPParseError) {
        closesAfterOutput = true
        var response = ownRefusal(error) ?? HTTPResponse(refusing: error)
        if error.status == 503, response.headers["Retry-After"] == nil { response.headers["Retry-After"] = "1" }
        let body = response.body.bytes
        var message: [UInt8] = []
        HTTPResponseHead.write(response, .length(body.count), connection: "close", into: &message)
        if !reader.isHeadRequest { message += body }
        // Nothing more is read from it.
        reader = HTTPMessageReader(requests: server.options.limits)
        enqueue(message)
        account()
    }

    /// What the server's owner says instead; only where it is known what was asked for.
    private func ownRefusal(_ error: HTTPParseError) -> HTTPResponse? {
        guard let refusal = server.options.refusal, let head = reader.headOfMessage else { return nil }
        return refusal(
            HTTPRequest(
                method: head.method, target: head.target, headers: head.headers, minorVersion: head.minorVersion, peerAddress: peer.host,
                peerPort: peer.port), error)
    }

    // MARK: Memory

    /// Tells the server's budget what is held now. True when that is too much.
    @discardableResult
    private func account() -> Bool {
        let held = reader.heldBytes + output.capacity + handledBytes
        defer { heldBytes = held }
        return server.memory.change(from: heldBytes, to: held)
    }

    /// What comes free if the connection gives way; a request that is being handled does not.
    var releasableBytes: Int { heldBytes - handledBytes }

    /// Frees memory for others: cuts off an answer that the peer has not taken, or else refuses the request that is coming in.
    func giveWay() {
        if sent < output.count { return close() }
        if !isHandling { return refuse(.overloaded) }
        // Requests sent ahead: the client repeats those that the end of the connection leaves unanswered.
        closesAfterOutput = true
        reader = HTTPMessageReader(requests: server.options.limits)
        account()
    }

    // MARK: Sending, on the loop's thread

    private func enqueue(_ bytes: [UInt8]) {
        if output.isEmpty { output = bytes } else { output += bytes }
        flush()
    }

    private func flush() {
        while let socket, sent < output.count {
            let result = output.withUnsafeBytes { socket.send(UnsafeRawBufferPointer(rebasing: $0[sent...])) }
            switch result {
            case .done(let count): sent += count
            case .wouldBlock:
                waitAnew()
                return want(interest.union(.writable))
            case .closed, .failed: return close()
            }
        }
        guard socket != nil else { return }
        output = []
        sent = 0
        account()
        let waiting = room
        room = []
        for continuation in waiting { continuation.resume(returning: true) }
        want(interest.subtracting(.writable))
        if closesAfterOutput && !isHandling { linger() } else { goOn() }
    }

    /// Turns to requests that were sent ahead, or waits for the next one.
    private func goOn() {
        process()
        if isReadyForRequest && socket != nil { want(interest.union(.readable)) }
    }

    /// Lets the peer read the answer before the connection goes: what it still sends would otherwise reset it.
    private func linger() {
        guard !isLingering else { return }
        isLingering = true
        socket?.shutDownSending()
        want(interest.union(.readable))
        waitAnew()
    }

    /// Tells the loop what to wait for.
    private func want(_ wanted: Poller.Readiness) {
        guard wanted != interest, let socket else { return }
        interest = wanted
        server.loop.change(key, socket.descriptor, wanted)
    }
}
