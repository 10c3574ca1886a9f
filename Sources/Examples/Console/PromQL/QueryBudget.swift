// The bounds of one query.

import Telemetry

/// Limits what a query reads, keeps and takes of time.
struct QueryLimits: Sendable {
    var samples = 20_000_000
    /// Values of intermediate results that exist at once, and steps of a range times its series.
    var values = 20_000_000
    var time = Duration.seconds(2)
    /// The steps of a range, as in Prometheus.
    var steps = 11_000
    /// How far back the last point of a series counts.
    var lookback: Int64 = 300_000
    /// The step of subqueries that state none.
    var subqueryStep: Int64 = 60_000
}

/// Counts down while a query is evaluated.
final class QueryBudget {
    let limits: QueryLimits
    private let deadline: Deadline
    private(set) var samples = 0
    private var values = 0
    private var checks = 0

    init(_ limits: QueryLimits) {
        self.limits = limits
        deadline = .after(limits.time)
    }

    var remainingSamples: Int { limits.samples - samples }

    func take(samples count: Int) throws(PromQLError) {
        samples += count
        guard samples <= limits.samples else { throw Self.tooManySamples(limits.samples) }
    }

    func take(values count: Int) throws(PromQLError) {
        values += count
        guard values <= limits.values else {
            throw .execution("query processing would need more than \(limits.values) values; ask for fewer series or steps")
        }
        try check()
    }

    /// Throws if the time is over.
    func check() throws(PromQLError) {
        guard !deadline.hasPassed else { throw .timeout("query timed out after \(limits.time)") }
    }

    /// Throws if the time is over; looks at the clock once in many calls.
    func checkSometimes() throws(PromQLError) {
        checks += 1
        if checks & 0xFF == 0 { try check() }
    }

    static func tooManySamples(_ limit: Int) -> PromQLError {
        .execution("query processing would load more than \(limit) samples; ask for fewer series or a shorter time")
    }
}
