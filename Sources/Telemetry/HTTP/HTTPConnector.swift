// Connection setup of the export worker: lookup, proxy and TLS.

/// Connects to the host of one URL, one connection at a time.
///
/// It looks up the addresses, tries them in order, opens a tunnel through the proxy, and performs the TLS handshake.
final class HTTPConnector {
    private let url: HTTPURL
    private let proxy: HTTPProxy?
    private let tls: TLSContext?
    /// True if a tunnel leads through a proxy for `http` too, since the proxy does not speak the protocol.
    private let alwaysTunnels: Bool
    private let interruption: Interruption
    private let lookup: HostLookup
    private var addresses: [SocketAddress] = []
    /// The address in errors: that of the last peer tried.
    private(set) var address: String

    init(
        to url: HTTPURL, tls: TLSContext?, proxy: HTTPProxy?, alwaysTunnels: Bool = false, interruption: Interruption,
        resolver: @escaping HostLookup.Resolver
    ) {
        self.url = url
        self.proxy = proxy
        self.tls = tls
        self.alwaysTunnels = alwaysTunnels
        self.interruption = interruption
        let peer = proxy?.url ?? url
        lookup = HostLookup(host: peer.host, port: peer.port, resolver: resolver)
        address = url.socketPath ?? url.authority
    }

    func connect(_ deadline: Deadline) throws(HTTPClientError) -> HTTPTransport {
        let context = try context()
        let socket = try connectToPeer(deadline)
        do throws(HTTPClientError) {
            if let proxy {
                let peer = address
                if url.isSecure || alwaysTunnels { try tunnel(socket, proxy, deadline) }
                address = "\(url.authority) through the proxy \(peer)"
            }
            guard let context else { return HTTPTransport(socket) }
            return try secure(socket, context, deadline)
        } catch {
            // The host may have moved: the next attempt looks it up again.
            addresses = []
            throw error
        }
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

    private func connectToPeer(_ deadline: Deadline) throws(HTTPClientError) -> Socket {
        if addresses.isEmpty { addresses = try findAddresses(deadline) }
        var last = HTTPClientError.unreachable(address: address, reason: "it has no address")
        for (index, candidate) in addresses.enumerated() {
            address = proxy == nil ? candidate.text : "\(candidate.text) (a proxy)"
            let untried = addresses.count - index
            // An unresponsive address leaves time for the others.
            let limit = untried == 1 ? deadline : .after(deadline.remaining / untried)
            switch attempt(candidate, limit) {
            case .success(let socket): return socket
            case .failure(.interrupted): throw .interrupted
            case .failure(let error): last = error
            }
            if deadline.hasPassed { break }
        }
        // The host may have moved: the next attempt looks it up again.
        addresses = []
        throw last
    }

    private func findAddresses(_ deadline: Deadline) throws(HTTPClientError) -> [SocketAddress] {
        guard let path = url.socketPath else { return try lookup.addresses(interruption, until: deadline) }
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
    private func tunnel(_ socket: Socket, _ proxy: HTTPProxy, _ deadline: Deadline) throws(HTTPClientError) {
        let name = url.host.contains(":") ? "[\(url.host)]" : url.host
        let host = "\(name):\(url.port)"
        var text = "CONNECT \(host) HTTP/1.1\r\nHost: \(host)\r\n"
        if let authorization = proxy.authorization { text += "Proxy-Authorization: \(authorization)\r\n" }
        try sendAll(Array((text + "\r\n").utf8), socket, deadline)
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
            case .wouldBlock: if let error = wait(socket, toWrite: false, deadline) { throw error }
            case .closed, .failed: throw .closedEarly(address: address)
            }
        }
    }

    private func next(_ reader: inout HTTPMessageReader) throws(HTTPClientError) -> HTTPMessage? {
        do throws(HTTPParseError) { return try reader.next() } catch { throw error.clientError(address: address, limit: 0) }
    }

    private func sendAll(_ bytes: [UInt8], _ socket: Socket, _ deadline: Deadline) throws(HTTPClientError) {
        var sentCount = 0
        while sentCount < bytes.count {
            switch bytes[sentCount...].withUnsafeBytes({ socket.send($0) }) {
            case .done(let count): sentCount += count
            case .wouldBlock: if let error = wait(socket, toWrite: true, deadline) { throw error }
            case .closed, .failed: throw .closedEarly(address: address)
            }
        }
    }

    // MARK: TLS

    private func secure(_ socket: Socket, _ context: TLSContext, _ deadline: Deadline) throws(HTTPClientError) -> HTTPTransport {
        guard let session = TLSSession(context, host: url.host) else {
            throw .tlsFailed(address: address, reason: "\(url.host) is no name that a certificate can hold", isTransient: false)
        }
        let transport = HTTPTransport(socket, session)
        try transport.completeHandshake(at: address) { wait(socket, toWrite: $0, deadline) }
        return transport
    }
}
