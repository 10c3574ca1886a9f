// Brings the schema of a database up to date.

import Telemetry

/// Applies the migrations that a database lacks, in order, each in a transaction of its own.
///
/// Several programs may do so at once: the transaction of each excludes those of the others.
struct DatabaseMigrator {
    private static let applied = "SELECT name FROM service_migrations ORDER BY number"
    private static let record = "INSERT INTO service_migrations (number, name) VALUES ($1, $2)"

    let driver: any DatabaseDriver
    let system: DatabaseSystem
    let migrations: [DatabaseMigration]

    /// Waits until the deadline for a database that is not up yet.
    func run(until deadline: Deadline) async throws(StartFailure) {
        while true {
            do throws(DatabaseError) {
                while try await applyNext(until: deadline) {}
                return
            } catch {
                switch error {
                case .unavailable(let text, _) where deadline.hasPassed:
                    throw StartFailure(.unavailable, "The database cannot be used: \(text).")
                case .unavailable: break
                case let error: throw StartFailure(.software, "The database refuses a migration: \(error).")
                }
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Applies one migration; returns false if the database lacks none.
    private func applyNext(until deadline: Deadline) async throws(DatabaseError) -> Bool {
        let lease = try await driver.begin(until: deadline)
        defer { lease.rollBack() }
        // SQLite's transactions exclude each other. The number means nothing; it is that of no other program.
        if system == .postgresql { _ = try await lease.rows("SELECT pg_advisory_xact_lock(7081349220713)", []) }
        _ = try await lease.rows(
            "CREATE TABLE IF NOT EXISTS service_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)", [])
        var names: [String] = []
        for row in try await lease.rows(Self.applied, []) { names.append(try row.text(0)) }
        try check(names)
        guard names.count < migrations.count else { return false }
        let migration = migrations[names.count]
        for statement in system == .sqlite ? migration.sqlite : migration.postgresql { _ = try await lease.rows(statement, []) }
        _ = try await lease.rows(Self.record, [DatabaseValue(names.count + 1), DatabaseValue(migration.name)])
        try await lease.commit()
        return true
    }

    /// A database of a newer program, or of another one, is left alone.
    private func check(_ applied: [String]) throws(DatabaseError) {
        let known = migrations.map(\.name)
        for (index, name) in applied.enumerated() where index >= known.count || known[index] != name {
            let reason =
                known.contains(name)
                ? "it has \"\(name)\" as number \(index + 1), where this program has another one"
                : "it has \"\(name)\", which this program does not know; the database belongs to a newer or another one"
            throw .statement(code: "", reason)
        }
    }
}
