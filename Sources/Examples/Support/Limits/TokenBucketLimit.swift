// Limits how many requests a service answers in a second.

import Telemetry

/// Refuses requests of all clients beyond a rate with 429, after a burst. `/metrics` and `/status` are exempt.
package final class TokenBucketLimit: RequestLayer {
    /// The table for the bucket that replicas share.
    package static let migration = DatabaseMigration(
        "token bucket", sqlite: [],
        // An unlogged table spares each request a write to disk; a crash of the server empties it, which fills the bucket.
        postgresql: [
            """
            CREATE UNLOGGED TABLE "TokenBucket" (
                "service" TEXT PRIMARY KEY, "fullAt" BIGINT NOT NULL, "wait" BIGINT NOT NULL
            )
            """
        ])

    private let tokens: any TokenSource
    private let metrics: RequestLimitMetrics

    package init(_ tokens: any TokenSource, _ telemetry: ServiceTelemetry) {
        self.tokens = tokens
        metrics = RequestLimitMetrics("rate", telemetry)
    }

    /// Reads `REQUESTS_PER_SECOND`, the requests in a second, and `REQUEST_BURST`, as many unless it is set; returns nil without a limit.
    ///
    /// - Parameter database: the database that replicas may share; nil for a service without one.
    package convenience init?(
        _ environment: ServiceEnvironment, _ telemetry: ServiceTelemetry, for service: String, sharing database: Database? = nil
    ) throws(StartFailure) {
        let rate = try environment.number("REQUESTS_PER_SECOND", default: 0, in: 0...1_000_000)
        let burst = try environment.number("REQUEST_BURST", default: max(1, rate), in: 1...1_000_000)
        guard rate > 0 else { return nil }
        let bucket = TokenBucket(rate: rate, burst: burst)
        self.init(database?.tokens(of: bucket, for: service) ?? MemoryTokens(bucket), telemetry)
    }

    package func respond(to request: ServiceRequest, next: Handler) async -> ServiceResponse {
        guard !request.isProbe else { return await next(request) }
        if let wait = await tokens.take() {
            metrics.refused.add(1)
            let seconds = Int((wait + 999_999_999) / 1_000_000_000)
            return ServiceResponse(.overLimit("Too many requests", status: 429, retryAfterSeconds: seconds))
        }
        metrics.accepted.add(1)
        return await next(request)
    }
}
