// Connection setup of the export worker: addresses, proxy and TLS.

import Synchronization

/// Connects to the host of one URL, one connection at a time.
///
/// It tries the addresses in turn, opens a tunnel through the proxy, performs the TLS handshake, and knows when to replace the connection.
final class HTTPConnector {
    /// The waits of the handshakes: all until a deadline, and each one no longer than a time without progress.
    private struct HandshakeWait {
        let deadline: Deadline
        let silence: Duration?

        /// When a wait that begins now ends.
        var limit: Deadline { AnswerWait(until: deadline, silence: silence).limit }
    }

    /// How long an address may take to accept a connection while there are others: further addresses of the host, or other receivers.
    private static let acceptLimit = Duration.milliseconds(400)
    /// How long the peer may then be silent in the handshakes of the proxy's tunnel and of TLS.
    private static let handshakeLimit = Duration.milliseconds(900)
    /// How long a connection is used on after no other one could be made in its place.
    private static let replacementPause = Duration.seconds(5)
    /// How long a replacement may take: the connection in use is still good.
    static let replacementTimeout = Duration.seconds(1)

    private let url: HTTPURL
    private let proxy: HTTPProxy?
    private let tls: TLSContext?
    /// The name that the server is asked for and its certificate must have; nil for the host of the URL.
    private let serverName: String?
    /// True if a tunnel leads through a proxy for `http` too, since the proxy does not speak the protocol.
    private let alwaysTunnels: Bool
    private let interruption: Interruption
    private let directory: HostDirectory
    /// True if this is one of several receivers: while the others are healthy, less time is given to it. Relaxed: set before each request.
    private let isOneOfMany = Atomic(false)
    /// The address that the latest connection leads to; nil if there is none.
    private var peer: SocketAddress?
    private var expiry = UInt64.max
    private var seenChanges: UInt64 = 0
    /// True once the address has answered on this connection, which its health then knows.
    private var hasAnswered = false
    /// The address in errors: that of the last peer tried.
    private(set) var address: String

    /// - Parameter directory: the addresses of the peer: of the proxy, or of the host if there is none.
    init(
        to url: HTTPURL, tls: TLSContext?, serverName: String? = nil, proxy: HTTPProxy?, alwaysTunnels: Bool = false,
        interruption: Interruption, directory: HostDirectory
    ) {
        self.url = url
        self.proxy = proxy
        self.tls = tls
        self.serverName = serverName
        self.alwaysTunnels = alwaysTunnels
        self.interruption = interruption
        self.directory = directory
        address = url.socketPath ?? url.authority
    }

    /// Connects to the first address that takes a connection. One that fails is left for a while.
    func connect(_ deadline: Deadline) throws(HTTPClientError) -> HTTPTransport {
        let context = try context()
        peer = nil
        var candidates = try findAddresses(deadline)
        var last = HTTPClientError.unreachable(address: address, reason: "it has no address")
        var isBrief = candidates.count > 1 || hasOtherReceivers
        while !candidates.isEmpty {
            var slow: [SocketAddress] = []
            for (index, candidate) in candidates.enumerated() {
                address = proxy == nil ? candidate.text : "\(candidate.text) (a proxy)"
                let untried = candidates.count - index
                // An unresponsive address leaves time for the others.
                let limit = untried == 1 ? deadline : .after(deadline.remaining / untried)
                let accept = isBrief ? min(limit, .after(Self.acceptLimit)) : limit
                let handshake = HandshakeWait(deadline: limit, silence: isBrief ? Self.handshakeLimit : nil)
                do throws(HTTPClientError) {
                    let transport = try establish(candidate, accept, context, handshake)
                    note(candidate)
                    return transport
                } catch {
                    switch error {
                    case .interrupted, .descriptorsClosed: throw error
                    case .timedOut where isBrief: slow.append(candidate)
                    default: break
                    }
                    directory.fail(candidate)
                    last = error
                }
                if deadline.hasPassed { break }
            }
            // If no address is quick, those that are slow get all of the time.
            isBrief = false
            candidates = hasOtherReceivers || deadline.hasPassed ? [] : slow
        }
        // The host may have moved: the next attempt looks it up again.
        directory.expire()
        throw last
    }

    private func note(_ candidate: SocketAddress) {
        peer = candidate
        hasAnswered = false
        seenChanges = directory.changes
        expiry = url.socketPath == nil ? directory.policy.expiry(from: directory.now, fraction: LaneGenerator.fraction()) : .max
    }

    private func establish(
        _ candidate: SocketAddress, _ acceptLimit: Deadline, _ context: TLSContext?, _ handshake: HandshakeWait
    ) throws(HTTPClientError) -> HTTPTransport {
        let socket = try attempt(candidate, acceptLimit).get()
        if let proxy {
            let peer = address
            if url.isSecure || alwaysTunnels { try tunnel(socket, proxy, handshake) }
            address = "\(url.authority) through the proxy \(peer)"
        }
        guard let context else { return HTTPTransport(socket) }
        return try secure(socket, context, handshake)
    }

    // MARK: The connection in use

    /// True if the connection is to be replaced between two requests: it is old, or its address is none of the host's any more.
    ///
    /// Starts a lookup of the name in the background if that is due.
    var isDueForReplacement: Bool {
        directory.refreshIfDue()
        if directory.now >= expiry { return true }
        let changes = directory.changes
        guard changes != seenChanges else { return false }
        seenChanges = changes
        guard let peer, !directory.holds(peer) else { return false }
        expiry = 0
        return true
    }

    /// Keeps the connection for another while, since no other one could be made.
    func postponeReplacement(to earlier: SocketAddress?) {
        peer = earlier
        hasAnswered = false
        expiry = Deadline(nanoseconds: directory.now).advanced(by: Self.replacementPause).nanoseconds
    }

    /// The address that the connection leads to.
    var currentPeer: SocketAddress? { peer }

    /// Returns how long the response is waited for: less if there is another address that could be tried.
    func answerWait(within deadline: Deadline) -> AnswerWait {
        guard let peer, hasOtherReceivers || directory.hasOther(than: peer) else { return AnswerWait(until: deadline) }
        let policy = directory.policy
        let silence = policy.answerTimeout == nil ? directory.answers.silence : nil
        return AnswerWait(until: policy.answerLimit(within: deadline), silence: silence)
    }

    /// Records how long an answer took that has come.
    func noteAnswer(_ wait: inout AnswerWait) {
        wait.noteProgress()
        directory.answers.noteAnswer(after: wait.longestSilence)
    }

    /// Records that no answer has come.
    func noteSilence(_ wait: AnswerWait) {
        if wait.endsInSilence, let silence = wait.silence { directory.answers.noteDeparture(after: silence) }
    }

    /// True if other receivers can be tried in place of this one.
    var hasOtherReceivers: Bool {
        get { isOneOfMany.load(ordering: .relaxed) }
        set { isOneOfMany.store(newValue, ordering: .relaxed) }
    }

    /// Records that the address has answered, and does not ask to be left: its failures are forgotten.
    func recordSuccess() {
        guard let peer, !hasAnswered else { return }
        hasAnswered = true
        directory.succeed(peer)
    }

    /// Leaves the address of the last request for a while, if there is a healthy one besides it; returns whether there is.
    ///
    /// - Parameter requested: how long the peer has asked to be left.
    func leave(for requested: Duration?) -> Bool {
        guard let peer else { return false }
        hasAnswered = false
        directory.fail(peer, requested: requested)
        return directory.hasOther(than: peer)
    }

    private func context() throws(HTTPClientError) -> TLSContext? {
        guard url.isSecure else { return nil }
        if let tls { return tls }
        switch TLSContext.standard {
        case .success(let context): return context
        case .failure(let error): throw .tlsUnavailable(error.description)
        }
    }

    // MARK: The socket

    private func findAddresses(_ deadline: Deadline) throws(HTTPClientError) -> [SocketAddress] {
        guard let path = url.socketPath else { return try directory.candidates(interruption, until: deadline) }
        switch SocketAddress.unix(path: path) {
        case .success(let addresses): return addresses
        case .failure(let error): throw .invalidRequest(error.reason)
        }
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

    /// Waits for the socket; returns nil once it is ready.
    func wait(_ socket: Socket, toWrite: Bool, _ deadline: Deadline) -> HTTPClientError? {
        switch interruption.wait(for: socket, toWrite: toWrite, until: deadline) {
        case .ready: nil
        case .timedOut: .timedOut(address: address)
        case .interrupted: .interrupted
        case .closed: .descriptorsClosed
        }
    }

    // MARK: The proxy

    /// Opens a tunnel to the host through the proxy. (RFC 9110 §9.3.6.)
    private func tunnel(_ socket: Socket, _ proxy: HTTPProxy, _ handshake: HandshakeWait) throws(HTTPClientError) {
        let name = url.host.contains(":") ? "[\(url.host)]" : url.host
        let host = "\(name):\(url.port)"
        var text = "CONNECT \(host) HTTP/1.1\r\nHost: \(host)\r\n"
        if let authorization = proxy.authorization { text += "Proxy-Authorization: \(authorization)\r\n" }
        try sendAll(Array((text + "\r\n").utf8), socket, handshake)
        var reader = HTTPMessageReader(responses: HTTPLimits())
        // The response to `CONNECT` has no body, as that to `HEAD`.
        reader.answersHead = true
        // Read byte by byte, so that no bytes of the host are consumed: the response is short.
        var byte: UInt8 = 0
        while true {
            switch withUnsafeMutableBytes(of: &byte, { socket.receive(into: $0) }) {
            case .done:
                withUnsafeBytes(of: byte) { reader.append($0) }
                guard let response = try next(&reader) else { continue }
                guard (200...299).contains(response.head.status) else {
                    throw .proxyRefused(proxy: proxy.description, host: host, status: response.head.status)
                }
                return
            case .wouldBlock: if let error = wait(socket, toWrite: false, handshake.limit) { throw error }
            case .closed, .failed: throw .closedEarly(address: address)
            }
        }
    }

    private func next(_ reader: inout HTTPMessageReader) throws(HTTPClientError) -> HTTPMessage? {
        do throws(HTTPParseError) { return try reader.next() } catch { throw error.clientError(address: address, limit: 0) }
    }

    private func sendAll(_ bytes: [UInt8], _ socket: Socket, _ handshake: HandshakeWait) throws(HTTPClientError) {
        var sentCount = 0
        while sentCount < bytes.count {
            switch bytes[sentCount...].withUnsafeBytes({ socket.send($0) }) {
            case .done(let count): sentCount += count
            case .wouldBlock: if let error = wait(socket, toWrite: true, handshake.limit) { throw error }
            case .closed, .failed: throw .closedEarly(address: address)
            }
        }
    }

    // MARK: TLS

    private func secure(_ socket: Socket, _ context: TLSContext, _ handshake: HandshakeWait) throws(HTTPClientError) -> HTTPTransport {
        let host = serverName ?? url.host
        guard let session = TLSSession(context, host: host) else {
            throw .tlsFailed(address: address, reason: "\(host) is no name that a certificate can hold", isTransient: false)
        }
        let transport = HTTPTransport(socket, session)
        try transport.completeHandshake(at: address) { wait(socket, toWrite: $0, handshake.limit) }
        return transport
    }
}
