// One keep-alive connection for a thread that may block: the export worker.

import Synchronization

/// A keep-alive connection that is used by one thread at a time, which blocks at most until a deadline.
///
/// No other thread, event loop or task is involved, so that exporting goes on whatever the rest of the process does.
package final class BlockingHTTPConnection: @unchecked Sendable {
    // Unchecked: all but `wake` and `isInterrupted` is used by one caller at a time, which `isBusy` makes sure of.
    private let url: HTTPURL
    private let maximumResponseBytes: Int
    private let wake = WakeDescriptor()
    private let isInterrupted = Atomic(false)
    private let isBusy = Atomic(false)
    private var socket: Socket?
    private var address = ""
    private var addresses: [SocketAddress] = []
    private var buffer = [UInt8](repeating: 0, count: 16 * 1024)

    package init(to url: HTTPURL, maximumResponseBytes: Int = 4 * 1024 * 1024) {
        self.url = url
        self.maximumResponseBytes = maximumResponseBytes
        address = url.authority
    }

    /// Makes the call under way on another thread end with `interrupted`, or the next one.
    package func interrupt() {
        isInterrupted.store(true, ordering: .sequentiallyConsistent)
        wake.raise()
    }

    /// Sends a request with head and body in one vectored write, and waits for the answer.
    ///
    /// A connection that the peer had closed meanwhile is made anew, once.
    package func post(
        headers: [(name: String, value: String)], body: [UnsafeRawBufferPointer], deadline: Deadline
    ) throws(HTTPClientError) -> HTTPResponse {
        guard !url.isSecure else { throw .unsupportedScheme(url.description) }
        guard !isBusy.exchange(true, ordering: .acquiring) else { throw .interrupted }
        defer {
            isBusy.store(false, ordering: .releasing)
            if isInterrupted.exchange(false, ordering: .sequentiallyConsistent) { wake.clear() }
        }
        let head = requestHead(headers, bodyCount: body.reduce(0) { $0 + $1.count })
        if let kept = socket {
            if !kept.isStale {
                do {
                    return try exchange(kept, head, body, deadline)
                } catch HTTPClientError.closedEarly(_) {
                    // The peer may have closed just when we sent: a new connection tells.
                    socket = nil
                } catch {
                    socket = nil
                    throw error
                }
            }
            socket = nil
        }
        do {
            let fresh = try connect(deadline)
            socket = fresh
            return try exchange(fresh, head, body, deadline)
        } catch {
            socket = nil
            throw error
        }
    }

    /// Closes the connection; the next request makes a new one.
    package func close() {
        guard !isBusy.exchange(true, ordering: .acquiring) else { return }
        socket = nil
        isBusy.store(false, ordering: .releasing)
    }

    private func requestHead(_ headers: [(name: String, value: String)], bodyCount: Int) -> [UInt8] {
        var fields: HTTPHeaders = ["Host": url.authority]
        for (name, value) in headers { fields.add(name, value) }
        var text = "POST \(url.target) HTTP/1.1\r\n"
        for (name, value) in fields { text += "\(name): \(value)\r\n" }
        text += "Content-Length: \(bodyCount)\r\n\r\n"
        return Array(text.utf8)
    }

    private func connect(_ deadline: Deadline) throws(HTTPClientError) -> Socket {
        if addresses.isEmpty {
            switch SocketAddress.resolve(host: url.host, port: url.port) {
            case .success(let found): addresses = found
            case .failure(let error): throw .unknownHost(url.host, reason: error.reason)
            }
        }
        var last = HTTPClientError.unreachable(address: address, reason: "it has no address")
        for candidate in addresses {
            address = candidate.text
            switch attempt(candidate, deadline) {
            case .success(let socket): return socket
            case .failure(let error):
                last = error
                if error == .interrupted || deadline.hasPassed { break }
            }
        }
        // The host may have moved: ask again next time.
        addresses = []
        throw last
    }

    private func attempt(_ candidate: SocketAddress, _ deadline: Deadline) -> Result<Socket, HTTPClientError> {
        do throws(SocketError) {
            let socket = try Socket.connecting(to: candidate)
            switch SocketWait.wait(socket, toWrite: true, or: wake, until: deadline) {
            case .ready: break
            case .timedOut: return .failure(.timedOut(address: address))
            case .woken: return .failure(.interrupted)
            }
            if let error = socket.connectionError { throw error }
            return .success(socket)
        } catch {
            return .failure(error == .refused ? .refused(address: address) : .unreachable(address: address, reason: error.description))
        }
    }

    private func exchange(
        _ socket: Socket, _ head: [UInt8], _ body: [UnsafeRawBufferPointer], _ deadline: Deadline
    ) throws(HTTPClientError) -> HTTPResponse {
        let isSent = try send(socket, head, body, deadline)
        let response = try receive(socket, deadline)
        let isKept = isSent && response.head.minorVersion == 1 && !response.head.headers.contains("close", in: "Connection")
        if !isKept { self.socket = nil }
        return HTTPResponse(status: response.head.status, headers: response.head.headers, body: response.body)
    }

    /// Sends everything; false when the peer has begun to answer before, which it does to refuse.
    private func send(
        _ socket: Socket, _ head: [UInt8], _ body: [UnsafeRawBufferPointer], _ deadline: Deadline
    ) throws(HTTPClientError) -> Bool {
        let outcome = head.withUnsafeBytes { head -> Result<Bool, HTTPClientError> in
            var pieces = [head] + body
            while !pieces.isEmpty {
                switch socket.send(pieces) {
                case .done(let count): pieces.removeFirstBytes(count)
                case .wouldBlock:
                    switch SocketWait.wait(socket, toWrite: true, or: wake, until: deadline) {
                    case .ready: if socket.isStale { return .success(false) }
                    case .timedOut: return .failure(.timedOut(address: address))
                    case .woken: return .failure(.interrupted)
                    }
                case .closed, .failed: return .success(false)
                }
            }
            return .success(true)
        }
        return try outcome.get()
    }

    private func receive(_ socket: Socket, _ deadline: Deadline) throws(HTTPClientError) -> HTTPMessage {
        var limits = HTTPLimits()
        limits.body = maximumResponseBytes
        var reader = HTTPMessageReader(responses: limits)
        var firstBytes: [UInt8] = []
        while true {
            switch buffer.withUnsafeMutableBytes({ socket.receive(into: $0) }) {
            case .done(let count):
                if firstBytes.isEmpty { firstBytes = Array(buffer.prefix(min(count, 16))) }
                buffer.withUnsafeBytes { reader.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                do throws(HTTPParseError) {
                    if let message = try reader.next() { return message }
                } catch {
                    throw error.clientError(address: address, limit: maximumResponseBytes, firstBytes: firstBytes)
                }
            case .wouldBlock:
                switch SocketWait.wait(socket, toWrite: false, or: wake, until: deadline) {
                case .ready: break
                case .timedOut: throw .timedOut(address: address)
                case .woken: throw .interrupted
                }
            case .closed, .failed:
                do throws(HTTPParseError) {
                    if let message = try reader.finish() {
                        self.socket = nil
                        return message
                    }
                } catch {
                    if !firstBytes.isEmpty, error != .endedEarly {
                        throw error.clientError(address: address, limit: maximumResponseBytes, firstBytes: firstBytes)
                    }
                }
                throw .closedEarly(address: address)
            }
        }
    }
}

extension [UnsafeRawBufferPointer] {
    /// Leaves out bytes that have been sent.
    fileprivate mutating func removeFirstBytes(_ count: Int) {
        var left = count
        var whole = 0
        while whole < self.count, left >= self[whole].count {
            left -= self[whole].count
            whole += 1
        }
        removeFirst(whole)
        if left > 0 { self[0] = UnsafeRawBufferPointer(rebasing: self[0][left...]) }
    }
}
