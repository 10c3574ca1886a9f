// What the limits of a service count, and how they refuse.

import Telemetry

/// Counts the requests that a limit accepts and refuses: `requests.accepted` and `requests.refused`, by the attribute `limit`.
struct RequestLimitMetrics: Sendable {
    let accepted: BoundCounter<Int>
    let refused: BoundCounter<Int>

    init(_ limit: String, _ telemetry: ServiceTelemetry) {
        accepted = telemetry.meter.counter("requests.accepted", unit: "{request}", description: "Requests that a limit has let in.")
            .bind(["limit": .string(limit)])
        refused = telemetry.meter.counter("requests.refused", unit: "{request}", description: "Requests that a limit has refused.")
            .bind(["limit": .string(limit)])
    }
}

extension ServiceRequest {
    /// Whether the request asks about the service itself, which must be answered under any load.
    var isProbe: Bool { path == "/metrics" || path == "/status" }
}

extension Refusal {
    /// Creates the refusal of a request that may be sent again later.
    package static func overLimit(_ message: String, status: Int, retryAfterSeconds: Int) -> Refusal {
        var refusal = Refusal(message, status: status)
        refusal.headers["Retry-After"] = String(retryAfterSeconds)
        return refusal
    }
}
