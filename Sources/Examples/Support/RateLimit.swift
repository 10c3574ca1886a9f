// Limits how many requests a client may send.

package import Telemetry

/// Counts the requests of each client address in fixed windows of time, and refuses those over the limit, as express-rate-limit 6 does.
///
/// `/metrics` and `/status` are exempt.
package struct RateLimit: RequestLayer {
    /// The header fields that tell clients where they stand.
    package static let headers = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After"]

    private let limit: Int
    private let windowSeconds: Int
    private let proxies: TrustedProxies
    private let clock: TelemetryClock
    private let counter: any RequestCounter

    /// The table for counts that replicas share; databases of several services have it once.
    package static let migration = DatabaseMigration(
        "rate limit",
        sqlite: ["CREATE TABLE \(table)"],
        // An unlogged table spares each request a write to disk; a crash of the server empties it, which restarts the windows.
        postgresql: ["CREATE UNLOGGED TABLE \(table)"])
    private static let table = """
        "RateLimit" ("service" TEXT NOT NULL, "client" TEXT NOT NULL, "window" BIGINT NOT NULL, "count" BIGINT NOT NULL,
        PRIMARY KEY ("service", "client"))
        """

    /// - Parameters:
    ///   - limit: the requests of a client in one window; 0 for any number.
    ///   - counter: where the requests are counted; see ``Database/requestCounter(for:patience:)``.
    ///   - clock: windows begin at multiples of their length on its wall clock, so that they are the same for all replicas.
    package init(
        limit: Int = 100, windowSeconds: Int = 900, counter: any RequestCounter = MemoryRequestCounter(),
        behind proxies: TrustedProxies = .none, clock: TelemetryClock = .system
    ) {
        precondition(limit >= 0 && windowSeconds > 0, "A limit is not negative, and a window has a length.")
        self.limit = limit
        self.windowSeconds = windowSeconds
        self.counter = counter
        self.proxies = proxies
        self.clock = clock
    }

    /// Reads `RATE_LIMIT` requests in `RATE_WINDOW_SECONDS`, 100 in 15 minutes unless they are set.
    package init(
        _ environment: ServiceEnvironment, counter: any RequestCounter = MemoryRequestCounter(), clock: TelemetryClock = .system
    ) throws(StartFailure) {
        self.init(
            limit: try environment.number("RATE_LIMIT", default: 100, in: 0...1_000_000_000),
            windowSeconds: try environment.number("RATE_WINDOW_SECONDS", default: 900, in: 1...86_400), counter: counter,
            behind: try TrustedProxies(environment), clock: clock)
    }

    package var takesPartInAnswers: Bool { limit > 0 }

    package func respond(to request: ServiceRequest, next: Handler) async -> ServiceResponse {
        guard limit > 0, request.path != "/metrics", request.path != "/status" else { return await next(request) }
        let seconds = Int(clock.now.nanosecondsSinceEpoch / 1_000_000_000)
        let count = await counter.add(client: proxies.clientAddress(of: request) ?? "", window: seconds / windowSeconds)
        let secondsLeft = windowSeconds - seconds % windowSeconds
        var response = count > limit ? Self.refusal(secondsLeft) : await next(request)
        response.headers["RateLimit-Limit"] = String(limit)
        response.headers["RateLimit-Remaining"] = String(max(0, limit - count))
        response.headers["RateLimit-Reset"] = String(secondsLeft)
        return response
    }

    private static func refusal(_ secondsLeft: Int) -> ServiceResponse {
        var response = ServiceResponse.text("Too many requests, please try again later.", status: 429)
        response.headers["Retry-After"] = String(secondsLeft)
        return response
    }
}
