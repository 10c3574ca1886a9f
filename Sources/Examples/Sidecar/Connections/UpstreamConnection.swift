// The state machine of a connection to an endpoint.

import Telemetry

/// One connection, which carries one request at a time and is kept if the endpoint allows it.
final class UpstreamConnection: LinkOwner {
    let upstream: Upstream
    let endpoint: Endpoint
    private(set) var link: Link?
    var input = InputBuffer()
    /// The request that is carried; nil if the connection is idle.
    private(set) var exchange: Exchange?
    /// The generation of the endpoint's circuit breaker that let the present request through.
    var generation = 0
    private(set) var isOpen = false
    private(set) var isReused = false
    private(set) var peerAddress: String?
    private var addresses: ArraySlice<SocketAddress> = []
    private var isClosed = false
    private var idleLimit = UInt64.max

    init(_ upstream: Upstream, _ endpoint: Endpoint) {
        self.upstream = upstream
        self.endpoint = endpoint
    }

    /// Whether an idle connection can carry a request. A request that must not be sent twice asks the socket first.
    func isUsable(for exchange: Exchange) -> Bool {
        guard isOpen, let link, !link.isClosed, input.isEmpty else { return false }
        return exchange.request.isIdempotent || !link.transport.isStale
    }

    /// Takes a request; connects first if the connection is new.
    func carry(_ exchange: Exchange) {
        self.exchange = exchange
        idleLimit = .max
        if isOpen {
            isReused = true
            link?.setReading(true)
            return exchange.opened(self)
        }
        endpoint.withAddresses(upstream.loop) { [self] result in
            guard !isClosed else { return }
            switch result {
            case .success(let found):
                addresses = found[...]
                connect(lastError: "it has no address")
            case .failure(let error): self.exchange?.attemptFailed(.unreachable("\(endpoint.host): \(error.reason)"))
            }
        }
    }

    private func connect(lastError: String) {
        guard let address = addresses.popFirst() else {
            endpoint.forgetAddresses()
            exchange?.attemptFailed(.unreachable(lastError))
            return
        }
        peerAddress = address.hostAndPort.host
        do throws(SocketError) {
            let socket = try Socket.connecting(to: address)
            let security = upstream.configuration.tls
            let host = security.map { $0.names.isEmpty ? $0.host ?? endpoint.host : nil } ?? nil
            guard let transport = HTTPTransport(connecting: socket, tls: security?.context, host: host),
                let link = Link(transport, upstream.loop, owner: self, isConnecting: true)
            else {
                exchange?.attemptFailed(.exhausted("the system gives no more memory or descriptors"))
                return
            }
            self.link = link
        } catch {
            let failure = SidecarFailure(connecting: error, to: address.text)
            guard case .unreachable(let reason) = failure else {
                exchange?.attemptFailed(failure)
                return
            }
            connect(lastError: reason)
        }
    }

    /// Called with the head of an answer that is no failure.
    func answered() { endpoint.breaker.answer(generation) }

    func becomeIdle() {
        exchange = nil
        idleLimit = Deadline.after(upstream.configuration.keepAlive).nanoseconds
        upstream.loop.check(at: idleLimit)
        link?.setReading(true)
    }

    func close() {
        isClosed = true
        isOpen = false
        exchange = nil
        link?.close()
        link = nil
        input = InputBuffer()
    }

    // MARK: Events

    func linkOpened() {
        if let names = upstream.configuration.tls?.names, !names.isEmpty {
            let shown = link?.transport.peerNames ?? []
            guard names.contains(where: { name in shown.contains { $0.matches(name) } }) else {
                exchange?.attemptFailed(
                    .untrusted(
                        "its certificate is for \(shown.isEmpty ? "no name" : shown.map(\.text).joined(separator: ", ")), and for none of the file"
                    ))
                return
            }
        }
        isOpen = true
        exchange?.opened(self)
    }

    func linkIsReadable() {
        if let exchange { return exchange.upstreamIsReadable(self) }
        // An idle endpoint has nothing to say but that it closes.
        discard()
    }

    func linkDrained() { exchange?.upstreamHasRoom() }

    func linkFailed(_ reason: String) {
        guard let exchange else { return discard() }
        if isOpen { return exchange.upstreamBroke(self) }
        let isSecure = link?.transport.isSecure == true && link?.transport.failureReason != nil
        link?.close()
        link = nil
        if isSecure { return exchange.attemptFailed(.untrusted("\(peerAddress ?? endpoint.host): \(reason)")) }
        connect(lastError: "\(peerAddress ?? endpoint.host): \(reason)")
    }

    func linkTime(_ now: UInt64) -> UInt64 {
        guard exchange == nil, now >= idleLimit else { return idleLimit }
        discard()
        return .max
    }

    private func discard() {
        upstream.closed(self)
        close()
    }
}
