// The statements of one transaction.

/// The transaction that the body of ``Database/transaction(_:)`` works with.
package struct DatabaseTransaction: Sendable {
    let database: Database
    let lease: any DatabaseLease

    package func rows(_ statement: DatabaseStatement, _ parameters: DatabaseValue...) async throws(DatabaseError) -> [DatabaseRow] {
        try await rows(statement, parameters)
    }

    package func rows(_ statement: DatabaseStatement, _ parameters: [DatabaseValue]) async throws(DatabaseError) -> [DatabaseRow] {
        try await database.traced(statement) { () async throws(DatabaseError) in try await lease.rows(statement.text, parameters) }
    }
}
