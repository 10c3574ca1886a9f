// Reads rows as records, and turns failures into refusals.

import ExampleSupport

/// A type that rows are read as.
protocol DatabaseRecord: Sendable {
    init(_ row: DatabaseRow) throws(DatabaseError)
}

extension Database {
    /// Executes a statement and returns its rows as records.
    ///
    /// - Parameter reference: the refusal of a row that refers to one that does not exist, or to which others refer.
    func records<Record: DatabaseRecord>(
        _ type: Record.Type, _ statement: DatabaseStatement, _ parameters: DatabaseValue...,
        orRefuse reference: @autoclosure () -> Refusal? = nil
    ) async throws(Refusal) -> [Record] {
        do throws(DatabaseError) {
            var records: [Record] = []
            for row in try await rows(statement, parameters) { records.append(try Record(row)) }
            return records
        } catch {
            if case .foreignKey = error, let reference = reference() { throw reference }
            throw Refusal(error)
        }
    }
}

extension Refusal {
    /// Creates the refusal of a request whose statement was not done: 503 while the database is away, else 400 with its text.
    fileprivate init(_ error: DatabaseError) {
        switch error {
        case .unavailable, .cancelled: self.init(unavailable: error)
        case .unique, .foreignKey, .constraint, .statement: self = .error("\(error)")
        }
    }
}
