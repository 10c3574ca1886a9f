// One address of an upstream, with its connections.

import Telemetry

/// A host and port with its circuit breaker, its idle connections, and its addresses.
final class Endpoint {
    /// How long the addresses of a name are used before they are looked up again.
    private static let addressLifetime = Duration.seconds(30)

    let host: String
    let port: Int
    /// The beginning of URLs on spans: `http://albums:9080`.
    let origin: String
    var breaker: CircuitBreaker
    /// The requests that have been passed on and not been answered.
    var activeCount = 0
    /// The idle connections, the last used last.
    var idle: [UpstreamConnection] = []
    private var addresses: [SocketAddress] = []
    private var addressesExpire = Deadline.never
    private var isResolving = false
    /// What waits for the addresses.
    private var unresolved: [(Result<[SocketAddress], SocketAddress.ResolutionError>) -> Void] = []

    init(_ endpoint: UpstreamConfiguration.Endpoint, of upstream: UpstreamConfiguration) {
        host = endpoint.host
        port = endpoint.port
        let text = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        origin = (upstream.tls == nil ? "http://" : "https://") + text
        breaker = CircuitBreaker(
            failureLimit: upstream.failures, openNanoseconds: Deadline(nanoseconds: 0).advanced(by: upstream.openTime).nanoseconds,
            probeLimit: upstream.probes)
    }

    /// Calls the closure with the addresses, at once if they are known; names are looked up on a thread, since the resolver blocks.
    func withAddresses(
        _ loop: EventLoop, _ body: @escaping (Result<[SocketAddress], SocketAddress.ResolutionError>) -> Void
    ) {
        loop.assertIsCurrent()
        if addresses.isEmpty, case .success(let numeric) = SocketAddress.resolve(host: host, port: port, isNumeric: true) {
            addresses = numeric
        }
        if addressesExpire.hasPassed { resolve(loop) }
        guard addresses.isEmpty else { return body(.success(addresses)) }
        unresolved.append(body)
        resolve(loop)
    }

    /// Has the addresses looked up again before they are used: the endpoint may have moved.
    func forgetAddresses() {
        guard addressesExpire != .never else { return }
        addresses = []
    }

    private func resolve(_ loop: EventLoop) {
        guard !isResolving else { return }
        isResolving = true
        let (host, port) = (host, port)
        let answer = Answer(endpoint: self)
        let isStarted = WorkerThread.start(named: "sidecar-resolve") {
            let result = SocketAddress.resolve(host: host, port: port)
            loop.execute { answer.endpoint.resolved(result) }
        }
        if !isStarted {
            loop.execute { answer.endpoint.resolved(.failure(SocketAddress.ResolutionError(reason: "the system gives no more threads"))) }
        }
    }

    /// Carries the endpoint past the thread of the resolver, which does not touch it.
    ///
    /// `@unchecked`: the endpoint is used on the loop's thread only.
    private struct Answer: @unchecked Sendable {
        let endpoint: Endpoint
    }

    private func resolved(_ result: Result<[SocketAddress], SocketAddress.ResolutionError>) {
        isResolving = false
        if case .success(let found) = result { addresses = found }
        addressesExpire = .after(Self.addressLifetime)
        let waiting = unresolved
        unresolved = []
        for body in waiting { body(result) }
    }
}
