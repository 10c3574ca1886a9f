// The state machine of a client's connection.

import Telemetry

/// The pool of a connection; must be used on the loop's thread only.
protocol HTTPClientConnectionOwner: AnyObject {
    var loop: EventLoop { get }

    /// Keeps a connection whose request has been answered for the next one.
    func becameIdle(_ connection: HTTPClientConnection)
    /// Forgets a connection that has closed.
    func closed(_ connection: HTTPClientConnection)
    /// Sends a request again on a new connection, after a kept one has failed it.
    func takeBack(_ exchange: HTTPExchange)
    /// Forgets the addresses of a host, so that they are looked up again.
    func forgetAddresses(of authority: String)
}

/// One connection to a server, which is kept if the server allows it.
///
/// It sends one request at a time, or several behind each other that allow it. When it ends before those behind the first are answered, or when
/// an answer before theirs is late, they are sent again on other connections.
///
/// `@unchecked`: used on the loop's thread only.
final class HTTPClientConnection: EventHandler, @unchecked Sendable {
    /// How long a connection is kept without a request; servers usually close later.
    private static let idleTime = Duration.seconds(30)

    // Unchecked where a request is sent and answered: on one thread, no access begins while another one lasts, since nothing that they call
    // comes back to the connection but by its methods.
    private unowned let pool: any HTTPClientConnectionOwner
    private let loop: EventLoop
    let authority: String
    private let maximumResponseBytes: Int
    /// How long requests wait for the answer before theirs.
    private let maximumSilence: Duration
    @exclusivity(unchecked) private(set) var exchange: HTTPExchange?
    /// The requests that are sent behind it, in the order of their answers.
    @exclusivity(unchecked) private var followers: [HTTPExchange] = []
    private var addresses: [SocketAddress] = []
    private var address: String
    @exclusivity(unchecked) private var socket: Socket?
    private var key: UInt64 = 0
    @exclusivity(unchecked) private var interest: Poller.Readiness = .writable
    private var isReused = false
    private var isConnecting = false
    /// The deadline of connecting, or of an idle connection.
    @exclusivity(unchecked) private var limit = Deadline.never
    /// When the requests behind the first are taken back.
    @exclusivity(unchecked) private var answerDue = Deadline.never
    /// True if requests were taken back whose answers may come.
    @exclusivity(unchecked) private var endsAfterAnswer = false
    @exclusivity(unchecked) private var output: [UInt8] = []
    @exclusivity(unchecked) private var sent = 0
    @exclusivity(unchecked) private var reader: HTTPMessageReader
    @exclusivity(unchecked) private var hasResponseBegun = false
    /// When the first of several requests was answered that were sent together; 0 before.
    @exclusivity(unchecked) private var firstAnswer: UInt64 = 0
    /// How long the other requests that were sent together had to wait behind the first answer; zero if there was one alone.
    private(set) var spread = Duration.zero

    init(
        _ pool: any HTTPClientConnectionOwner, authority: String, maximumResponseBytes: Int, maximumSilence: Duration = .milliseconds(50)
    ) {
        self.pool = pool
        loop = pool.loop
        self.authority = authority
        self.maximumResponseBytes = maximumResponseBytes
        self.maximumSilence = maximumSilence
        address = authority
        var limits = HTTPLimits()
        limits.body = maximumResponseBytes
        reader = HTTPMessageReader(responses: limits)
    }

    /// True if a kept connection is still open.
    var isUsable: Bool { socket.map { !$0.isStale } ?? false }

    /// Connects to one of the addresses and sends the request.
    func start(_ exchange: HTTPExchange, _ addresses: [SocketAddress]) {
        self.addresses = addresses
        begin(exchange)
        connect(lastError: nil)
    }

    /// Sends a request on the kept connection, and further ones behind it.
    func reuse(_ exchange: HTTPExchange, before followers: [HTTPExchange] = []) {
        isReused = true
        limit = .never
        begin(exchange)
        for follower in followers {
            assert(follower.request.allowsPipelining, "A request behind another one may be sent again.")
            follower.request.write(to: &output)
        }
        self.followers = followers
        expectAnswer()
        send()
    }

    private func begin(_ exchange: HTTPExchange) {
        loop.assertIsCurrent()
        assert(self.exchange == nil && !reader.isInsideMessage, "A connection is free when it begins.")
        self.exchange = exchange
        reader.answersHead = exchange.request.method == "HEAD"
        answerDue = .never
        endsAfterAnswer = false
        hasResponseBegun = false
        output = exchange.request.bytes
        sent = 0
        firstAnswer = 0
        loop.check(at: exchange.deadline.nanoseconds)
    }

    /// Bounds the wait for the first answer, if there are requests behind it.
    private func expectAnswer() {
        answerDue = followers.isEmpty ? .never : .after(maximumSilence)
        if !followers.isEmpty { loop.check(at: answerDue.nanoseconds) }
    }

    /// Whether a request is on its way here.
    func carries(_ one: HTTPExchange) -> Bool { exchange === one || followers.contains { $0 === one } }

    /// Closes the connection if none of its requests waits any more; as long as one does, the answers to others pass by.
    func closeIfUnwanted() {
        guard let exchange, exchange.isDone, followers.allSatisfy(\.isDone) else { return }
        close()
    }

    /// Has the requests behind a late answer sent on other connections; the connection ends with that answer.
    private func takeBackFollowers() {
        answerDue = .never
        endsAfterAnswer = true
        let unanswered = followers
        followers = []
        for follower in unanswered where !follower.isDone { pool.takeBack(follower) }
    }

    /// Closes the connection and notifies the pool; its first request must have a result already, and the others are taken back.
    func close() {
        loop.assertIsCurrent()
        exchange = nil
        let unanswered = followers
        followers = []
        disconnect()
        pool.closed(self)
        for follower in unanswered where !follower.isDone { pool.takeBack(follower) }
    }

    private func disconnect() {
        guard let socket else { return }
        loop.remove(key, socket.descriptor)
        self.socket = nil
    }

    // MARK: Connecting

    /// Tries the next address.
    private func connect(lastError: HTTPClientError?) {
        loop.assertIsCurrent()
        guard let exchange else { return }
        guard !exchange.isDone else { return close() }
        guard !addresses.isEmpty else {
            pool.forgetAddresses(of: authority)
            return fail(lastError ?? .unreachable(address: authority, reason: "it has no address"))
        }
        let next = addresses.removeFirst()
        address = next.text
        // An unresponsive address leaves time for the others.
        limit = addresses.isEmpty ? .never : .after(exchange.deadline.remaining / (addresses.count + 1))
        loop.check(at: limit.nanoseconds)
        do throws(SocketError) {
            let socket = try Socket.connecting(to: next)
            guard let key = loop.add(self, socket.descriptor, .writable) else { throw .last }
            (self.socket, self.key, interest) = (socket, key, .writable)
            isConnecting = true
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
            limit = .never
            if let error = socket?.connectionError {
                disconnect()
                return connect(lastError: clientError(error))
            }
            return send()
        }
        if readiness.contains(.writable) { send() }
        if readiness.contains(.readable) || readiness.contains(.ended) { receive() }
    }

    // MARK: Time

    func checkTime(_ now: UInt64) -> UInt64 {
        guard socket != nil else { return .max }
        for follower in followers where now >= follower.deadline.nanoseconds && follower.deadline != .never {
            follower.finish(.failure(.timedOut(address: address)))
        }
        if now >= answerDue.nanoseconds, answerDue != .never { takeBackFollowers() }
        if let exchange, now >= exchange.deadline.nanoseconds, exchange.deadline != .never {
            guard followers.contains(where: { !$0.isDone }) else {
                fail(.timedOut(address: address))
                return .max
            }
            exchange.finish(.failure(.timedOut(address: address)))
        }
        if now >= limit.nanoseconds, limit != .never {
            guard isConnecting else {
                close()
                return .max
            }
            isConnecting = false
            disconnect()
            connect(lastError: .timedOut(address: address))
        }
        let next = followers.reduce(UInt64.max) { $1.isDone ? $0 : min($0, $1.deadline.nanoseconds) }
        let first = exchange.map { $0.isDone ? .max : $0.deadline.nanoseconds } ?? .max
        return min(next, first, answerDue.nanoseconds, limit.nanoseconds)
    }

    // MARK: Sending and receiving

    private func send() {
        loop.assertIsCurrent()
        guard let socket, exchange != nil else { return }
        while sent < output.count {
            let result = output.withUnsafeBytes { socket.send(UnsafeRawBufferPointer(rebasing: $0[sent...])) }
            switch result {
            case .done(let count): sent += count
            case .wouldBlock: return setInterest([.readable, .writable])
            case .closed, .failed:
                // The server may have responded before it closed.
                return receive()
            }
        }
        setInterest(.readable)
    }

    private func setInterest(_ wanted: Poller.Readiness) {
        guard wanted != interest, let socket else { return }
        interest = wanted
        loop.change(key, socket.descriptor, wanted)
    }

    private func receive() {
        loop.assertIsCurrent()
        guard exchange != nil else { return close() }
        while let socket {
            switch socket.receive(into: loop.receiveBuffer) {
            case .done(let count):
                hasResponseBegun = true
                reader.append(UnsafeRawBufferPointer(rebasing: loop.receiveBuffer[..<count]))
                do throws(HTTPParseError) {
                    while exchange != nil, let message = try reader.next() { succeed(message, isEnded: false) }
                } catch {
                    return fail(error.clientError(address: address, limit: maximumResponseBytes))
                }
                // A buffer that was not filled has emptied the socket; if more has come since, the loop is told again.
                if exchange == nil || count < loop.receiveBuffer.count { return }
            case .wouldBlock: return
            case .closed, .failed: return ended()
            }
        }
    }

    private func ended() {
        guard let exchange else { return close() }
        // The server closed a kept connection while the request was sent. A non-idempotent request is not retried.
        if isReused && !hasResponseBegun && (exchange.request.isIdempotent || sent == 0) {
            close()
            return pool.takeBack(exchange)
        }
        if let message = try? reader.finish() { return succeed(message, isEnded: true) }
        fail(.closedEarly(address: address))
    }

    /// Answers the first request; the next one's answer is expected then, if there is one.
    private func succeed(_ message: HTTPMessage, isEnded: Bool) {
        let answered = exchange
        exchange = followers.isEmpty ? nil : followers.removeFirst()
        if let exchange { reader.answersHead = exchange.request.method == "HEAD" }
        expectAnswer()
        let keepsConnection = !isEnded && !endsAfterAnswer && message.head.status != 101 && message.head.keepsConnection
        if keepsConnection && exchange != nil {
            hasResponseBegun = reader.isInsideMessage
            if firstAnswer == 0 { firstAnswer = SystemClock.monotonicNanoseconds() }
        } else if keepsConnection && sent == output.count && !reader.isInsideMessage {
            output = []
            sent = 0
            let now = SystemClock.monotonicNanoseconds()
            spread = firstAnswer == 0 ? .zero : .nanoseconds(Int64(clamping: now &- firstAnswer))
            limit = Deadline(nanoseconds: now).advanced(by: Self.idleTime)
            loop.check(at: limit.nanoseconds)
            pool.becameIdle(self)
        } else {
            // The server leaves the requests behind this one unanswered.
            if let exchange { followers.insert(exchange, at: 0) }
            close()
        }
        answered?.finish(.success(HTTPResponse(status: message.head.status, headers: message.head.headers, body: message.body)))
    }

    func fail(_ error: HTTPClientError) {
        let exchange = exchange
        close()
        exchange?.finish(.failure(error))
    }
}
