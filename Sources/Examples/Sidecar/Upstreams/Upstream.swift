// Chooses endpoints for requests, within the limits of the upstream.

import ExampleSupport
import Telemetry

/// The endpoints of an upstream, and the requests that wait for one.
final class Upstream {
    /// What an attempt says about its endpoint.
    enum Outcome {
        case success, failure
        /// It says nothing, as when the client has gone.
        case unknown
    }

    /// Retries that may be saved up.
    private static let retryBurst = 20

    let configuration: UpstreamConfiguration
    let endpoints: [Endpoint]
    let loop: EventLoop
    private let telemetry: SidecarTelemetry
    private(set) var retryBudget: RetryBudget
    private var waiting: [Exchange] = []
    /// The first ones of those that wait have been served.
    private var servedCount = 0
    private var next = 0
    private var isServing = false

    init(_ configuration: UpstreamConfiguration, _ loop: EventLoop, _ telemetry: SidecarTelemetry) {
        self.configuration = configuration
        self.loop = loop
        self.telemetry = telemetry
        endpoints = configuration.endpoints.map { Endpoint($0, of: configuration) }
        retryBudget = RetryBudget(share: configuration.retryShare, burst: Self.retryBurst)
    }

    var waitingCount: Int { waiting.count - servedCount }

    // MARK: Requests

    /// Gives a request an endpoint, now or as soon as there is room.
    func submit(_ exchange: Exchange) {
        loop.assertIsCurrent()
        let now = SystemClock.monotonicNanoseconds()
        if waitingCount == 0, let endpoint = endpoint(at: now, avoiding: exchange.failedEndpoint) {
            return assign(exchange, endpoint, now)
        }
        guard endpoints.contains(where: { !$0.breaker.isOpen(at: now) }) else { return exchange.fail(.circuitOpen) }
        guard waitingCount < configuration.waiting else { return exchange.fail(.overloaded) }
        waiting.append(exchange)
    }

    func countRequest() { retryBudget.addRequest() }

    func takeRetry() -> Bool { retryBudget.takeRetry() }

    /// Returns the endpoint with the fewest requests among those that take one; nil if there is none at present.
    private func endpoint(at now: UInt64, avoiding failed: Endpoint?) -> Endpoint? {
        next = next + 1 < endpoints.count ? next + 1 : 0
        var best: Endpoint?
        for offset in endpoints.indices {
            let place = next + offset
            let candidate = endpoints[place < endpoints.count ? place : place - endpoints.count]
            guard candidate.activeCount < configuration.concurrency, !candidate.breaker.isOpen(at: now) else { continue }
            // The endpoint that has just failed the request is taken only if there is no other.
            guard let known = best, !(known === failed && candidate !== failed) else {
                best = candidate
                continue
            }
            if candidate.activeCount < known.activeCount, candidate !== failed { best = candidate }
        }
        return best
    }

    private func assign(_ exchange: Exchange, _ endpoint: Endpoint, _ now: UInt64) {
        let generation = endpoint.breaker.begin(at: now)
        endpoint.activeCount += 1
        while let connection = endpoint.idle.popLast() {
            guard connection.isUsable(for: exchange) else {
                connection.close()
                continue
            }
            connection.generation = generation
            return exchange.begin(on: connection)
        }
        let connection = UpstreamConnection(self, endpoint)
        connection.generation = generation
        exchange.begin(on: connection)
    }

    /// Takes an attempt's slot back, and its connection if another request can use it.
    func release(_ connection: UpstreamConnection, _ outcome: Outcome, keeping isKept: Bool) {
        loop.assertIsCurrent()
        let endpoint = connection.endpoint
        endpoint.activeCount -= 1
        assert(endpoint.activeCount >= 0, "A slot is given back once.")
        switch outcome {
        case .success: endpoint.breaker.succeed(connection.generation)
        case .failure:
            let hasOpened = endpoint.breaker.fail(connection.generation, at: SystemClock.monotonicNanoseconds())
            if hasOpened { telemetry.breakerOpened(self, endpoint) }
        case .unknown: endpoint.breaker.cancel(connection.generation)
        }
        if isKept, endpoint.idle.count < configuration.idleConnections {
            connection.becomeIdle()
            endpoint.idle.append(connection)
        } else {
            connection.close()
        }
        serveWaiting()
    }

    /// Forgets an idle connection that has closed.
    func closed(_ connection: UpstreamConnection) {
        connection.endpoint.idle.removeAll { $0 === connection }
    }

    private func serveWaiting() {
        // A request that fails at once gets here from within the loop below.
        guard !isServing else { return }
        isServing = true
        defer { isServing = false }
        while servedCount < waiting.count {
            let exchange = waiting[servedCount]
            guard exchange.isWaiting else {
                servedCount += 1
                continue
            }
            let now = SystemClock.monotonicNanoseconds()
            guard let endpoint = endpoint(at: now, avoiding: exchange.failedEndpoint) else {
                // Only a request that is answered makes room: where none is in progress, nothing is to be waited for.
                guard endpoints.allSatisfy({ $0.breaker.isOpen(at: now) }) else { break }
                servedCount += 1
                exchange.fail(.circuitOpen)
                continue
            }
            servedCount += 1
            assign(exchange, endpoint, now)
        }
        if servedCount == waiting.count || servedCount >= 256 {
            waiting.removeFirst(servedCount)
            servedCount = 0
        }
    }

    func close() {
        for endpoint in endpoints {
            for connection in endpoint.idle { connection.close() }
            endpoint.idle = []
        }
    }
}
