// The state machine of a server's connection.

/// The server of a connection. `remove` and `makeRoom` must be called on the loop's thread.
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

/// One client's connection: reads requests, calls the handler for one after another, and writes the responses in order.
///
/// `@unchecked`: used on the loop's thread only; tasks reach it through the loop.
final class HTTPServerConnection: EventHandler, RoundHandler, @unchecked Sendable {
    /// How many streamed bytes may be queued for a slow peer before the stream waits.
    private static let streamWindow = 256 * 1024
    /// Answers are held while they have fewer bytes than this together.
    private static let heldOutput = 32 * 1024
    /// How long a peer may take to read the last response.
    private static let lingerTime = Duration.seconds(1)
    /// The approximate memory of a handler's task besides the request.
    private static let taskBytes = 4096

    private let server: any HTTPConnectionOwner
    /// The nanoseconds for which answers are held.
    private let holdTime: UInt64
    private let peer: (host: String, port: Int)
    // Unchecked where a request is read and answered: on one thread, no access begins while another one lasts, since nothing that they call
    // comes back to the connection. The checks at run time took 1,700 instructions a request.
    /// Nil once the connection is closed.
    @exclusivity(unchecked) private var socket: Socket?
    private var key: UInt64 = 0
    private var interest: Poller.Readiness = .readable
    @exclusivity(unchecked) private var reader: HTTPMessageReader
    @exclusivity(unchecked) private var output = HTTPServerOutput()
    @exclusivity(unchecked) private var isHandling = false
    private var isProcessing = false
    private var hasSentContinue = false
    private var closesAfterOutput = false
    /// True once the last response is sent and further bytes of the peer are discarded, so that it can read the response.
    private var isLingering = false
    /// When the present wait began.
    @exclusivity(unchecked) private var since = SystemClock.monotonicNanoseconds()
    private var writersWaitingForRoom: [CheckedContinuation<Bool, Never>] = []
    /// The memory of the request that is being handled.
    @exclusivity(unchecked) private var handledBytes = 0
    /// The bytes of this connection that are counted against the server's limit.
    @exclusivity(unchecked) private var heldBytes = 0

    init(_ socket: Socket, _ server: any HTTPConnectionOwner) {
        self.socket = socket
        self.server = server
        holdTime = Deadline(nanoseconds: 0).advanced(by: server.options.holdTime).nanoseconds
        peer = socket.peerAddress?.hostAndPort ?? ("", 0)
        reader = HTTPMessageReader(requests: server.options.limits)
    }

    func begin() {
        server.loop.assertIsCurrent()
        guard let socket, let key = server.loop.add(self, socket.descriptor, interest) else {
            socket = nil
            return server.remove(self)
        }
        self.key = key
        restartTimer()
    }

    /// Closes an idle connection at once, and a busy one after its response.
    func drain() {
        server.loop.assertIsCurrent()
        if output.isHeld { flush() }
        // Bytes that have arrived already are a request in flight.
        if !isHandling && output.isEmpty { receive() }
        if isHandling || isLingering { return }
        if !output.isEmpty {
            closesAfterOutput = true
        } else if !reader.isInsideMessage {
            close()
        }
    }

    func close() {
        server.loop.assertIsCurrent()
        guard let socket else { return }
        if output.isHeld { _ = output.send(on: socket) }
        server.loop.remove(key, socket.descriptor)
        self.socket = nil
        for continuation in writersWaitingForRoom { continuation.resume(returning: false) }
        writersWaitingForRoom = []
        reader = HTTPMessageReader(requests: server.options.limits)
        output.removeAll()
        account()
        // A running handler counts as a connection, which bounds their number.
        if !isHandling { server.remove(self) }
    }

    func isReady(_ readiness: Poller.Readiness) {
        if readiness.contains(.readable) { receive() }
        if readiness.contains(.writable) { flush() }
        guard readiness == .ended else { return }
        output.removeAll()  // The descriptor may be another file's by now.
        close()
    }

    // MARK: Time

    private func restartTimer() {
        since = SystemClock.monotonicNanoseconds()
        server.loop.check(at: timeLimit)
    }

    private var timeLimit: UInt64 {
        let options = server.options
        let duration: Duration
        if isLingering {
            duration = Self.lingerTime
        } else if !output.isEmpty && !output.isHeld {
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
        if !isLingering && output.isEmpty && reader.isInsideMessage {
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
            // Pipelined requests wait in the socket while a request is handled or a response is being sent.
            guard isReadyForRequest && !closesAfterOutput || isLingering else { return setInterest(interest.subtracting(.readable)) }
            switch socket.receive(into: server.loop.receiveBuffer) {
            case .done(let count):
                guard !isLingering else { continue }
                let isNew = !reader.isInsideMessage
                reader.append(UnsafeRawBufferPointer(rebasing: server.loop.receiveBuffer[..<count]))
                process()
                if isNew && !isHandling && reader.isInsideMessage { restartTimer() }
                // A buffer that was not filled has emptied the socket; if more has come since, the loop is told again.
                if isHandling || count < server.loop.receiveBuffer.count { return }
            case .wouldBlock: return
            case .closed, .failed: return output.isHeld ? closesAfterOutput = true : close()
            }
        }
    }

    /// True if the last response is sent: responses do not accumulate for a client that reads none.
    private var isReadyForRequest: Bool { !isHandling && (output.isHeld || output.isEmpty) }

    /// Handles requests that are complete, one after another, as long as each is answered at once.
    private func process() {
        server.loop.assertIsCurrent()
        // A handler that answers at once gets here from within the loop below, which goes on by itself.
        guard !isProcessing else { return }
        isProcessing = true
        handleCompleteRequests()
        isProcessing = false
        account()
    }

    private func handleCompleteRequests() {
        do throws(HTTPParseError) {
            while true {
                // Before the request is handled: its memory cannot be released afterwards.
                if account() { server.makeRoom(sparing: output.isHeld ? self : nil) }
                server.loop.endRoundIfDue()
                guard isReadyForRequest, socket != nil, !closesAfterOutput else { return }
                guard let message = try reader.next() else { break }
                handle(message)
            }
        } catch {
            return refuse(error)
        }
        if reader.expectsContinue && !hasSentContinue {
            hasSentContinue = true
            enqueue(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
        }
    }

    private func handle(_ message: HTTPMessage) {
        (isHandling, hasSentContinue) = (true, false)
        handledBytes = message.body.capacity + message.head.heldBytes + Self.taskBytes
        let request = HTTPRequest(message.head, body: message.body, peer: peer)
        let isKept = message.head.keepsConnection
        let executor = server.options.runsHandlersOnItsThread ? server.loop : nil
        if server.options.startsHandlersOnItsThread {
            Task.immediate(executorPreference: executor) { await self.respond(to: request, isKept: isKept) }
        } else {
            Task(executorPreference: executor) { await self.respond(to: request, isKept: isKept) }
        }
    }

    // MARK: Responses, in the handler's task

    private func respond(to request: HTTPRequest, isKept: Bool) async {
        let response = await server.handler(request)
        let isKept = isKept && !response.headers.contains("close", in: "Connection")
        if let produce = answer(response, to: request, isKept: isKept) { await stream(response, produce, to: request, isKept: isKept) }
    }

    /// Serializes a response and passes it to the loop; returns what produces the body of a stream, which runs in this task.
    private func answer(_ response: HTTPResponse, to request: HTTPRequest, isKept: Bool) -> HTTPBody.Producer? {
        var response = response
        response.requireFinalStatus()
        var size = response.body.bytes.count
        if !server.memory.beginTransit(size) { (response, size) = (.overloaded, 0) }
        let hasBody = response.hasBody(inAnswerTo: request)
        switch response.body {
        case .bytes:
            let isKept = isKept && !server.isDraining
            let connection = HTTPResponseHead.connection(request, isKept: isKept)
            let message = HTTPResponseHead.message(response, connection: connection, hasBody: hasBody)
            finish(message, isKept: isKept, transit: size)
            return nil
        case .stream(let produce): return produce
        }
    }

    private func stream(_ response: HTTPResponse, _ produce: HTTPBody.Producer, to request: HTTPRequest, isKept: Bool) async {
        let hasBody = response.hasBody(inAnswerTo: request)
        let isChunked = request.minorVersion == 1
        let isKept = isKept && !server.isDraining && (isChunked || !hasBody)
        var head: [UInt8] = []
        let framing: HTTPResponseHead.Framing = !response.mayHaveBody ? .none : isChunked ? .chunked : .untilClose
        HTTPResponseHead.write(response, framing, connection: HTTPResponseHead.connection(request, isKept: isKept), into: &head)
        guard hasBody else { return finish(head, isKept: isKept) }
        let isOpen = await send(head)
        do {
            if isOpen { try await produce(HTTPChunkWriter { bytes in await self.send(isChunked ? HTTPResponseHead.chunk(bytes) : bytes) }) }
            finish(isChunked ? Array("0\r\n\r\n".utf8) : [], isKept: isKept)
        } catch {
            server.loop.execute {
                self.endHandling()
                if self.socket == nil { self.server.remove(self) } else { self.close() }
            }
        }
    }

    /// Sends a part of a response, and returns when there is room for more; false if the peer has disconnected.
    private func send(_ bytes: [UInt8]) async -> Bool {
        await withCheckedContinuation { continuation in
            let isLive = server.loop.execute {
                self.enqueue(bytes)
                if self.account() { self.server.makeRoom(sparing: self) }
                if self.socket == nil || self.output.waitingCount < Self.streamWindow {
                    continuation.resume(returning: self.socket != nil)
                } else {
                    self.writersWaitingForRoom.append(continuation)
                }
            }
            if !isLive { continuation.resume(returning: false) }
        }
    }

    /// Sends the last part of a response, of which so many bytes were counted as in transit.
    private func finish(_ bytes: [UInt8], isKept: Bool, transit: Int = 0) {
        if server.loop.isCurrent { return complete(bytes, isKept: isKept, transit: transit) }
        server.loop.execute { self.complete(bytes, isKept: isKept, transit: transit) }
    }

    private func complete(_ bytes: [UInt8], isKept: Bool, transit: Int) {
        server.memory.endTransit(transit)
        endHandling()
        if !isKept || server.isDraining { closesAfterOutput = true }
        guard socket != nil else { return server.remove(self) }
        let wasHeld = output.isHeld
        enqueue(bytes, heldUpTo: Self.heldOutput)
        // A response is sent even if it exceeds the limit: that frees memory.
        if account() { server.makeRoom(sparing: self) }
        guard socket != nil, !isLingering else { return }
        restartTimer()
        if output.isHeld && !wasHeld {
            server.loop.finishRound(self, at: since, within: holdTime)
        }
        continueReading()
    }

    private func endHandling() {
        server.loop.assertIsCurrent()
        isHandling = false
        handledBytes = 0
        account()
    }

    /// Responds to a refused request, and closes the connection after the response.
    private func refuse(_ error: HTTPParseError) {
        server.loop.assertIsCurrent()
        closesAfterOutput = true
        if error == .http2, let directions = server.options.http2Directions { return enqueue(HTTP2Refusal.frames(directions)) }
        // An answer of the service's own where the head of the request is known.
        let own = reader.headOfMessage.flatMap { server.options.refusal?(HTTPRequest($0, body: [], peer: peer), error) }
        let response = HTTPResponse(refusing: error, own: own)
        let message = HTTPResponseHead.message(response, connection: "close", hasBody: !reader.isHeadRequest && response.mayHaveBody)
        // Further bytes of the connection are not parsed.
        reader = HTTPMessageReader(requests: server.options.limits)
        enqueue(message)
        account()
    }

    // MARK: Memory

    /// Updates the bytes counted for this connection; returns whether the server's limit is exceeded.
    @discardableResult
    private func account() -> Bool {
        server.loop.assertIsCurrent()
        let (held, before) = (reader.heldBytes + output.heldBytes + handledBytes, heldBytes)
        heldBytes = held
        return server.memory.change(from: before, to: held)
    }

    /// The bytes that ``releaseMemory()`` frees: all but those of a request that is being handled.
    var releasableBytes: Int { heldBytes - handledBytes }

    /// Frees memory: sends what is held, closes a connection with an unread response, or else refuses the incomplete request.
    func releaseMemory() {
        server.loop.assertIsCurrent()
        // What only waits for the end of the round is sent.
        if output.isHeld, let socket, output.send(on: socket) == nil {
            account()
            if !reader.isInsideMessage { return }
        }
        if !output.isEmpty { return close() }
        if !isHandling { return refuse(.overloaded) }
        // Pipelined requests are dropped: the client retries those that were not answered.
        closesAfterOutput = true
        reader = HTTPMessageReader(requests: server.options.limits)
        account()
    }

    // MARK: Sending, on the loop's thread

    /// Sends the bytes, or holds them until the end of the loop's round if they are fewer than a limit with those before.
    private func enqueue(_ bytes: [UInt8], heldUpTo limit: Int = 0) {
        server.loop.assertIsCurrent()
        guard socket != nil else { return }
        output.append(bytes, heldUpTo: limit)
        if !output.isHeld { flush() }
    }

    func endRound() { if output.isHeld || closesAfterOutput { flush() } }

    private func flush() {
        server.loop.assertIsCurrent()
        guard let socket else { return }
        switch output.send(on: socket) {
        case .wouldBlock:
            restartTimer()
            return setInterest(interest.union(.writable))
        case .closed, .failed: return close()
        case .done, nil: break
        }
        account()
        let waiting = writersWaitingForRoom
        writersWaitingForRoom = []
        for continuation in waiting { continuation.resume(returning: true) }
        setInterest(interest.subtracting(.writable))
        if closesAfterOutput && !isHandling { linger() } else { continueReading() }
    }

    /// Handles pipelined requests, or waits for the next one.
    private func continueReading() {
        process()
        if isReadyForRequest && socket != nil { setInterest(interest.union(.readable)) }
    }

    /// Lets the peer read the response before the connection closes: bytes that it still sends would otherwise reset it.
    private func linger() {
        guard !isLingering else { return }
        isLingering = true
        socket?.shutDownSending()
        setInterest(interest.union(.readable))
        restartTimer()
    }

    /// Sets the events that the loop waits for.
    private func setInterest(_ wanted: Poller.Readiness) {
        guard wanted != interest, let socket else { return }
        interest = wanted
        server.loop.change(key, socket.descriptor, wanted)
    }
}
