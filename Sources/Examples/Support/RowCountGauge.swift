// Gauges that show how many rows a statement counts.

import Synchronization
package import Telemetry

/// Counts rows at its start, at regular intervals, and when it is told that there is something new.
package final class RowCountGauge: Sendable {
    /// Relaxed: the number orders nothing else.
    private final class Latest: Sendable {
        let count = Atomic(0)
    }

    private let work: BackgroundWork

    /// - Parameter count: counts the rows; its statements are not traced.
    package init(
        _ name: String, description: String, _ meter: Meter, every interval: Duration = .seconds(10),
        count: @escaping @Sendable () async throws(DatabaseError) -> Int
    ) {
        let latest = Latest()
        work = BackgroundWork(every: interval, clock: ContinuousClock()) {
            await Context.root.suppressed.run {
                // While the database is away, the last count stays.
                if let rows = try? await count() { latest.count.store(rows, ordering: .relaxed) }
            }
        }
        meter.observableGauge(name, of: Int.self, description: description) { $0.observe(latest.count.load(ordering: .relaxed)) }
    }

    /// Has the rows counted soon.
    package func changed() { work.wake() }

    package func stop(within duration: Duration) async { _ = await work.stop(within: duration) }
}
