// What the two databases have in common.

import Telemetry

/// Executes statements on one kind of database.
protocol DatabaseDriver: Sendable {
    var usage: DatabasePoolMetrics.Usage { get }
    /// Executes one statement; what it writes is durable when this returns.
    func rows(_ text: String, _ parameters: [DatabaseValue], until deadline: Deadline) async throws(DatabaseError) -> [DatabaseRow]
    /// Begins a transaction, which must be ended.
    func begin(until deadline: Deadline) async throws(DatabaseError) -> any DatabaseLease
    /// Ends after the statements that were accepted before.
    func close() async
}

/// A connection that is leased to one transaction. After its deadline the transaction is rolled back and every call throws.
protocol DatabaseLease: Sendable {
    func rows(_ text: String, _ parameters: [DatabaseValue]) async throws(DatabaseError) -> [DatabaseRow]
    func commit() async throws(DatabaseError)
    /// Returns after the rollback, even if the task is cancelled.
    func rollBack() async
}
