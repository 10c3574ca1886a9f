// The connections of a driver, as the metrics show them.

import Synchronization
import Telemetry

/// Counts the connections of a driver for `db.client.connection.*`.
final class DatabasePool: Sendable {
    private final class Level: Sendable {
        let usage = Mutex(DatabasePoolMetrics.Usage(idle: 0, used: 0, pendingRequests: 0))
    }

    let maximum: Int
    private let level = Level()
    private let metrics: DatabasePoolMetrics

    init(_ meter: Meter, of endpoint: DatabaseEndpoint, maximum: Int) {
        self.maximum = maximum
        let level = level
        metrics = DatabasePoolMetrics(meter, of: endpoint, maximum: maximum) { level.usage.withLock { $0 } }
    }

    var usage: DatabasePoolMetrics.Usage { level.usage.withLock { $0 } }

    func requestArrived() { level.usage.withLock { $0.pendingRequests += 1 } }

    /// A request has got a connection.
    func requestServed(since start: ContinuousClock.Instant) {
        level.usage.withLock { usage in
            usage.pendingRequests -= 1
            usage.idle -= 1
            usage.used += 1
        }
        metrics.recordWait(start.duration(to: .now))
    }

    /// A request gets a connection without waiting; returns when.
    func requestServedAtOnce() -> ContinuousClock.Instant {
        level.usage.withLock { usage in
            usage.idle -= 1
            usage.used += 1
        }
        metrics.recordWait(.zero)
        return .now
    }

    /// A request shares the connection of one that is served.
    func requestJoined() { level.usage.withLock { $0.pendingRequests -= 1 } }

    /// A request has got no connection.
    func requestFailed(timedOut: Bool) {
        level.usage.withLock { $0.pendingRequests -= 1 }
        if timedOut { metrics.recordTimeout() }
    }

    func connectionOpened(in duration: Duration) {
        level.usage.withLock { $0.idle += 1 }
        metrics.recordCreation(duration)
    }

    func connectionReturned(since start: ContinuousClock.Instant) {
        level.usage.withLock { usage in
            usage.idle += 1
            usage.used -= 1
        }
        metrics.recordUse(start.duration(to: .now))
    }

    /// An idle connection has ended.
    func connectionClosed() { level.usage.withLock { $0.idle -= 1 } }
}
