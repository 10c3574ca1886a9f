// Limits how many requests a service works on at once.

import Synchronization
import Telemetry

/// Refuses requests with 503 while a number of others is in flight, up to the end of their answers. `/metrics` and `/status` are exempt.
package struct ConcurrencyLimit: RequestLayer {
    private let slots: Slots

    package init(maximum: Int, _ telemetry: ServiceTelemetry) {
        precondition(maximum > 0, "At least one request may be in flight.")
        slots = Slots(maximum: maximum, telemetry)
    }

    /// Reads `MAXIMUM_CONCURRENT_REQUESTS`; returns nil if it is 0 or not set.
    package init?(_ environment: ServiceEnvironment, _ telemetry: ServiceTelemetry) throws(StartFailure) {
        let maximum = try environment.number("MAXIMUM_CONCURRENT_REQUESTS", default: 0, in: 0...1_000_000)
        guard maximum > 0 else { return nil }
        self.init(maximum: maximum, telemetry)
    }

    package func respond(to request: ServiceRequest, next: Handler) async -> ServiceResponse {
        guard !request.isProbe else { return await next(request) }
        guard let slot = slots.take() else {
            return ServiceResponse(.overLimit("Too many requests at once", status: 503, retryAfterSeconds: 1))
        }
        var response = await next(request)
        if let stream = response.stream {
            // Held by the stream: whether it ends, fails or never runs, the slot is freed with it.
            response.stream = { writer in
                try await stream(writer)
                withExtendedLifetime(slot) {}
            }
        }
        withExtendedLifetime(slot) {}
        return response
    }

    private final class Slots: Sendable {
        private let maximum: Int
        /// Relaxed: the number orders nothing else.
        private let taken = Atomic(0)
        private let metrics: RequestLimitMetrics
        private let inFlight: BoundUpDownCounter<Int>

        init(maximum: Int, _ telemetry: ServiceTelemetry) {
            self.maximum = maximum
            metrics = RequestLimitMetrics("concurrency", telemetry)
            inFlight = telemetry.meter.upDownCounter(
                "requests.in_flight", unit: "{request}",
                description: "Requests that the concurrency limit has let in and that are not answered yet."
            ).bind()
        }

        func take() -> Slot? {
            guard taken.add(1, ordering: .relaxed).oldValue < maximum else {
                taken.subtract(1, ordering: .relaxed)
                metrics.refused.add(1)
                return nil
            }
            metrics.accepted.add(1)
            inFlight.add(1)
            return Slot(self)
        }

        fileprivate func free() {
            taken.subtract(1, ordering: .relaxed)
            inFlight.add(-1)
        }
    }

    /// A place among the requests in flight, which is freed when it is released.
    private final class Slot: Sendable {
        private let slots: Slots

        init(_ slots: Slots) {
            self.slots = slots
        }

        deinit {
            slots.free()
        }
    }
}
