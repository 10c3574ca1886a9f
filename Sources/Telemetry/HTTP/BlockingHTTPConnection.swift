// One keep-alive connection for a thread that may block: the export worker.

import Synchronization

/// A keep-alive connection that is used by one thread at a time, which blocks at most until a deadline.
///
/// No other thread, event loop or task is involved, so that exporting goes on whatever the rest of the process does. Only looking
/// up a host's name may take longer than the deadline: the system's resolver knows none.
package final class BlockingHTTPConnection: @unchecked Sendable {
    // Unchecked: all but `wake` and the atomics is used by one caller at a time, which `isBusy` makes sure of.
    private let url: HTTPURL
    private let maximumResponseBytes: Int
    private let wake = WakeDescriptor()
    private let isInterrupted = Atomic(false)
    private let isBusy = Atomic(false)
    private var socket: Socket?
    private var address: String
    private var addresses: [SocketAddress] = []
    private var buffer = [UInt8](repeating: 0, count: 16 * 1024)

    /// Whether the peer may have acted on a request that failed.
    private struct Failure: Error {
        let error: HTTPClientError
        var hasAnswerBegun = true
    }

    package init(to url: HTTPURL, maximumResponseBytes: Int = 4 * 1024 * 1024) {
        precondition(maximumResponseBytes > 0, "A response has at least one byte.")
        self.url = url
        self.maximumResponseBytes = maximumResponseBytes
        address = url.authority
    }

    /// Makes the call under way on another thread end with `interrupted`, or else the next one.
    package func interrupt() {
        isInterrupted.store(true, ordering: .sequentiallyConsistent)
        wake.raise()
    }

    /// Takes back an interruption that no call has met with.
    package func clearInterruption() {
        isInterrupted.store(false, ordering: .sequentiallyConsistent)
    }

    /// Sends a request with head and body in one vectored write, and waits for the answer.
    ///
    /// A connection that the peer had closed meanwhile is made anew, once.
    package func post(
        headers: [(name: String, value: String)], body: [UnsafeRawBufferPointer], deadline: Deadline
    ) throws(HTTPClientError) -> HTTPResponse {
        guard !url.isSecure else { throw .unsupportedScheme(url.description) }
        guard !isBusy.exchange(true, ordering: .acquiring) else { throw .invalidRequest("another one is under way") }
        defer { isBusy.store(false, ordering: .releasing) }
        try checkInterruption()
        let head = requestHead(headers, bodyCount: body.reduce(0) { $0 + $1.count })
        do throws(Failure) {
            if let kept = socket, !kept.isStale {
                do throws(Failure) {
                    return try exchange(kept, head, body, deadline)
                } catch {
                    // The peer may have closed just when we sent: a new connection tells.
                    guard case .closedEarly = error.error, !error.hasAnswerBegun else { throw error }
                }
            }
            socket = nil
            let fresh: Socket
            do throws(HTTPClientError) { fresh = try connect(deadline) } catch { throw Failure(error: error) }
            socket = fresh
            return try exchange(fresh, head, body, deadline)
        } catch {
            socket = nil
            throw error.error
        }
    }

    /// Closes the connection, unless a call is under way; the next request makes a new one.
    package func close() {
        guard !isBusy.exchange(true, ordering: .acquiring) else { return }
        socket = nil
        isBusy.store(false, ordering: .releasing)
    }

    private func checkInterruption() throws(HTTPClientError) {
        guard isInterrupted.load(ordering: .relaxed), isInterrupted.exchange(false, ordering: .sequentiallyConsistent) else { return }
        throw .interrupted
    }

    private func requestHead(_ headers: [(name: String, value: String)], bodyCount: Int) -> [UInt8] {
        var fields: HTTPHeaders = ["Host": url.authority]
        for (name, value) in headers {
            switch name.utf8.count {
            // What the framing depends on is ours alone; there is one host.
            case 14 where HTTPGrammar.isSame(name, "Content-Length"), 17 where HTTPGrammar.isSame(name, "Transfer-Encoding"): continue
            case 4 where HTTPGrammar.isSame(name, "Host"): fields["Host"] = value
            default: fields.add(name, value)
            }
        }
        var text = "POST \(url.target) HTTP/1.1\r\n"
        for (name, value) in fields { text += "\(name): \(value)\r\n" }
        text += "Content-Length: \(bodyCount)\r\n\r\n"
        return Array(text.utf8)
    }

    // MARK: Connecting

    private func connect(_ deadline: Deadline) throws(HTTPClientError) -> Socket {
        if addresses.isEmpty {
            switch SocketAddress.resolve(host: url.host, port: url.port) {
            case .success(let found): addresses = found
            case .failure(let error): throw .unknownHost(url.host, reason: error.reason)
            }
        }
        var last = HTTPClientError.unreachable(address: address, reason: "it has no address")
        for (index, candidate) in addresses.enumerated() {
            address = candidate.text
            let untried = addresses.count - index
            // An address that swallows everything leaves time for the others.
            let limit = untried == 1 ? deadline : .after(deadline.remaining / untried)
            switch attempt(candidate, limit) {
            case .success(let socket): return socket
            case .failure(.interrupted): throw .interrupted
            case .failure(let error): last = error
            }
            if deadline.hasPassed { break }
        }
        // The host may have moved: ask again next time.
        addresses = []
        throw last
    }

    private func attempt(_ candidate: SocketAddress, _ deadline: Deadline) -> Result<Socket, HTTPClientError> {
        do throws(SocketError) {
            let socket = try Socket.connecting(to: candidate)
            if let error = wait(socket, toWrite: true, deadline) { return .failure(error) }
            if let error = socket.connectionError { throw error }
            return .success(socket)
        } catch {
            return .failure(error == .refused ? .refused(address: address) : .unreachable(address: address, reason: error.description))
        }
    }

    /// Waits for the socket; nil once it is ready.
    private func wait(_ socket: Socket, toWrite: Bool, _ deadline: Deadline) -> HTTPClientError? {
        while true {
            switch SocketWait.wait(socket, toWrite: toWrite, or: wake, until: deadline) {
            case .ready: return nil
            case .timedOut: return .timedOut(address: address)
            case .woken:
                // The descriptor only wakes: whether anybody is to be interrupted, the flag says.
                wake.clear()
                if isInterrupted.exchange(false, ordering: .sequentiallyConsistent) { return .interrupted }
            }
        }
    }

    // MARK: Sending and receiving

    private func exchange(
        _ socket: Socket, _ head: [UInt8], _ body: [UnsafeRawBufferPointer], _ deadline: Deadline
    ) throws(Failure) -> HTTPResponse {
        let isSent = try send(socket, head, body, deadline)
        let response = try receive(socket, deadline)
        if !isSent || !response.head.keepsConnection { self.socket = nil }
        return HTTPResponse(status: response.head.status, headers: response.head.headers, body: response.body)
    }

    /// Sends everything; false when the peer has begun to answer before, which it does to refuse, or has closed.
    private func send(
        _ socket: Socket, _ head: [UInt8], _ body: [UnsafeRawBufferPointer], _ deadline: Deadline
    ) throws(Failure) -> Bool {
        let outcome = head.withUnsafeBytes { head -> Result<Bool, Failure> in
            var pieces = [head]
            pieces.reserveCapacity(body.count + 1)
            pieces += body
            var first = 0
            while first < pieces.count {
                switch socket.send(pieces[first...]) {
                case .done(let count): pieces.skip(count, from: &first)
                case .wouldBlock:
                    if let error = wait(socket, toWrite: true, deadline) { return .failure(Failure(error: error)) }
                    if socket.isStale { return .success(false) }
                case .closed, .failed: return .success(false)
                }
            }
            return .success(true)
        }
        return try outcome.get()
    }

    private func receive(_ socket: Socket, _ deadline: Deadline) throws(Failure) -> HTTPMessage {
        var limits = HTTPLimits()
        limits.body = maximumResponseBytes
        var reader = HTTPMessageReader(responses: limits)
        var hasBegun = false
        while true {
            switch buffer.withUnsafeMutableBytes({ socket.receive(into: $0) }) {
            case .done(let count):
                hasBegun = true
                buffer.withUnsafeBytes { reader.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                guard let message = try next(&reader) else { continue }
                // What nobody asked for makes the rest of the connection worthless.
                if reader.isInsideMessage { self.socket = nil }
                return message
            case .wouldBlock:
                if let error = wait(socket, toWrite: false, deadline) { throw Failure(error: error) }
            case .closed, .failed:
                self.socket = nil
                if let message = try? reader.finish() { return message }
                throw Failure(error: .closedEarly(address: address), hasAnswerBegun: hasBegun)
            }
        }
    }

    private func next(_ reader: inout HTTPMessageReader) throws(Failure) -> HTTPMessage? {
        do throws(HTTPParseError) {
            return try reader.next()
        } catch {
            throw Failure(error: error.clientError(address: address, limit: maximumResponseBytes))
        }
    }
}

extension [UnsafeRawBufferPointer] {
    /// Leaves out bytes that have been sent, from the piece `first` on.
    fileprivate mutating func skip(_ count: Int, from first: inout Int) {
        var left = count
        while first < self.count, left >= self[first].count {
            left -= self[first].count
            first += 1
        }
        if left > 0 { self[first] = UnsafeRawBufferPointer(rebasing: self[first][left...]) }
    }
}
