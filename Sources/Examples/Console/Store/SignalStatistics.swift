// What the console says of each signal: what came, what was refused, what is kept, what had to leave.

package import Telemetry

/// The account of one signal's store. Whatever was received and is not kept is counted in one of the numbers.
package struct SignalStatistics: Sendable, Equatable {
    /// Items received and taken: spans, log records, metric points.
    package var received = 0
    /// Items refused, by reason.
    package var rejected: [String: Int] = [:]
    /// Items that made room for later ones.
    package var evicted = 0
    /// Items in the store.
    package var kept = 0
    /// The bytes of the items in the store, their index included.
    package var keptBytes = 0
    /// The largest number that ``keptBytes`` may reach.
    package var maximumBytes = 0
    /// The time of the oldest item in the store.
    package var oldest: Timestamp?

    package init() {}
}
