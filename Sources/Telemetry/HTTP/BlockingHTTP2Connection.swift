// The HTTP/2 client of the export worker.

import Synchronization

/// A kept HTTP/2 connection for one thread at a time, which blocks at most until a deadline.
///
/// Between two requests nothing reads from it: what a peer has sent meanwhile is read before the next request.
final class BlockingHTTP2Connection: @unchecked Sendable {
    // Unchecked: all but `interruption` and the atomic is used by one caller at a time, which `isBusy` ensures.
    /// A connection with its frames.
    private struct Link {
        let transport: HTTPTransport
        let session: HTTP2Session
    }

    /// An error, and whether the peer may have processed the request.
    private struct Failure: Error {
        let error: HTTPClientError
        var mayBeProcessed = true
    }

    /// A response that came before, and what it says.
    private struct Latest {
        /// Responses of more bytes are not kept.
        static let maximumBytes = 1024

        let answer: HTTP2Answer
        let response: HTTP2Response
    }

    /// The bytes that a peer may send between two requests; a connection with more is given up.
    private static let maximumIdleBytes = 256 * 1024

    private let url: HTTPURL
    private let library: NGHTTP2
    private let maximumResponseBytes: Int
    private let varyingField: HTTP2RequestHead.VaryingField
    private let interruption = Interruption()
    private let isBusy = Atomic(false)
    private let connector: HTTPConnector
    /// The fields of the latest request: those of an exporter are always the same.
    private var latestHead: HTTP2RequestHead?
    private var link: Link?
    /// The latest response, which the next one mostly repeats.
    private var latest: Latest?
    /// Made for the first response: an exporter that has sent nothing yet needs no memory for it.
    private var buffer = ReceiveBuffer(size: 16 * 1024)

    /// - Parameters:
    ///   - tls: the context for `https`, which offers HTTP/2.
    ///   - proxy: the proxy, through which a tunnel leads to the host.
    ///   - varyingField: the field that differs between requests.
    ///   - directory: the addresses of the proxy, or of the host if there is none.
    init(
        to url: HTTPURL, _ library: NGHTTP2, tls: TLSContext?, proxy: HTTPProxy?, maximumResponseBytes: Int,
        varyingField: HTTP2RequestHead.VaryingField, directory: HostDirectory? = nil
    ) {
        self.url = url
        self.library = library
        self.maximumResponseBytes = max(1, maximumResponseBytes)
        self.varyingField = varyingField
        connector = HTTPConnector(
            to: url, tls: tls, proxy: proxy, alwaysTunnels: true, interruption: interruption,
            directory: directory ?? HostDirectory(for: url, proxy: proxy))
    }

    deinit {
        if let link { Self.sayFarewell(link) }
    }

    /// Makes the call in progress on another thread throw `interrupted`, or else the next call.
    func interrupt() { interruption.raise() }

    /// Withdraws an interruption that no call has consumed.
    func clearInterruption() { interruption.clear() }

    /// Closes the connection unless a call is in progress; the next request makes a new one.
    func close() {
        guard !isBusy.exchange(true, ordering: .acquiring) else { return }
        if let link { Self.sayFarewell(link) }
        link = nil
        isBusy.store(false, ordering: .releasing)
    }

    /// Sends a `POST` request, and waits for the response.
    ///
    /// The request is sent once more, on a new connection, if the peer has closed the kept one without processing it.
    ///
    /// - Parameters:
    ///   - varying: the value of the field that differs; nil for none.
    ///   - headers: fields with names in lower case, without those that only HTTP/1.1 has.
    func post(
        _ path: String, varying: String?, headers: [(name: String, value: String)], body: [UnsafeRawBufferPointer],
        deadline: Deadline
    ) throws(HTTPClientError) -> HTTP2Response {
        guard !isBusy.exchange(true, ordering: .acquiring) else { throw .invalidRequest("another one is under way") }
        defer { isBusy.store(false, ordering: .releasing) }
        if interruption.take() { throw .interrupted }
        if interruption.isClosed { throw .descriptorsClosed }
        let head = requestHead(path, headers)
        do throws(Failure) {
            if link != nil, connector.isDueForReplacement { replace(deadline) }
            if let kept = link, isUsable(kept) {
                do throws(Failure) {
                    return try exchange(kept, head, varying, body, deadline)
                } catch {
                    guard !error.mayBeProcessed else { throw error }
                }
            }
            link = nil
            let fresh = try connect(deadline)
            link = fresh
            return try exchange(fresh, head, varying, body, deadline)
        } catch {
            link = nil
            throw error.error
        }
    }

    /// Leaves the address of the last request for a while and closes the connection, if there is a healthy address besides it; returns
    /// whether there is. Must not be called during a call.
    func leave(for requested: Duration?) -> Bool {
        guard !isBusy.exchange(true, ordering: .acquiring) else { return false }
        defer { isBusy.store(false, ordering: .releasing) }
        guard connector.leave(for: requested) else { return false }
        if let link { Self.sayFarewell(link) }
        link = nil
        return true
    }

    /// Records that the address has taken the last request, or has refused it for good. Must not be called during a call.
    func recordSuccess() {
        guard !isBusy.exchange(true, ordering: .acquiring) else { return }
        connector.recordSuccess()
        isBusy.store(false, ordering: .releasing)
    }

    /// Sets whether other receivers can be tried in place of this one.
    func setOtherReceivers(_ areHealthy: Bool) { connector.hasOtherReceivers = areHealthy }

    // MARK: Connections

    /// Makes a new connection in place of the present one, which stays if that fails.
    private func replace(_ deadline: Deadline) {
        let peer = connector.currentPeer
        do throws(Failure) {
            let fresh = try connect(min(deadline, .after(HTTPConnector.replacementTimeout)))
            if let link { Self.sayFarewell(link) }
            link = fresh
        } catch {
            // The interruption is meant for the request.
            if error.error == .interrupted { interruption.raise() }
            connector.postponeReplacement(to: peer)
        }
    }

    private func connect(_ deadline: Deadline) throws(Failure) -> Link {
        let transport: HTTPTransport
        do throws(HTTPClientError) { transport = try connector.connect(deadline) } catch { throw Failure(error: error) }
        if url.isSecure, transport.agreedProtocol != HTTP2Session.protocolName {
            let reason = "it did not agree to speak HTTP/2; does a receiver of OTLP over gRPC listen there, usually on port 4317?"
            throw Failure(error: .tlsFailed(address: connector.address, reason: reason, isTransient: false))
        }
        do throws(HTTP2Session.Failure) {
            return Link(transport: transport, session: try HTTP2Session(library))
        } catch {
            throw Failure(error: .invalidRequest(error.reason))
        }
    }

    /// Reads what the peer has sent since the last request; returns whether the connection takes another one.
    private func isUsable(_ link: Link) -> Bool {
        var count = 0
        while count <= Self.maximumIdleBytes {
            switch buffer.withUnsafeMutableBytes({ link.transport.receive(into: $0) }) {
            case .done(let received):
                count += received
                let isRead = buffer.withUnsafeBytes { bytes in
                    (try? link.session.receive(UnsafeRawBufferPointer(rebasing: bytes[..<received]))) != nil
                }
                guard isRead else { return false }
            case .wouldBlock: return link.session.mayRequest
            case .closed, .failed: return false
            }
        }
        return false
    }

    /// Tells the peer that the connection ends, if the socket accepts it at once.
    private static func sayFarewell(_ link: Link) {
        guard link.session.end() else { return }
        _ = try? link.session.send { link.transport.send($0) }
        _ = link.transport.flush()
    }

    // MARK: An exchange

    /// Returns the fields of a request, which are kept for the next one.
    private func requestHead(_ path: String, _ headers: [(name: String, value: String)]) -> HTTP2RequestHead {
        if let latestHead, latestHead.isOf(path: path, headers: headers) { return latestHead }
        let own = [
            (name: ":method", value: "POST"), (name: ":scheme", value: url.isSecure ? "https" : "http"), (name: ":path", value: path),
            (name: ":authority", value: url.authority),
        ]
        let fresh = HTTP2RequestHead(own, path: path, headers: headers, varying: varyingField)
        latestHead = fresh
        return fresh
    }

    private func exchange(
        _ link: Link, _ head: HTTP2RequestHead, _ varying: String?, _ body: [UnsafeRawBufferPointer], _ deadline: Deadline
    ) throws(Failure) -> HTTP2Response {
        assert(isBusy.load(ordering: .relaxed), "One caller at a time uses the connection.")
        do throws(HTTP2Session.Failure) {
            try link.session.start(head, varying: varying, body: body, maximumResponseBytes: maximumResponseBytes)
        } catch {
            throw Failure(error: .closedEarly(address: connector.address), mayBeProcessed: false)
        }
        var wait = connector.answerWait(within: deadline)
        let outcome = Result { () throws(Failure) in try response(link, &wait) }
        switch outcome {
        case .success: connector.noteAnswer(&wait)
        case .failure(let failure): if case .timedOut = failure.error { connector.noteSilence(wait) }
        }
        // The body is forgotten before it goes away.
        if !link.session.finish() || !link.session.mayRequest || (try? outcome.get()) == nil { self.link = nil }
        return try outcome.get()
    }

    private func response(_ link: Link, _ wait: inout AnswerWait) throws(Failure) -> HTTP2Response {
        var isOpen = true
        while true {
            let isBlocked = isOpen ? try send(link, &isOpen, &wait) : false
            guard let exchange = link.session.exchange else { throw Failure(error: .closedEarly(address: connector.address)) }
            if exchange.isComplete {
                link.transport.hasReceivedResponse = true
                return response(exchange.answer)
            }
            if let code = exchange.closeCode { throw closed(link, code, exchange) }
            if interruption.take() { throw Failure(error: .interrupted) }
            let earlierBytes = exchange.receivedBytes
            // What has come is read before the limit counts: this thread may have stood still meanwhile.
            switch buffer.withUnsafeMutableBytes({ link.transport.receive(into: $0) }) {
            case .done(let count):
                try receive(link, count)
                guard !exchange.isComplete, exchange.closeCode == nil else { continue }
                // Frames of the connection are no progress: a peer whose handlers hang still sends them.
                if exchange.receivedBytes > earlierBytes { wait.noteProgress() }
                if wait.limit.hasPassed { throw Failure(error: .timedOut(address: connector.address)) }
            case .wouldBlock:
                if let error = connector.wait(link.transport.socket, toWrite: isBlocked, wait.limit) { throw Failure(error: error) }
            case .closed, .failed: throw closed(link, exchange)
            }
        }
    }

    /// Returns what a response says. One with the bytes of the response before is not read again.
    private func response(_ answer: HTTP2Answer) -> HTTP2Response {
        if let latest, latest.answer == answer { return latest.response }
        let response = answer.response
        var repeated = response
        repeated.isRepeated = true
        latest = answer.byteCount <= Latest.maximumBytes ? Latest(answer: answer, response: repeated) : nil
        return response
    }

    /// Sends what the peer's windows admit; returns whether the socket would block. After an error only what has arrived is read.
    private func send(_ link: Link, _ isOpen: inout Bool, _ wait: inout AnswerWait) throws(Failure) -> Bool {
        let unsent = link.session.unsentBodyBytes
        do throws(HTTP2Session.Failure) {
            var result = try link.session.send { link.transport.send($0) }
            // Acknowledgements to the peer are no progress.
            if link.session.unsentBodyBytes < unsent { wait.noteProgress() }
            if case .done = result { result = link.transport.flush() }
            switch result {
            case .done: return false
            case .wouldBlock: return true
            case .closed, .failed:
                isOpen = false
                return false
            }
        } catch {
            throw broken(link, error)
        }
    }

    private func receive(_ link: Link, _ count: Int) throws(Failure) {
        let result = buffer.withUnsafeBytes { bytes in
            Result { () throws(HTTP2Session.Failure) in try link.session.receive(UnsafeRawBufferPointer(rebasing: bytes[..<count])) }
        }
        if case .failure(let failure) = result { throw broken(link, failure) }
    }

    /// Returns the error of a connection that carries no more frames.
    private func broken(_ link: Link, _ failure: HTTP2Session.Failure) -> Failure {
        let address = connector.address
        if link.session.exchange?.isTooLarge == true {
            return Failure(error: .responseTooLarge(address: address, limit: maximumResponseBytes))
        }
        if let farewell = link.session.farewell { return Failure(error: .wentAway(address: address, reason: farewell)) }
        return Failure(error: .brokenHTTP2(address: address, reason: failure.reason))
    }

    /// Returns the error of a connection that the peer has closed.
    private func closed(_ link: Link, _ exchange: HTTP2Exchange) -> Failure {
        let address = connector.address
        if let failure = link.transport.failure {
            return Failure(error: .tlsFailed(address: address, reason: failure.description, isTransient: failure.isTransient))
        }
        if let farewell = link.session.farewell { return Failure(error: .wentAway(address: address, reason: farewell)) }
        if !link.transport.hasReceivedResponse, let hint = link.transport.hintAtClose {
            return Failure(error: .closedUnanswered(address: address, hint: hint))
        }
        return Failure(error: .closedEarly(address: address), mayBeProcessed: exchange.hasBegun)
    }

    /// Returns the error of a stream that the peer has closed.
    private func closed(_ link: Link, _ code: UInt32, _ exchange: HTTP2Exchange) -> Failure {
        // RFC 9113 §8.7: a refused stream has not been processed. nghttp2 closes streams so that a farewell leaves out.
        let isRefused = code == HTTP2ErrorCode.refusedStream
        if isRefused, let farewell = link.session.farewell {
            return Failure(error: .wentAway(address: connector.address, reason: farewell), mayBeProcessed: false)
        }
        if let violation = link.session.violation {
            return Failure(error: .brokenHTTP2(address: connector.address, reason: violation))
        }
        return Failure(error: .streamReset(address: connector.address, code: code), mayBeProcessed: !isRefused)
    }
}
