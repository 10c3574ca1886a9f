// The metric of attempts to register and to log in, under its documented name.

import Telemetry

/// Counts each attempt once, with its end: `auth_attempts_total`.
struct AttemptCounter: Sendable {
    enum Kind: String { case register, login, google, github }

    private let attempts: Counter<Int>

    init(_ meter: Meter) {
        attempts = meter.counter("auth_attempts_total", description: "Total number of authentication attempts")
    }

    func count(_ kind: Kind, succeeded: Bool) {
        attempts.add(1, ["type": .string(kind.rawValue), "status": succeeded ? "success" : "failure"])
    }
}
