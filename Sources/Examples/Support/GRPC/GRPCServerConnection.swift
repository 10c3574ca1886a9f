// The state machine of a gRPC server's connection.

import Telemetry

/// One client's connection: reads calls, starts their handlers, and writes their answers in whatever order they come.
///
/// `@unchecked`: used on the loop's thread only; tasks reach it through the loop.
final class GRPCServerConnection: EventHandler, @unchecked Sendable {
    /// How long a peer may take to read what it was told last.
    private static let lingerTime = Duration.seconds(1)
    /// Nothing more is read while so many bytes wait for the peer to read them.
    private static let maximumWaiting = 64 * 1024
    /// Calls that a peer may give up beyond those that it lets be answered. (CVE-2023-44487.)
    private static let toleratedResets = 200
    /// The approximate memory of a handler's task besides the message.
    private static let taskBytes = 4096

    private let server: GRPCServer
    /// Nil once the connection is closed.
    private var socket: Socket?
    private var key: UInt64 = 0
    private var interest: Poller.Readiness = .readable
    /// The bytes before it is known what the peer speaks.
    private var opening: [UInt8] = []
    /// Nil before the peer has said that it speaks HTTP/2.
    private var session: HTTP2ServerSession?
    private var calls = GRPCOpenCalls()
    private var resets = 0
    /// Bytes for a peer that speaks something else.
    private var foreignAnswer: [UInt8] = []
    /// True once all is said and further bytes of the peer are discarded, so that it can read what was said.
    private var isLingering = false
    /// When the present wait began.
    private var since = SystemClock.monotonicNanoseconds()
    /// When the socket last accepted bytes, while others wait.
    private var blockedSince: UInt64?
    private var heldBytes = 0

    init(_ socket: Socket, _ server: GRPCServer) {
        (self.socket, self.server) = (socket, server)
    }

    func begin() {
        server.loop.assertIsCurrent()
        guard let socket, let key = server.loop.add(self, socket.descriptor, interest) else {
            socket = nil
            return server.remove(self)
        }
        self.key = key
        server.loop.check(at: timeLimit)
    }

    func close() {
        server.loop.assertIsCurrent()
        guard let socket else { return }
        server.loop.remove(key, socket.descriptor)
        self.socket = nil
        session = nil
        // Handlers that run go on: their message has come whole. They are few, and their number is bounded by that of all connections.
        calls.removeAll()
        (opening, foreignAnswer) = ([], [])
        account()
        server.remove(self)
    }

    /// Tells the peer that no further calls are taken, and closes the connection after those in flight.
    func drain() {
        server.loop.assertIsCurrent()
        receive()
        guard let session, !isLingering else { return isLingering ? () : close() }
        session.sayFarewell("the server is shutting down")
        flush()
    }

    func isReady(_ readiness: Poller.Readiness) {
        if readiness.contains(.readable) { receive() }
        if readiness.contains(.writable) { flush() }
        if readiness == .ended { close() }
    }

    // MARK: Time

    private var timeLimit: UInt64 {
        let options = server.options
        let wait: UInt64
        if isLingering {
            wait = Deadline(nanoseconds: since).advanced(by: Self.lingerTime).nanoseconds
        } else if session == nil {
            wait = Deadline(nanoseconds: since).advanced(by: options.prefaceTimeout).nanoseconds
        } else if calls.isEmpty {
            wait = Deadline(nanoseconds: since).advanced(by: options.idleTimeout).nanoseconds
        } else {
            wait = calls.nextDeadline
        }
        guard let blockedSince else { return wait }
        return min(wait, Deadline(nanoseconds: blockedSince).advanced(by: options.sendTimeout).nanoseconds)
    }

    func checkTime(_ now: UInt64) -> UInt64 {
        guard socket != nil, now >= timeLimit else { return timeLimit }
        let isUnread = blockedSince.map { now >= Deadline(nanoseconds: $0).advanced(by: server.options.sendTimeout).nanoseconds }
        guard !isLingering, isUnread != true, let session else {
            close()
            return .max
        }
        if calls.isEmpty {
            since = now
            session.sayFarewell("no call came for a while")
        }
        for (streamID, call) in calls.expired(now) { expire(streamID, call) }
        flush()
        return timeLimit
    }

    private func expire(_ streamID: Int32, _ call: GRPCOpenCalls.Call) {
        switch call.phase {
        case .head:
            // Fields that come in drops hold up all other calls of the connection.
            session?.sayFarewell(code: GRPCOpenCalls.enhanceYourCalm, "the head of a call took too long to come in")
            calls.remove(streamID)
            session?.reset(streamID, code: GRPCOpenCalls.cancel)
        case .message:
            answer(streamID, call.path, .failure(.deadlineExceeded, "the call took too long to come in"))
        case .handling:
            answer(streamID, call.path, .failure(.deadlineExceeded, "the time of grpc-timeout is over"))
        case .answered:
            // The peer admits no bytes of the answer, or does not end the call.
            session?.reset(streamID, code: GRPCOpenCalls.cancel)
            calls.remove(streamID)
        }
    }

    // MARK: Reading

    private func receive() {
        for _ in 0..<4 {
            guard let socket else { return }
            guard isLingering || blockedSince == nil || (session?.waitingBytes ?? 0) < Self.maximumWaiting else {
                return setInterest(interest.subtracting(.readable))
            }
            switch socket.receive(into: server.loop.receiveBuffer) {
            case .done(let count):
                if !isLingering { take(UnsafeRawBufferPointer(rebasing: server.loop.receiveBuffer[..<count])) }
                if count < server.loop.receiveBuffer.count { return }
            case .wouldBlock: return
            case .closed, .failed: return close()
            }
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        if session == nil {
            opening.append(contentsOf: bytes)
            switch HTTP2Preface.check(opening) {
            case .incomplete: return account()
            case .foreign: return refuse()
            case .http2: break
            }
            do throws(HTTP2ServerSession.Failure) { session = try makeSession() } catch { return close() }
            let first = opening
            opening = []
            return first.withUnsafeBytes { process($0) }
        }
        process(bytes)
    }

    private func makeSession() throws(HTTP2ServerSession.Failure) -> HTTP2ServerSession {
        var limits = HTTPLimits()
        limits.body = server.options.maximumMessageBytes + GRPCFrame.prefixBytes
        since = SystemClock.monotonicNanoseconds()
        return try HTTP2ServerSession(
            limits: limits, concurrentStreams: server.options.maximumConcurrentCalls, window: server.options.window)
    }

    /// Answers a peer that speaks HTTP/1.1, and closes the connection; any other one would understand no answer.
    private func refuse() {
        guard let first = opening.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first) else { return close() }
        let text = server.options.directions + "\n"
        foreignAnswer = Array(
            ("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: \(text.utf8.count)\r\n"
                + "Connection: close\r\n\r\n\(text)").utf8)
        opening = []
        // The answer is far smaller than the buffer of a socket.
        if let socket { _ = foreignAnswer.withUnsafeBytes { socket.send($0) } }
        linger()
    }

    private func process(_ bytes: UnsafeRawBufferPointer) {
        guard let session else { return }
        do throws(HTTP2ServerSession.Failure) {
            try session.receive(bytes)
        } catch {
            return close()
        }
        for event in session.takeEvents() { handle(event) }
        account()
        server.makeRoom()
        flush()
    }

    private func handle(_ event: HTTP2ServerEvent) {
        switch event {
        case .begun(let streamID):
            calls.begin(streamID, until: .after(server.options.callTimeout))
            server.loop.check(at: timeLimit)
        case .head(let streamID): checkHead(streamID)
        case .content(let streamID): checkContent(streamID)
        case .complete(let streamID): start(streamID)
        case .resetByPeer(let streamID):
            calls.cancel(streamID)
            resets += 1
            if resets > Self.toleratedResets + 2 * calls.answeredCount {
                session?.sayFarewell(code: GRPCOpenCalls.enhanceYourCalm, "too many calls were given up")
            }
        case .closed(let streamID):
            calls.remove(streamID)
            since = SystemClock.monotonicNanoseconds()
        }
    }

    // MARK: Calls

    private func checkHead(_ streamID: Int32) {
        guard let request = session?[streamID], !request.isAnswered, calls[streamID]?.phase == .head else { return }
        do throws(GRPCCallHead.Problem) {
            let head = try GRPCCallHead(
                request, methods: server.paths, codings: server.options.codings, directions: server.options.directions)
            calls.admit(streamID, head)
        } catch {
            refuse(streamID, request.path, error)
        }
    }

    private func checkContent(_ streamID: Int32) {
        guard let request = session?[streamID], let call = calls[streamID], call.phase == .message, !request.isAnswered else { return }
        let maximum = server.options.maximumMessageBytes
        let length = GRPCFrame.length(request.body) ?? 0
        guard request.isTooLarge || length > maximum else { return }
        let size = length > maximum ? "\(length) bytes, more" : "more"
        answer(
            streamID, call.path,
            .failure(.resourceExhausted, "the message has \(size) than the \(maximum) that are taken; smaller batches would be"))
    }

    /// Starts the handler of a call that is complete.
    private func start(_ streamID: Int32) {
        guard let session, let request = session[streamID], let call = calls[streamID], !request.isAnswered, call.phase == .message,
            let handler = server.methods[call.path]
        else { return }
        // Handlers of calls that the peer has given up still run; they count as well.
        guard calls.handlerCount < 2 * server.options.maximumConcurrentCalls else {
            return answer(streamID, call.path, .failure(.unavailable, "too many calls are under way", retryDelay: .seconds(1)))
        }
        let body = session.takeBody(of: streamID)
        let (headers, coding, deadline) = (request.headers, call.coding, call.callerDeadline)
        let size = body.capacity + Self.taskBytes
        calls.startHandler(streamID, bytes: size)
        let task = Task {
            let answer: GRPCAnswer
            do throws(GRPCCallHead.Problem) {
                let (message, coding) = try GRPCFrame.message(body, coding: coding)
                answer = await handler(GRPCCall(path: call.path, headers: headers, message: message, coding: coding, deadline: deadline))
            } catch {
                answer = error.answer
            }
            self.server.loop.execute { self.finish(streamID, call.path, answer, bytes: size) }
        }
        calls.setTask(streamID, task)
        server.loop.check(at: timeLimit)
    }

    private func finish(_ streamID: Int32, _ path: String, _ answer: GRPCAnswer, bytes: Int) {
        calls.endHandler(bytes: bytes)
        if socket != nil, calls[streamID]?.phase == .handling { self.answer(streamID, path, answer) }
        account()
        flush()
    }

    private func refuse(_ streamID: Int32, _ path: String, _ problem: GRPCCallHead.Problem) {
        switch problem {
        case .call(let answer): self.answer(streamID, path, answer)
        case .http(let status, let text):
            let fields = [(name: ":status", value: "\(status)"), (name: "content-type", value: "text/plain; charset=utf-8")]
            guard session?.respond(to: streamID, fields, body: Array(text.utf8)) == true else { return }
            calls.noteAnswer(streamID, until: .after(server.options.sendTimeout))
            server.note(path, .unimplemented)
        }
    }

    /// Answers a call, whatever of it has come.
    private func answer(_ streamID: Int32, _ path: String, _ answer: GRPCAnswer) {
        guard let session, let stream = session[streamID] else { return }
        let head = [(name: ":status", value: "200"), (name: "content-type", value: "application/grpc+proto")]
        let isAnswered =
            answer.code == .ok
            ? session.respond(to: streamID, head, body: GRPCFrame.content(answer.content), trailers: answer.statusFields)
            : session.respond(to: streamID, head + encodings(answer) + answer.statusFields, body: nil)
        guard isAnswered else { return }
        calls.noteAnswer(streamID, until: .after(server.options.sendTimeout))
        server.note(path, answer.code)
        if !stream.isComplete { session.refuseRest(of: streamID) }
    }

    /// What a caller needs to know whose compression is unknown.
    private func encodings(_ answer: GRPCAnswer) -> [(name: String, value: String)] {
        guard answer.code == .unimplemented else { return [] }
        return [(name: "grpc-accept-encoding", value: (["identity"] + server.options.codings).joined(separator: ","))]
    }

    // MARK: Memory

    /// The calls whose messages are coming in, and what they hold.
    var incomingCalls: [(streamID: Int32, bytes: Int)] {
        guard let session else { return [] }
        return session.streamIDs.compactMap { streamID in
            guard let stream = session[streamID], !stream.isAnswered, !stream.body.isEmpty else { return nil }
            return (streamID, stream.heldBytes)
        }
    }

    /// Answers a call that is coming in with the wish to be sent again, and frees its memory.
    func giveUp(_ streamID: Int32) {
        guard let call = calls[streamID] else { return }
        answer(
            streamID, call.path,
            .failure(.unavailable, "too many bytes of calls are held at present; try again later", retryDelay: .seconds(1)))
        account()
        flush()
    }

    private func account() {
        server.loop.assertIsCurrent()
        var held = opening.capacity + calls.handledBytes
        if let session { held += session.waitingBytes + session.streamIDs.reduce(0) { $0 + (session[$1]?.heldBytes ?? 0) } }
        server.account(from: heldBytes, to: held)
        heldBytes = held
    }

    // MARK: Sending

    private func flush() {
        server.loop.assertIsCurrent()
        guard let session, !isLingering else { return }
        while true {
            guard send(session) else { return close() }
            let events = session.takeEvents()
            for event in events { handle(event) }
            // Streams that have ended may have had to do with others.
            if events.isEmpty { break }
        }
        if session.isOver { return linger() }
        server.loop.check(at: timeLimit)
    }

    /// Sends what the socket accepts; returns false if the connection is of no use any more.
    private func send(_ session: HTTP2ServerSession) -> Bool {
        guard let socket else { return false }
        let before = session.waitingBytes
        do throws(HTTP2ServerSession.Failure) {
            switch try session.send({ socket.send($0) }) {
            case .done:
                blockedSince = nil
                setInterest(.readable)
            case .wouldBlock:
                if blockedSince == nil || session.waitingBytes < before { blockedSince = SystemClock.monotonicNanoseconds() }
                setInterest(interest.union(.writable))
            case .closed, .failed: return false
            }
            return true
        } catch {
            return false
        }
    }

    /// Lets the peer read what was sent before the connection closes: bytes that it still sends would otherwise reset it.
    private func linger() {
        guard !isLingering else { return }
        isLingering = true
        since = SystemClock.monotonicNanoseconds()
        blockedSince = nil
        socket?.shutDownSending()
        setInterest(.readable)
        server.loop.check(at: timeLimit)
    }

    /// Sets the events that the loop waits for.
    private func setInterest(_ wanted: Poller.Readiness) {
        guard wanted != interest, let socket else { return }
        interest = wanted
        server.loop.change(key, socket.descriptor, wanted)
    }
}
