// One keep-alive connection for a thread that may block: the export worker.

import Synchronization

/// A keep-alive connection that is used by one thread at a time, which blocks at most until a deadline.
///
/// No event loop or task is involved, so that exporting goes on whatever the rest of the process does.
package final class BlockingHTTPConnection: @unchecked Sendable {
    // Unchecked: all but `interruption` and the atomic is used by one caller at a time, which `isBusy` makes sure of.
    private let url: HTTPURL
    private let proxy: HTTPProxy?
    private let maximumResponseBytes: Int
    let interruption = Interruption()
    private let isBusy = Atomic(false)
    private let connector: HTTPConnector
    private var transport: HTTPTransport?
    private var buffer = [UInt8](repeating: 0, count: 16 * 1024)

    /// Whether the peer may have acted on a request that failed.
    private struct Failure: Error {
        let error: HTTPClientError
        var hasAnswerBegun = true
    }

    /// - Parameters:
    ///   - tls: what `https` is spoken with; without, the system's authorities are trusted.
    ///   - proxy: what requests go through; see ``HTTPProxy/init(for:environment:)``.
    package convenience init(
        to url: HTTPURL, tls: TLSContext? = nil, proxy: HTTPProxy? = nil, maximumResponseBytes: Int = 4 * 1024 * 1024
    ) {
        self.init(to: url, tls: tls, proxy: proxy, maximumResponseBytes: maximumResponseBytes) {
            SocketAddress.resolve(host: $0, port: $1)
        }
    }

    init(
        to url: HTTPURL, tls: TLSContext? = nil, proxy: HTTPProxy? = nil, maximumResponseBytes: Int = 4 * 1024 * 1024,
        resolver: @escaping HostLookup.Resolver
    ) {
        precondition(maximumResponseBytes > 0, "A response has at least one byte.")
        self.url = url
        self.proxy = proxy
        self.maximumResponseBytes = maximumResponseBytes
        connector = HTTPConnector(to: url, tls: tls, proxy: proxy, interruption: interruption, resolver: resolver)
    }

    /// Makes the call under way on another thread end with `interrupted`, or else the next one.
    package func interrupt() {
        interruption.raise()
    }

    /// Takes back an interruption that no call has met with.
    package func clearInterruption() {
        interruption.clear()
    }

    /// Sends a request with head and body in one vectored write, and waits for the answer.
    ///
    /// A connection that the peer had closed meanwhile is made anew, once.
    package func post(
        headers: [(name: String, value: String)], body: [UnsafeRawBufferPointer], deadline: Deadline
    ) throws(HTTPClientError) -> HTTPResponse {
        try call("POST", headers, body, deadline)
    }

    /// Fetches what the URL stands for, and waits for the answer.
    package func get(headers: [(name: String, value: String)] = [], deadline: Deadline) throws(HTTPClientError) -> HTTPResponse {
        try call("GET", headers, [], deadline)
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
            if let kept = transport, !kept.isStale {
                do throws(Failure) {
                    return try exchange(kept, head, body, deadline)
                } catch {
                    // The peer may have closed just when we sent: a new connection tells.
                    guard case .closedEarly = error.error, !error.hasAnswerBegun else { throw error }
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

    /// Closes the connection, unless a call is under way; the next request makes a new one.
    package func close() {
        guard !isBusy.exchange(true, ordering: .acquiring) else { return }
        transport = nil
        isBusy.store(false, ordering: .releasing)
    }

    private func requestHead(_ method: String, _ headers: [(name: String, value: String)], bodyCount: Int) -> [UInt8] {
        var fields: HTTPHeaders = ["Host": url.authority]
        var target = url.target
        // Through a tunnel goes what the host is to see; without one the proxy is told who the host is. (RFC 9112 §3.2.2.)
        if let proxy, !url.isSecure {
            target = "http://\(url.authority)\(url.target)"
            if let authorization = proxy.authorization { fields.add("Proxy-Authorization", authorization) }
        }
        for (name, value) in headers {
            switch name.utf8.count {
            // What the framing depends on is ours alone; there is one host.
            case 14 where HTTPGrammar.isSame(name, "Content-Length"), 17 where HTTPGrammar.isSame(name, "Transfer-Encoding"): continue
            case 4 where HTTPGrammar.isSame(name, "Host"): fields["Host"] = value
            default: fields.add(name, value)
            }
        }
        var text = "\(method) \(target) HTTP/1.1\r\n"
        for (name, value) in fields { text += "\(name): \(value)\r\n" }
        // A request to fetch something has no body, and says nothing of one.
        if method != "GET" { text += "Content-Length: \(bodyCount)\r\n" }
        text += "\r\n"
        return Array(text.utf8)
    }

    // MARK: Sending and receiving

    private func exchange(
        _ transport: HTTPTransport, _ head: [UInt8], _ body: [UnsafeRawBufferPointer], _ deadline: Deadline
    ) throws(Failure) -> HTTPResponse {
        let isSent = try send(transport, head, body, deadline)
        let response = try receive(transport, deadline)
        transport.hasAnswered = true
        if !isSent || !response.head.keepsConnection { self.transport = nil }
        if response.head.status == 407, let proxy {
            throw Failure(error: .proxyRefused(proxy: proxy.description, host: url.authority, status: 407))
        }
        return HTTPResponse(status: response.head.status, headers: response.head.headers, body: response.body)
    }

    /// Sends everything; false when the peer has begun to answer before, which it does to refuse, or has closed.
    private func send(
        _ transport: HTTPTransport, _ head: [UInt8], _ body: [UnsafeRawBufferPointer], _ deadline: Deadline
    ) throws(Failure) -> Bool {
        let outcome = head.withUnsafeBytes { head -> Result<Bool, Failure> in
            var pieces = [head]
            pieces.reserveCapacity(body.count + 1)
            pieces += body
            var first = 0
            while true {
                switch first < pieces.count ? transport.send(pieces[first...]) : transport.flush() {
                case .done where first == pieces.count: return .success(true)
                case .done(let count): pieces.skip(count, from: &first)
                case .wouldBlock:
                    if let error = connector.wait(transport.socket, toWrite: true, deadline) { return .failure(Failure(error: error)) }
                    if transport.isStale { return .success(false) }
                case .closed, .failed: return .success(false)
                }
            }
        }
        return try outcome.get()
    }

    private func receive(_ transport: HTTPTransport, _ deadline: Deadline) throws(Failure) -> HTTPMessage {
        var limits = HTTPLimits()
        limits.body = maximumResponseBytes
        var reader = HTTPMessageReader(responses: limits)
        var hasBegun = false
        while true {
            switch buffer.withUnsafeMutableBytes({ transport.receive(into: $0) }) {
            case .done(let count):
                hasBegun = true
                buffer.withUnsafeBytes { reader.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                guard let message = try next(&reader) else { continue }
                // What nobody asked for makes the rest of the connection worthless.
                if reader.isInsideMessage { self.transport = nil }
                return message
            case .wouldBlock:
                if let error = connector.wait(transport.socket, toWrite: false, deadline) { throw Failure(error: error) }
            case .closed, .failed:
                self.transport = nil
                if let message = try? reader.finish() { return message }
                throw Failure(error: endedEarly(transport, hasBegun), hasAnswerBegun: hasBegun)
            }
        }
    }

    private func endedEarly(_ transport: HTTPTransport, _ hasBegun: Bool) -> HTTPClientError {
        let address = connector.address
        if let failure = transport.failure {
            return .tlsFailed(address: address, reason: failure.description, isTransient: failure.isTransient)
        }
        guard !transport.hasAnswered, !hasBegun, let hint = transport.hintAtClose else { return .closedEarly(address: address) }
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
