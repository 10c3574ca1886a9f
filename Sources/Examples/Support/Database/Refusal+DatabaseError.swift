// The answer to a request whose database cannot be reached.

import Telemetry

extension Refusal {
    /// Creates the refusal of a request that the database did not serve: 503, to be tried again.
    package init(unavailable error: DatabaseError) {
        self.init("database unavailable", status: 503, key: "error", detail: "\(error)")
        headers["Retry-After"] = "1"
    }
}
