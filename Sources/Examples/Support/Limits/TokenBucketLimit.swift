// Limits how many requests a service answers in a second.

import Synchronization
import Telemetry

/// Refuses requests of all clients beyond a rate with 429, after a burst. `/metrics` and `/status` are exempt.
package final class TokenBucketLimit: RequestLayer {
    private let bucket: Mutex<TokenBucket>
    /// Returns nanoseconds that only grow: a bucket would stay empty for as long as a wall clock is set back.
    private let now: @Sendable () -> Int64
    private let metrics: RequestLimitMetrics

    package init(
        rate: Int, burst: Int, _ telemetry: ServiceTelemetry, now: @escaping @Sendable () -> Int64 = TokenBucketLimit.monotonicNanoseconds
    ) {
        bucket = Mutex(TokenBucket(rate: rate, burst: burst))
        self.now = now
        metrics = RequestLimitMetrics("rate", telemetry)
    }

    /// Reads `REQUESTS_PER_SECOND`, the requests in a second, and `REQUEST_BURST`, as many unless it is set; returns nil without a limit.
    package convenience init?(_ environment: ServiceEnvironment, _ telemetry: ServiceTelemetry) throws(StartFailure) {
        let rate = try environment.number("REQUESTS_PER_SECOND", default: 0, in: 0...1_000_000)
        let burst = try environment.number("REQUEST_BURST", default: max(1, rate), in: 1...1_000_000)
        guard rate > 0 else { return nil }
        self.init(rate: rate, burst: burst, telemetry)
    }

    package func respond(to request: ServiceRequest, next: Handler) async -> ServiceResponse {
        guard !request.isProbe else { return await next(request) }
        let time = now()
        if let wait = bucket.withLock({ $0.take(at: time) }) {
            metrics.refused.add(1)
            let seconds = Int((wait + 999_999_999) / 1_000_000_000)
            return ServiceResponse(.overLimit("Too many requests", status: 429, retryAfterSeconds: seconds))
        }
        metrics.accepted.add(1)
        return await next(request)
    }

    private static let start = ContinuousClock.now

    package static let monotonicNanoseconds: @Sendable () -> Int64 = { Int64(start.duration(to: .now) / .nanoseconds(1)) }
}
