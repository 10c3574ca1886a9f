// The state of the module in the database, where it outlasts the process.

import ExampleSupport
import Telemetry

/// Reads and changes the state of the module.
struct ModuleStore: Sendable {
    private static let reading: DatabaseStatement = "SELECT state FROM module WHERE id = 1"
    /// Updating the row keeps other processes from it until the end of the transaction.
    private static let locking: DatabaseStatement = "UPDATE module SET id = id WHERE id = 1 RETURNING state"
    private static let changing: DatabaseStatement = "UPDATE module SET state = $1 WHERE id = 1"

    let database: Database

    func state() async throws(DatabaseError) -> ModuleState { try Self.state(try await database.rows(Self.reading)) }

    static func lockedState(_ transaction: DatabaseTransaction) async throws(DatabaseError) -> ModuleState {
        try state(try await transaction.rows(locking))
    }

    static func change(to state: ModuleState, _ transaction: DatabaseTransaction) async throws(DatabaseError) {
        _ = try await transaction.rows(changing, .text(state.rawValue))
    }

    private static func state(_ rows: [DatabaseRow]) throws(DatabaseError) -> ModuleState {
        guard let text = try rows.first?.text(0), let state = ModuleState(rawValue: text) else {
            throw .statement(code: "22000", "The module has a state that this version does not know.")
        }
        return state
    }
}
