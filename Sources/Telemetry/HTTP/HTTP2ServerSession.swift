// HTTP/2 for servers without a socket: nghttp2 reads from and writes to memory.

/// One HTTP/2 connection of a server, between frames that its owner exchanges with the peer and requests that it answers.
///
/// Must be used by one thread at a time. Requests and their bodies are kept up to the limits; the owner answers those that exceed them.
package final class HTTP2ServerSession {
    /// The peer speaks another protocol or violates this one, or there is no memory.
    package struct Failure: Error, Equatable {
        package let reason: String
    }

    /// Why the system cannot speak HTTP/2; nil if it can.
    package static var missingLibrary: String? {
        switch NGHTTP2.system {
        case .success: nil
        case .failure(let failure): NGHTTP2.requirement(failure)
        }
    }

    /// The bytes of frames that are made before the socket has accepted earlier ones.
    private static let maximumOutput = 128 * 1024
    private static let initialConnectionWindow: Int32 = 65_535

    private let library: NGHTTP2
    private let session: NGHTTP2.Session
    private let state: HTTP2ServerState
    private var output: [UInt8] = []
    private var sent = 0
    private var hasFailed = false
    /// Streams of which the rest is not wanted. nghttp2 drops a response that waits when its stream is reset.
    private var unwantedStreams: [Int32] = []

    /// - Parameters:
    ///   - concurrentStreams: requests that the peer may have open at once.
    ///   - window: bytes of one body that may be on their way; four times as many of all bodies of the connection.
    package init(limits: HTTPLimits, concurrentStreams: Int, window: Int) throws(Failure) {
        let library: NGHTTP2
        switch NGHTTP2.system {
        case .success(let found): library = found
        case .failure(let failure): throw Failure(reason: NGHTTP2.requirement(failure))
        }
        var callbacks: OpaquePointer?
        var made: NGHTTP2.Session?
        guard library.newCallbacks(&callbacks) == 0 else { throw Failure(reason: "there is no memory for it") }
        defer { library.freeCallbacks(callbacks) }
        HTTP2ServerState.set(callbacks, library)
        let state = HTTP2ServerState(library, limits)
        guard library.newServer(&made, callbacks, Unmanaged.passUnretained(state).toOpaque()) == 0, let made else {
            throw Failure(reason: "there is no memory for it")
        }
        (self.library, self.state, session) = (library, state, made)
        let settings = [
            NGHTTP2.Setting(identifier: NGHTTP2.Constant.maximumConcurrentStreams, value: UInt32(clamping: concurrentStreams)),
            NGHTTP2.Setting(identifier: NGHTTP2.Constant.initialWindowSize, value: UInt32(clamping: window)),
            NGHTTP2.Setting(identifier: NGHTTP2.Constant.maximumHeaderListSize, value: UInt32(clamping: limits.headerBytes)),
        ]
        let growth = Int32(clamping: 4 * window) - Self.initialConnectionWindow
        guard library.submitSettings(session, 0, settings, settings.count) == 0,
            growth <= 0 || library.submitWindowUpdate(session, 0, 0, growth) == 0
        else { throw Failure(reason: "there is no memory for it") }
    }

    deinit {
        library.freeSession(session)
    }

    /// What nghttp2 has said last about the peer; nil if nothing.
    package var violation: String? { state.violation }

    /// The request of a stream; nil once it has ended.
    package subscript(streamID: Int32) -> HTTP2ServerStream? { state.streams[streamID] }

    /// The numbers of the streams that have not ended.
    package var streamIDs: [Int32] { Array(state.streams.keys) }

    package var streamCount: Int { state.streams.count }

    /// Returns what has happened since the last call.
    package func takeEvents() -> [HTTP2ServerEvent] {
        defer { state.events = [] }
        return state.events
    }

    /// Moves the body of a request out.
    package func takeBody(of streamID: Int32) -> [UInt8] { state.streams[streamID]?.takeBody() ?? [] }

    // MARK: Responses

    /// Submits the response to a request; returns false if the stream has ended or was answered.
    ///
    /// - Parameters:
    ///   - fields: those of the head, `:status` first; names in lower case.
    ///   - body: nil for a response of a head alone, which then has no trailers.
    package func respond(
        to streamID: Int32, _ fields: [(name: String, value: String)], body: [UInt8]?, trailers: [(name: String, value: String)] = []
    ) -> Bool {
        guard !hasFailed, let stream = state.streams[streamID], !stream.isAnswered else { return false }
        state.streams[streamID]?.begin(body ?? [], trailers)
        var provider = NGHTTP2.DataProvider(source: nil, read: HTTP2ServerState.readAnswer)
        let status = NGHTTP2.withFields(fields) { list in
            withUnsafePointer(to: &provider) { provider in
                library.submitResponse(session, streamID, list.baseAddress, list.count, body == nil ? nil : UnsafeRawPointer(provider))
            }
        }
        return status == 0
    }

    /// Ends a stream at once.
    package func reset(_ streamID: Int32, code: UInt32) {
        guard !hasFailed, state.streams[streamID] != nil else { return }
        _ = library.submitReset(session, 0, streamID, code)
    }

    /// Tells the peer, after the response, that the rest of a request is not wanted. (RFC 9113 §8.1.)
    ///
    /// Nothing of the response may wait for the peer's leave: it has no body.
    package func refuseRest(of streamID: Int32) { unwantedStreams.append(streamID) }

    /// Tells the peer that no further requests are processed; those that have begun go on.
    package func sayFarewell(code: UInt32 = 0, _ reason: String = "") {
        guard !hasFailed else { return }
        let text = Array(reason.utf8.prefix(500))
        _ = library.submitGoAway(session, 0, library.lastProcessedStream(session), code, text, text.count)
    }

    // MARK: Bytes of the wire

    /// Passes bytes from the peer to HTTP/2. What is to be sent must be sent then, before ``isOver`` tells anything.
    package func receive(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        let taken = library.receive(session, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
        if taken < 0 { throw failure(taken) }
    }

    /// The bytes that the socket has not accepted.
    package var waitingBytes: Int { output.count - sent }

    /// True if nothing is to be read or sent any more: the connection has ended in the order of HTTP/2.
    package var isOver: Bool {
        hasFailed || (waitingBytes == 0 && library.wantsToRead(session) == 0 && library.wantsToWrite(session) == 0)
    }

    /// Sends what is to be sent, until the closure would block or fails.
    package func send(_ send: (UnsafeRawBufferPointer) -> SocketResult) throws(Failure) -> SocketResult {
        while true {
            try makeOutput()
            guard waitingBytes > 0 else { return .done(0) }
            while sent < output.count {
                let result = output.withUnsafeBytes { send(UnsafeRawBufferPointer(rebasing: $0[sent...])) }
                guard case .done(let count) = result else { return result }
                sent += count
            }
            // The memory of a burst is freed.
            if output.capacity > 16 * 1024 { output = [] } else { output.removeAll(keepingCapacity: true) }
            sent = 0
        }
    }

    private func makeOutput() throws(Failure) {
        while waitingBytes < Self.maximumOutput {
            var bytes: UnsafePointer<UInt8>?
            let count = library.nextOutput(session, &bytes)
            if count < 0 { throw failure(count) }
            guard count > 0 else {
                if unwantedStreams.isEmpty { return }
                for streamID in unwantedStreams { reset(streamID, code: HTTP2ErrorCode.noError) }
                unwantedStreams = []
                continue
            }
            output.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
        }
    }

    /// Returns an error of nghttp2, after which the session is only freed.
    private func failure(_ code: Int) -> Failure {
        hasFailed = true
        return Failure(reason: state.violation ?? library.text(ofError: code))
    }
}
