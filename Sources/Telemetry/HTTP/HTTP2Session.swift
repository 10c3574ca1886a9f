// HTTP/2 without a socket: nghttp2 reads from and writes to memory.

/// One HTTP/2 connection of a client with one exchange at a time, between messages and frames that its owner exchanges with the peer.
///
/// Must be used by one thread at a time.
final class HTTP2Session {
    /// The name of HTTP/2 in a TLS handshake. (RFC 9113 §3.2.)
    static let protocolName = "h2"

    /// The bytes of frames that are made before the socket has accepted earlier ones.
    private static let maximumOutput = 256 * 1024

    private let library: NGHTTP2
    private let session: NGHTTP2.Session
    private let state: HTTP2SessionState
    /// The fields of the latest request, to which nghttp2 refers until it has made a frame of them.
    private var latestHead: HTTP2RequestHead?
    private var hasReceived = false
    private var hasFailed = false

    /// The peer speaks another protocol or violates this one, or there is no memory.
    struct Failure: Error, Equatable {
        let reason: String
    }

    init(_ library: NGHTTP2) throws(Failure) {
        var callbacks: OpaquePointer?
        var made: NGHTTP2.Session?
        guard library.newCallbacks(&callbacks) == 0 else { throw Failure(reason: "there is no memory for it") }
        defer { library.freeCallbacks(callbacks) }
        HTTP2SessionState.set(callbacks, library)
        let state = HTTP2SessionState()
        guard library.newClient(&made, callbacks, Unmanaged.passUnretained(state).toOpaque()) == 0, let made else {
            throw Failure(reason: "there is no memory for it")
        }
        (self.library, self.state, session) = (library, state, made)
        let settings = [
            NGHTTP2.Setting(identifier: NGHTTP2.Constant.enablePush, value: 0),
            NGHTTP2.Setting(identifier: NGHTTP2.Constant.maximumHeaderListSize, value: UInt32(HTTP2Exchange.maximumFieldBytes)),
        ]
        guard library.submitSettings(session, 0, settings, settings.count) == 0 else { throw Failure(reason: "there is no memory for it") }
    }

    deinit {
        library.freeSession(session)
    }

    /// False once the peer has said farewell, or no number is left for another request.
    var mayRequest: Bool { !hasFailed && library.mayRequest(session) != 0 }

    /// What the peer has given as the reason of its farewell; nil before it.
    var farewell: String? { state.farewell }

    /// Why nghttp2 has reset the stream of the exchange; nil if the peer has.
    var violation: String? { state.isResetByPeer ? nil : state.violation ?? "its answer violates the rules of HTTP" }

    /// The exchange in progress.
    var exchange: HTTP2Exchange? { state.exchange }

    /// The bytes of the request's body that the socket has not accepted.
    var unsentBodyBytes: Int { (state.exchange?.remainingBytes ?? 0) + state.output.unsentBodyBytes }

    // MARK: An exchange

    /// Begins an exchange. The body must stay where it is until ``finish()``.
    ///
    /// - Parameters:
    ///   - head: the fields of the request; no other session has a request with them under way.
    ///   - varying: the value of the field that differs; nil for none.
    func start(
        _ head: HTTP2RequestHead, varying: String?, body: [UnsafeRawBufferPointer], maximumResponseBytes: Int
    ) throws(Failure) {
        assert(state.exchange == nil, "One exchange follows another.")
        (state.violation, state.isResetByPeer) = (nil, false)
        latestHead = head
        state.exchange = HTTP2Exchange(body: body, maximumResponseBytes: maximumResponseBytes)
        var provider = NGHTTP2.DataProvider(source: nil, read: HTTP2SessionState.readBody)
        let streamID = head.withFields(varying: varying) {
            library.submitRequest(session, nil, $0.baseAddress, $0.count, &provider, nil)
        }
        guard streamID > 0 else {
            state.exchange = nil
            throw Failure(reason: library.text(ofError: Int(streamID)))
        }
        state.exchange?.begin(streamID)
    }

    /// Ends an exchange: the rest of a body that the peer does not want is left out. Returns false if the connection cannot be used again,
    /// since a part of a frame has not been sent.
    func finish() -> Bool {
        let isFlushed = !hasFailed && state.output.isEmpty
        if isFlushed, let exchange = state.exchange, exchange.closeCode == nil {
            // The response was complete before the request, or the request has been given up. (RFC 9113 §8.1.)
            _ = library.submitReset(session, 0, exchange.streamID, HTTP2ErrorCode.cancel)
            try? makeOutput()
        }
        state.exchange = nil
        return isFlushed
    }

    /// Ends the connection with a farewell to the peer; returns false if a part of a frame has not been sent.
    func end() -> Bool {
        guard state.output.isEmpty, !hasFailed else { return false }
        return library.terminate(session, HTTP2ErrorCode.noError) == 0
    }

    // MARK: Bytes of the wire

    /// Sends what is to be sent, until the closure would block or fails.
    func send(_ send: (ArraySlice<UnsafeRawBufferPointer>) -> SocketResult) throws(Failure) -> SocketResult {
        while true {
            try makeOutput()
            guard !state.output.isEmpty else {
                try checkEnd()
                return .done(0)
            }
            let result = state.output.send(send)
            guard case .done = result else { return result }
        }
    }

    private func makeOutput() throws(Failure) {
        while state.output.byteCount < Self.maximumOutput {
            var bytes: UnsafePointer<UInt8>?
            let count = library.nextOutput(session, &bytes)
            if count < 0 { throw failure(count) }
            // DATA frames have been appended by their callback, before what is returned.
            guard count > 0 else { return }
            state.output.append(UnsafeRawBufferPointer(start: bytes, count: count))
        }
    }

    /// Passes bytes from the peer to HTTP/2.
    func receive(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        if !hasReceived, let first = bytes.first {
            hasReceived = true
            if let reason = Self.foreignProtocol(first, bytes) { throw Failure(reason: reason) }
        }
        let taken = library.receive(session, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
        if taken < 0 { throw failure(taken) }
        try checkEnd()
    }

    /// Throws if nghttp2 has sent a farewell of its own: after a violation it reads nothing more.
    private func checkEnd() throws(Failure) {
        guard let exchange = state.exchange, !exchange.isComplete, exchange.closeCode == nil else { return }
        if library.wantsToRead(session) == 0 { throw Failure(reason: state.violation ?? "its frames are not those of HTTP/2") }
    }

    /// Returns an error of nghttp2, after which the session is only freed.
    private func failure(_ code: Int) -> Failure {
        hasFailed = true
        return Failure(reason: state.violation ?? library.text(ofError: code))
    }

    /// Returns what a peer speaks whose first byte is not that of HTTP/2; nil for HTTP/2, which begins with the high byte of a length.
    private static func foreignProtocol(_ first: UInt8, _ bytes: UnsafeRawBufferPointer) -> String? {
        switch first {
        case 0: return nil
        case UInt8(ascii: "H"):
            let line = String(decoding: bytes.prefix(80).prefix { $0 >= 0x20 && $0 < 0x7F }, as: UTF8.self)
            return
                "it answered in HTTP/1 (\(line)); is this a port of OTLP over HTTP? The protocol http/protobuf sends there, and OTLP over"
                + " gRPC is usually on port 4317"
        case 0x15, 0x16: return "it speaks TLS; the URL should begin with https"
        default: return "its first bytes are not those of HTTP/2; is this a gRPC port? OTLP over gRPC is usually on port 4317"
        }
    }
}
