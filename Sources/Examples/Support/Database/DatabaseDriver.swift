// What the two databases have in common.

import Telemetry

/// Executes statements on one kind of database.
protocol DatabaseDriver: Sendable {
    /// Executes one statement; what it writes is durable when this returns.
    ///
    /// - Parameter sharesRoundTrip: whether it may be sent and committed together with other executions of the same statement.
    func rows(
        _ text: String, _ parameters: [DatabaseValue], sharesRoundTrip: Bool, until deadline: Deadline
    ) async throws(DatabaseError) -> [DatabaseRow]
    /// Begins a transaction, which must be committed or rolled back.
    func begin(until deadline: Deadline) async throws(DatabaseError) -> any DatabaseLease
    /// Refuses further statements, and returns when those that were accepted have ended.
    func close() async
}

extension DatabaseDriver {
    /// Executes one statement alone.
    func rows(_ text: String, _ parameters: [DatabaseValue], until deadline: Deadline) async throws(DatabaseError) -> [DatabaseRow] {
        try await rows(text, parameters, sharesRoundTrip: false, until: deadline)
    }
}

/// A connection that is leased to one transaction. After its deadline the transaction is rolled back and every call throws.
protocol DatabaseLease: Sendable {
    func rows(_ text: String, _ parameters: [DatabaseValue]) async throws(DatabaseError) -> [DatabaseRow]
    func commit() async throws(DatabaseError)
    /// Has the transaction rolled back soon, which needs no answer; does nothing after its end.
    func rollBack()
}

/// Limits of both drivers.
enum DatabaseLimit {
    /// Statements that may wait for a connection.
    static let waitingStatements = 1024
    /// Statements that are kept prepared on a connection; the services have fewer.
    static let preparedStatements = 256
}
