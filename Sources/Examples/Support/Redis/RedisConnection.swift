// The connection to Redis: pipelined, and made anew when it breaks.

import Telemetry

/// Sends commands as they come, without waiting for the answers to those before, and hands out the answers in order.
///
/// `@unchecked`: used on the loop's thread only.
final class RedisConnection: EventHandler, @unchecked Sendable {
    private enum Phase {
        /// There is no connection, and none is needed.
        case idle
        /// A connection is made at ``retryTime``.
        case pausing
        case resolving
        case connecting
        /// The server is told who asks and which protocol is spoken.
        case greeting(repliesLeft: Int)
        case ready
        case closed
    }

    private static let firstPause: UInt64 = 20_000_000
    private static let longestPause: UInt64 = 1_000_000_000

    private let settings: RedisSettings
    private let loop: EventLoop
    private var phase = Phase.idle
    private var key: UInt64?
    private var socket: Socket?
    private var interest: Poller.Readiness = .writable
    private var reader: RESPReader
    private var output: [UInt8] = []
    private var written = 0
    /// Commands that were not sent yet, and those that were, in their order.
    private var waiting: [RedisJob] = []
    private var sent: [RedisJob] = []
    private var answered = 0
    private var pause = firstPause
    private var retryTime: UInt64 = 0
    private var connectDeadline = Deadline.never
    /// The attempts to connect, so that the next one takes the next address: of a name with two, only one may answer.
    private var attempts = 0
    /// The time from which on commands fail at once, if the server stays away until then.
    private var outageLimit = Deadline.never
    /// The time from which on an outage is not known to go on, if nothing was sent meanwhile.
    private var outageKnownUntil = Deadline.never
    /// Why the last attempt to connect, or the last connection, has failed.
    private var lastReason: String?

    init(_ settings: RedisSettings, _ loop: EventLoop) {
        self.settings = settings
        self.loop = loop
        reader = RESPReader(maximumBytes: settings.maximumReplyBytes)
    }

    func submit(_ job: RedisJob) {
        loop.assertIsCurrent()
        if case .closed = phase { return job.finish(.failure(.unavailable("the client was closed"))) }
        waiting.removeAll(where: \.isCancelled)
        guard waiting.count + sent.count - answered < settings.maximumWaiting else { return job.finish(.failure(.overloaded)) }
        if case .idle = phase, outageKnownUntil.hasPassed { outageLimit = .never }
        // What it would wait for goes on without it.
        if outageLimit.hasPassed { job.finish(.failure(unavailable(lastReason ?? "no connection"))) } else { waiting.append(job) }
        loop.check(at: job.deadline.nanoseconds)
        switch phase {
        case .ready: sendWaiting()
        case .idle: connectWhenDue()
        default: break
        }
    }

    func close() {
        loop.assertIsCurrent()
        fail(.unavailable("the client was closed"), waitingToo: true)
        disconnect()
        phase = .closed
    }

    // MARK: Connecting

    private func connectWhenDue() {
        let now = Deadline.after(.zero).nanoseconds
        guard now >= retryTime else {
            phase = .pausing
            // Without a socket the handler is there for its time alone.
            if key == nil { key = loop.add(self) }
            return loop.check(at: retryTime)
        }
        connectDeadline = .after(settings.timeout)
        loop.check(at: connectDeadline.nanoseconds)
        let (host, port) = (settings.host, settings.port)
        if case .success(let addresses) = SocketAddress.resolve(host: host, port: port, isNumeric: true), !addresses.isEmpty {
            return connect(to: addresses)
        }
        phase = .resolving
        if key == nil { key = loop.add(self) }
        let isStarted = WorkerThread.start(named: "redis-lookup") { [loop] in
            let result = SocketAddress.resolve(host: host, port: port)
            loop.execute { self.resolved(result) }
        }
        if !isStarted { lost("the system gives no more threads") }
    }

    private func resolved(_ result: Result<[SocketAddress], SocketAddress.ResolutionError>) {
        guard case .resolving = phase else { return }
        switch result {
        case .success(let addresses) where !addresses.isEmpty: connect(to: addresses)
        case .success: lost("\(settings.host) has no address")
        case .failure(let error): lost("\(settings.host) is not known: \(error.reason)")
        }
    }

    private func connect(to addresses: [SocketAddress]) {
        removeKey()
        let address = addresses[attempts % addresses.count]
        attempts += 1
        do throws(SocketError) {
            let socket = try Socket.connecting(to: address)
            guard let key = loop.add(self, socket.descriptor, .writable) else { throw .last }
            (self.socket, self.key, interest, phase) = (socket, key, .writable, .connecting)
        } catch { lost("\(error)") }
    }

    /// Asks for RESP3, with the password if there is one, and for the database.
    private func greet() {
        reader = RESPReader(maximumBytes: settings.maximumReplyBytes)
        var hello = ["HELLO", "3"]
        if let password = settings.password { hello += ["AUTH", settings.user ?? "default", password] }
        output = RedisJob.encoded(hello.map { Array($0.utf8) })
        written = 0
        if settings.database != 0 { output += RedisJob.encoded([Array("SELECT".utf8), Array("\(settings.database)".utf8)]) }
        phase = .greeting(repliesLeft: settings.database == 0 ? 1 : 2)
        write()
    }

    /// Ends the connection. Commands that were sent fail, since they may have been done; the others wait for the next connection.
    private func lost(_ reason: String, refusesAll: Bool = false) {
        disconnect()
        lastReason = reason
        if outageLimit == .never { outageLimit = .after(settings.outagePatience) }
        outageKnownUntil = .after(.nanoseconds(Int64(pause)) + settings.outagePatience)
        fail(unavailable(reason), waitingToo: refusesAll || outageLimit.hasPassed)
        retryTime = Deadline.after(.nanoseconds(Int64(pause))).nanoseconds
        pause = min(2 * pause, Self.longestPause)
        phase = .idle
        if !waiting.isEmpty { connectWhenDue() }
    }

    private func unavailable(_ reason: String) -> RedisError {
        .unavailable("Redis at \(settings.host):\(settings.port): \(reason)")
    }

    private func disconnect() {
        removeKey()
        socket = nil
        (output, written, connectDeadline) = ([], 0, .never)
    }

    private func removeKey() {
        if let key { loop.remove(key, socket?.descriptor) }
        key = nil
    }

    private func fail(_ error: RedisError, waitingToo: Bool) {
        for job in sent[answered...] { job.finish(.failure(error)) }
        (sent, answered) = ([], 0)
        guard waitingToo else { return }
        for job in waiting { job.finish(.failure(error)) }
        waiting = []
    }

    // MARK: Events

    func isReady(_ readiness: Poller.Readiness) {
        if case .connecting = phase {
            if let error = socket?.connectionError { return lost("\(error)") }
            return greet()
        }
        if readiness.contains(.writable) { write() }
        if !readiness.isDisjoint(with: [.readable, .ended]) { receive() }
    }

    func checkTime(_ now: UInt64) -> UInt64 {
        waiting.removeAll { job in
            guard job.deadline.nanoseconds <= now else { return job.isCancelled }
            job.finish(.failure(unavailable(lastReason ?? "no answer in time")))
            return true
        }
        switch phase {
        case .pausing where waiting.isEmpty:
            removeKey()
            phase = .idle
        case .pausing where retryTime <= now: connectWhenDue()
        case .resolving where connectDeadline.nanoseconds <= now, .connecting where connectDeadline.nanoseconds <= now,
            .greeting where connectDeadline.nanoseconds <= now:
            lost("no answer in time")
        // An answer that is late holds up all those behind it.
        case .ready where sent.count > answered && sent[answered].deadline.nanoseconds <= now: lost("no answer in time")
        default: break
        }
        return nextTime
    }

    private var nextTime: UInt64 {
        var next = waiting.reduce(UInt64.max) { min($0, $1.deadline.nanoseconds) }
        if sent.count > answered { next = min(next, sent[answered].deadline.nanoseconds) }
        switch phase {
        case .pausing: next = min(next, retryTime)
        case .resolving, .connecting, .greeting: next = min(next, connectDeadline.nanoseconds)
        default: break
        }
        return next
    }

    // MARK: Sending and receiving

    private func sendWaiting() {
        for job in waiting where !job.isCancelled {
            output += job.bytes
            sent.append(job)
        }
        waiting = []
        write()
    }

    private func write() {
        guard let socket else { return }
        while written < output.count {
            switch output.withUnsafeBytes({ socket.send(UnsafeRawBufferPointer(rebasing: $0[written...])) }) {
            case .done(let count): written += count
            case .wouldBlock: return setInterest([.readable, .writable])
            case .closed, .failed: return lost("the connection was closed")
            }
        }
        (output, written) = ([], 0)
        setInterest(.readable)
    }

    private func setInterest(_ wanted: Poller.Readiness) {
        guard wanted != interest, let socket, let key else { return }
        interest = wanted
        loop.change(key, socket.descriptor, wanted)
    }

    private func receive() {
        while let socket {
            switch socket.receive(into: loop.receiveBuffer) {
            case .done(let count):
                reader.append(UnsafeRawBufferPointer(rebasing: loop.receiveBuffer[..<count]))
                do throws(RESPReader.Violation) {
                    while self.socket != nil, let value = try reader.next() { take(value) }
                } catch { return lost("it does not speak the protocol of Redis: \(error)") }
            case .wouldBlock: return
            case .closed, .failed: return lost("the connection was closed")
            }
        }
    }

    private func take(_ value: RESPValue) {
        if case .push = value { return }
        if case .greeting(let repliesLeft) = phase {
            // A wrong password does not become right by trying again.
            if case .error(let text) = value { return lost(text, refusesAll: true) }
            guard repliesLeft == 1 else { return phase = .greeting(repliesLeft: repliesLeft - 1) }
            (phase, pause, connectDeadline, outageLimit, lastReason) = (.ready, Self.firstPause, .never, .never, nil)
            return sendWaiting()
        }
        guard sent.count > answered else { return lost("an answer to nothing") }
        let job = sent[answered]
        answered += 1
        // Answered commands are dropped seldom, so that the others are not moved each time.
        if answered == sent.count || answered > 512 {
            sent.removeFirst(answered)
            answered = 0
        }
        if case .error(let text) = value { job.finish(.failure(RedisError(reply: text))) } else { job.finish(.success(value)) }
    }
}
