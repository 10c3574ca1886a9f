// The statements of one transaction.

import Synchronization

/// The transaction that the body of ``Database/transaction(_:)`` works with.
///
/// After the first failed statement all others fail, as in PostgreSQL, and nothing is committed.
package struct DatabaseTransaction: Sendable {
    private final class Failure: Sendable {
        let first = Mutex<DatabaseError?>(nil)
    }

    private let lease: any DatabaseLease
    private let telemetry: DatabaseTelemetry
    private let failure = Failure()

    init(_ lease: any DatabaseLease, _ telemetry: DatabaseTelemetry) {
        self.lease = lease
        self.telemetry = telemetry
    }

    package nonisolated(nonsending) func rows(
        _ statement: DatabaseStatement, _ parameters: DatabaseValue...
    ) async throws(DatabaseError) -> [DatabaseRow] {
        try await rows(statement, parameters)
    }

    package nonisolated(nonsending) func rows(
        _ statement: DatabaseStatement, _ parameters: [DatabaseValue]
    ) async throws(DatabaseError) -> [DatabaseRow] {
        try checkFailure()
        do throws(DatabaseError) {
            return try await telemetry.traced(statement.text) { () async throws(DatabaseError) in
                try DatabaseStatement.check(parameters)
                return try await lease.rows(statement.text, parameters)
            }
        } catch {
            failure.first.withLock { first in if first == nil { first = error } }
            throw error
        }
    }

    nonisolated(nonsending) func commit() async throws(DatabaseError) {
        try checkFailure()
        try await telemetry.traced("COMMIT") { () async throws(DatabaseError) in try await lease.commit() }
    }

    private func checkFailure() throws(DatabaseError) {
        if let error = failure.first.withLock({ $0 }) { throw error }
    }
}
