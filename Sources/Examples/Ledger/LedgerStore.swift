// The events in the database.

import ExampleSupport

/// Keeps each event once, and finds events again.
struct LedgerStore: Sendable {
    /// Rows of one insertion: powers of two, so that all numbers of events are inserted by a few statements, which stay prepared.
    private static let insertions: [(count: Int, statement: DatabaseStatement)] = [64, 32, 16, 8, 4, 2, 1].map { count in
        let columns = LedgerEntry.columns.split(separator: ",").count
        let rows = (0..<count).map { row in "(" + (1...columns).map { "$\(row * columns + $0)" }.joined(separator: ", ") + ")" }
        return (
            count,
            DatabaseStatement(
                "INSERT INTO ledger_events (\(LedgerEntry.columns)) VALUES \(rows.joined(separator: ", ")) "
                    + "ON CONFLICT (event_id) DO NOTHING RETURNING position")
        )
    }

    let database: Database

    /// Adds those events that are not there yet, all or none; returns their number. They are durable when this returns.
    func add(_ entries: [LedgerEntry]) async throws(DatabaseError) -> Int {
        guard !entries.isEmpty else { return 0 }
        // Two requests with the same events, sent again at the same time, must wait for each other in the same order.
        let entries = entries.sorted { $0.event.id < $1.event.id }
        return try await database.transaction { transaction async throws(DatabaseError) in
            var (added, rest) = (0, entries[...])
            for (count, statement) in Self.insertions {
                while rest.count >= count {
                    added += try await transaction.rows(statement, rest.prefix(count).flatMap(\.values)).count
                    rest = rest.dropFirst(count)
                }
            }
            return added
        }
    }

    /// Returns a page of events in the order of their times, and the cursor of the next page if there is one.
    func entries(_ query: LedgerQuery) async throws(DatabaseError) -> (entries: [LedgerEntry], next: String?) {
        let statement = DatabaseStatement(
            "SELECT \(LedgerEntry.columns), position FROM ledger_events\(query.filter) ORDER BY time, position LIMIT "
                + "$\(query.values.count + 1)")
        let rows = try await database.rows(statement, query.values + [DatabaseValue(query.limit + 1)])
        let page = rows.prefix(query.limit)
        var entries: [LedgerEntry] = []
        for row in page { entries.append(try LedgerEntry(row)) }
        guard rows.count > query.limit, let last = page.last else { return (entries, nil) }
        return (entries, "\(try last.integer(7))-\(try last.integer(10))")
    }

    /// The number of events by port and outcome.
    func totals(_ query: LedgerQuery) async throws(DatabaseError) -> [(port: String, outcome: String, count: Int)] {
        let statement = DatabaseStatement(
            "SELECT port, outcome, COUNT(*) FROM ledger_events\(query.filter) GROUP BY port, outcome ORDER BY port, outcome")
        var totals: [(String, String, Int)] = []
        for row in try await database.rows(statement, query.values) {
            totals.append((try row.text(0), try row.text(1), try row.integer(2)))
        }
        return totals
    }
}
