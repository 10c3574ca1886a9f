// Brings the schema of a database up to date.

import Telemetry

/// Applies the migrations that a database does not have yet, in order.
struct DatabaseMigrator {
    let driver: any DatabaseDriver
    let isSQLite: Bool
    let migrations: [DatabaseMigration]

    func run(until deadline: Deadline) async throws {
        let lease = try await driver.begin(until: deadline)
        do {
            if !isSQLite { _ = try await lease.rows("SELECT pg_advisory_xact_lock(7081349220713)", []) }
            _ = try await lease.rows(
                "CREATE TABLE IF NOT EXISTS service_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)", [])
            var applied: [String] = []
            for row in try await lease.rows("SELECT name FROM service_migrations ORDER BY number", []) { applied.append(try row.text(0)) }
            try check(applied)
            for (number, migration) in migrations.enumerated().dropFirst(applied.count) {
                for statement in isSQLite ? migration.sqlite : migration.postgresql { _ = try await lease.rows(statement, []) }
                _ = try await lease.rows(
                    "INSERT INTO service_migrations (number, name) VALUES ($1, $2)",
                    [DatabaseValue(number + 1), DatabaseValue(migration.name)])
            }
            try await lease.commit()
        } catch {
            await lease.rollBack()
            throw error
        }
    }

    /// A database of a newer program, or of another one, is left alone.
    private func check(_ applied: [String]) throws(StartFailure) {
        let known = migrations.map(\.name)
        for (number, name) in applied.enumerated() where number >= known.count || known[number] != name {
            throw StartFailure(
                .configuration,
                known.contains(name)
                    ? "The database has the migration \"\(name)\" as number \(number + 1), where this program has another one."
                    : "The database has the migration \"\(name)\", which this program does not know; a newer one may have been here.")
        }
    }
}
