// The HTTP client of the export worker.

import Synchronization

/// A keep-alive connection for one thread at a time, which blocks at most until a deadline.
///
/// It needs neither an event loop nor a task, so that exports proceed even if the cooperative pool is blocked.
package final class BlockingHTTPConnection: @unchecked Sendable {
    // Unchecked: all but `interruption` and the atomic is used by one caller at a time, which `isBusy` ensures.
    private let url: HTTPURL
    private let proxy: HTTPProxy?
    private let maximumResponseBytes: Int
    let interruption = Interruption()
    private let isBusy = Atomic(false)
    private let connector: HTTPConnector
    private var transport: HTTPTransport?
    /// Made for the first response: an exporter that has sent nothing yet needs no memory for it.
    private var buffer = ReceiveBuffer(size: 16 * 1024)
    /// What the next request mostly repeats, and its answer, unless that has a `Date` of another second.
    private var latestHead: RequestHead?
    private var latestAnswer: Answer?

    /// An answer that came in one piece, and what it says.
    private struct Answer {
        /// Longer ones are not kept.
        static let greatestSize = 1024

        let bytes: [UInt8]
        let message: HTTPMessage
    }

    /// An error, and whether the peer may have processed the request.
    private struct Failure: Error {
        let error: HTTPClientError
        var hasResponseBegun = true
    }

    /// - Parameters:
    ///   - tls: the context for `https`; nil trusts the system's authorities.
    ///   - serverName: the name that the certificate must have; nil for the host of the URL.
    ///   - proxy: the proxy for requests; see ``HTTPProxy/init(for:environment:)``.
    package convenience init(
        to url: HTTPURL, tls: TLSContext? = nil, serverName: String? = nil, proxy: HTTPProxy? = nil,
        maximumResponseBytes: Int = 4 * 1024 * 1024
    ) {
        self.init(
            to: url, tls: tls, serverName: serverName, proxy: proxy, maximumResponseBytes: maximumResponseBytes,
            directory: HostDirectory(for: url, proxy: proxy))
    }

    /// - Parameter directory: the addresses of the proxy, or of the host if there is none.
    init(
        to url: HTTPURL, tls: TLSContext? = nil, serverName: String? = nil, proxy: HTTPProxy? = nil,
        maximumResponseBytes: Int = 4 * 1024 * 1024, directory: HostDirectory
    ) {
        self.url = url
        self.proxy = proxy
        self.maximumResponseBytes = max(1, maximumResponseBytes)
        connector = HTTPConnector(
            to: url, tls: tls, serverName: serverName, proxy: proxy, interruption: interruption, directory: directory)
    }

    /// Makes the call in progress on another thread throw `interrupted`, or else the next call.
    package func interrupt() {
        interruption.raise()
    }

    /// Withdraws an interruption that no call has consumed.
    package func clearInterruption() {
        interruption.clear()
    }

    /// Sends a request with head and body in one vectored write, and waits for the response.
    ///
    /// The request is retried once if the peer has closed the kept connection meanwhile.
    package func post(
        headers: [(name: String, value: String)], body: [UnsafeRawBufferPointer], deadline: Deadline
    ) throws(HTTPClientError) -> HTTPResponse {
        try call("POST", headers, body, deadline)
    }

    /// Sends a `GET` request, and waits for the response.
    package func get(headers: [(name: String, value: String)] = [], deadline: Deadline) throws(HTTPClientError) -> HTTPResponse {
        try call("GET", headers, [], deadline)
    }

    /// Sends a `PUT` request without a body, and waits for the response.
    func put(headers: [(name: String, value: String)], deadline: Deadline) throws(HTTPClientError) -> HTTPResponse {
        try call("PUT", headers, [], deadline)
    }

    private func call(
        _ method: String, _ headers: [(name: String, value: String)], _ body: [UnsafeRawBufferPointer], _ deadline: Deadline
    ) throws(HTTPClientError) -> HTTPResponse {
        guard !isBusy.exchange(true, ordering: .acquiring) else { throw .invalidRequest("another one is under way") }
        defer { isBusy.store(false, ordering: .releasing) }
        if interruption.take() { throw .interrupted }
        if interruption.isClosed { throw .descriptorsClosed }
        let head = requestHead(method, headers, bodyCount: body.reduce(0) { $0 + $1.count })
        do throws(Failure) {
            if transport != nil, connector.isDueForReplacement { replace(deadline) }
            if let kept = transport, !kept.isStale {
                do throws(Failure) {
                    return try exchange(kept, head, body, deadline)
                } catch {
                    // The peer may have closed the kept connection just before: the request is retried on a new one.
                    guard case .closedEarly = error.error, !error.hasResponseBegun else { throw error }
                }
            }
            transport = nil
            let fresh: HTTPTransport
            do throws(HTTPClientError) { fresh = try connector.connect(deadline) } catch { throw Failure(error: error) }
            transport = fresh
            return try exchange(fresh, head, body, deadline)
        } catch {
            transport = nil
            throw error.error
        }
    }

    /// Closes the connection unless a call is in progress; the next request makes a new one.
    package func close() {
        guard !isBusy.exchange(true, ordering: .acquiring) else { return }
        transport = nil
        isBusy.store(false, ordering: .releasing)
    }

    /// Leaves the address of the last request for a while and closes the connection, if there is a healthy address besides it; returns
    /// whether there is. Must not be called during a call.
    func leave(for requested: Duration?) -> Bool {
        guard !isBusy.exchange(true, ordering: .acquiring) else { return false }
        defer { isBusy.store(false, ordering: .releasing) }
        guard connector.leave(for: requested) else { return false }
        transport = nil
        return true
    }

    /// Sets whether other receivers can be tried in place of this one.
    func setOtherReceivers(_ areHealthy: Bool) { connector.hasOtherReceivers = areHealthy }

    /// Makes a new connection in place of the present one, which stays if that fails.
    private func replace(_ deadline: Deadline) {
        let peer = connector.currentPeer
        do throws(HTTPClientError) {
            let fresh = try connector.connect(min(deadline, .after(HTTPConnector.replacementTimeout)))
            transport = fresh
        } catch {
            // The interruption is meant for the request.
            if error == .interrupted { interruption.raise() }
            connector.postponeReplacement(to: peer)
        }
    }

    /// Returns whether a status says that the request may be sent again, as to another address.
    private static func isOverload(_ status: Int) -> Bool { status == 429 || (502...504).contains(status) }

    /// Returns the head of a request. Most have the fields of the one before, of which only the length of the body is another: to join them
    /// takes 16,000 instructions.
    private func requestHead(_ method: String, _ headers: [(name: String, value: String)], bodyCount: Int) -> [UInt8] {
        let head: RequestHead
        if let latestHead, latestHead.isOf(method, headers) {
            head = latestHead
        } else {
            head = RequestHead(method: method, headers: headers, bytes: headWithoutLength(method, headers))
            latestHead = head
        }
        return head.completed(bodyCount: bodyCount)
    }

    private func headWithoutLength(_ method: String, _ headers: [(name: String, value: String)]) -> [UInt8] {
        var fields: HTTPHeaders = ["Host": url.authority]
        var target = url.target
        // Without a tunnel the proxy needs the absolute form and its credentials. (RFC 9112 §3.2.2.)
        if let proxy, !url.isSecure {
            target = "http://\(url.authority)\(url.target)"
            if let authorization = proxy.authorization { fields.add("Proxy-Authorization", authorization) }
        }
        for (name, value) in headers {
            switch name.utf8.count {
            // Framing fields are set here alone; there is one host.
            case 14 where HTTPGrammar.isSame(name, "Content-Length"), 17 where HTTPGrammar.isSame(name, "Transfer-Encoding"): continue
            case 4 where HTTPGrammar.isSame(name, "Host"): fields["Host"] = value
            default: fields.add(name, value)
            }
        }
        var text = "\(method) \(target) HTTP/1.1\r\n"
        for (name, value) in fields { text += "\(name): \(value)\r\n" }
        return Array(text.utf8)
    }

    // MARK: Sending and receiving

    private func exchange(
        _ transport: HTTPTransport, _ head: [UInt8], _ body: [UnsafeRawBufferPointer], _ deadline: Deadline
    ) throws(Failure) -> HTTPResponse {
        assert(isBusy.load(ordering: .relaxed), "One caller at a time uses the connection.")
        var wait = connector.answerWait(within: deadline)
        let isSent: Bool
        let response: HTTPMessage
        do throws(Failure) {
            isSent = try send(transport, head, body, &wait)
            response = try receive(transport, &wait)
        } catch {
            if case .timedOut = error.error { connector.noteSilence(wait) }
            throw error
        }
        connector.noteAnswer(&wait)
        transport.hasReceivedResponse = true
        if !Self.isOverload(response.head.status) { connector.recordSuccess() }
        if !isSent || !response.head.keepsConnection { self.transport = nil }
        if response.head.status == 407, let proxy {
            throw Failure(error: .proxyRefused(proxy: proxy.description, host: url.authority, status: 407))
        }
        return HTTPResponse(status: response.head.status, headers: response.head.headers, body: response.body)
    }

    /// Sends everything; returns false if the peer has begun to respond before, as for a refusal, or has closed.
    private func send(
        _ transport: HTTPTransport, _ head: [UInt8], _ body: [UnsafeRawBufferPointer], _ wait: inout AnswerWait
    ) throws(Failure) -> Bool {
        let outcome = head.withUnsafeBytes { head -> Result<Bool, Failure> in
            var pieces = [head]
            pieces.reserveCapacity(body.count + 1)
            pieces += body
            var first = 0
            while true {
                switch first < pieces.count ? transport.send(pieces[first...]) : transport.flush() {
                case .done where first == pieces.count: return .success(true)
                case .done(let count):
                    pieces.skip(count, from: &first)
                    wait.noteProgress()
                case .wouldBlock:
                    if let error = connector.wait(transport.socket, toWrite: true, wait.limit) { return .failure(Failure(error: error)) }
                    if transport.isStale { return .success(false) }
                case .closed, .failed: return .success(false)
                }
            }
        }
        return try outcome.get()
    }

    private func receive(_ transport: HTTPTransport, _ wait: inout AnswerWait) throws(Failure) -> HTTPMessage {
        var limits = HTTPLimits()
        limits.body = maximumResponseBytes
        var reader = HTTPMessageReader(responses: limits)
        var hasBegun = false
        while true {
            switch buffer.withUnsafeMutableBytes({ transport.receive(into: $0) }) {
            case .done(let count):
                // The same bytes say the same: to read them takes 12,000 instructions.
                if !hasBegun, let latestAnswer, latestAnswer.bytes.elementsEqual(buffer.prefix(count)) { return latestAnswer.message }
                let isFirst = !hasBegun
                hasBegun = true
                buffer.withUnsafeBytes { reader.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                guard let message = try next(&reader) else {
                    wait.noteProgress()
                    continue
                }
                if reader.isInsideMessage {
                    // Bytes after the response make the connection unusable.
                    self.transport = nil
                } else if isFirst && count <= Answer.greatestSize {
                    latestAnswer = Answer(bytes: Array(buffer.prefix(count)), message: message)
                }
                return message
            case .wouldBlock:
                if let error = connector.wait(transport.socket, toWrite: false, wait.limit) { throw Failure(error: error) }
            case .closed, .failed:
                self.transport = nil
                if let message = try? reader.finish() { return message }
                throw Failure(error: closeError(transport, hasBegun), hasResponseBegun: hasBegun)
            }
        }
    }

    private func closeError(_ transport: HTTPTransport, _ hasBegun: Bool) -> HTTPClientError {
        let address = connector.address
        if let failure = transport.failure {
            return .tlsFailed(address: address, reason: failure.description, isTransient: failure.isTransient)
        }
        guard !transport.hasReceivedResponse, !hasBegun, let hint = transport.hintAtClose else { return .closedEarly(address: address) }
        return .closedUnanswered(address: address, hint: hint)
    }

    private func next(_ reader: inout HTTPMessageReader) throws(Failure) -> HTTPMessage? {
        do throws(HTTPParseError) {
            return try reader.next()
        } catch {
            throw Failure(error: error.clientError(address: connector.address, limit: maximumResponseBytes))
        }
    }
}

/// The head of a request but for the length of its body.
private struct RequestHead {
    let method: String
    /// Kept as well, so that no other fields lie in the same memory.
    let headers: [(name: String, value: String)]
    let bytes: [UInt8]

    /// Returns whether the method is the same, and the fields are the very same array.
    func isOf(_ method: String, _ headers: [(name: String, value: String)]) -> Bool {
        guard method == self.method, headers.count == self.headers.count else { return false }
        return headers.withUnsafeBufferPointer { given in
            self.headers.withUnsafeBufferPointer { kept in given.baseAddress == kept.baseAddress }
        }
    }

    /// Returns the whole head. A `GET` request has no body and no `Content-Length`.
    func completed(bodyCount: Int) -> [UInt8] {
        var head: [UInt8] = []
        head.reserveCapacity(bytes.count + 48)
        head += bytes
        if method != "GET" { head += "Content-Length: \(bodyCount)\r\n".utf8 }
        head += "\r\n".utf8
        return head
    }
}
