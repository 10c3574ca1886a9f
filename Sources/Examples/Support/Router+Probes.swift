// The probes that Kubernetes has for containers: whether a service lives, is ready, has started.

import Telemetry

extension Router {
    /// Adds `/health`, `/ready` and `/started`.
    ///
    /// - Parameters:
    ///   - isReady: whether requests can be served at present; `/ready` is answered with 503 if not.
    ///   - response: makes the answer of a word: `OK`, `READY`, `STARTED`, or `NOT READY`.
    package mutating func addProbes(
        isReady: @escaping @Sendable () async -> Bool = { true }, _ response: @escaping @Sendable (String) -> ServiceResponse
    ) {
        on("GET", "/health") { _ in response("OK") }
        on("GET", "/started") { _ in response("STARTED") }
        on("GET", "/ready") { _ in
            if await isReady() { return response("READY") }
            var refused = response("NOT READY")
            refused.status = 503
            refused.headers["Retry-After"] = "1"
            return refused
        }
    }
}

extension Database {
    private static let probe: DatabaseStatement = "SELECT 1"

    /// Whether the database answers within a second. Probes are frequent and all alike, so that their statements are not traced.
    package var isReady: Bool {
        get async {
            await Context.root.suppressed.run {
                do throws(DatabaseError) { return try await !rows(Self.probe, [], within: .seconds(1)).isEmpty } catch { return false }
            }
        }
    }
}
