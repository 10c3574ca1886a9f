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

    private enum Step {
        case applied
        /// The database lacks none.
        case complete
        /// The database is that of a newer program, or of another one, and is left alone.
        case foreign(reason: String)
    }

    /// Waits until the deadline for a database that is not up yet.
    func run(until deadline: Deadline) async throws(StartFailure) {
        while true {
            switch await Self.result({ () async throws(DatabaseError) in try await applyNext(until: deadline) }) {
            case .success(.applied): break
            case .success(.complete): return
            case .success(.foreign(let reason)):
                throw StartFailure(.configuration, "The database does not fit this program: \(reason).")
            case .failure(.unavailable(let text, _)):
                guard !deadline.hasPassed else { throw StartFailure(.unavailable, "The database cannot be used: \(text).") }
                try? await Task.sleep(for: .milliseconds(20))
            case .failure(let error): throw StartFailure(.software, "The database refuses a migration: \(error).")
            }
        }
    }

    private static func result(_ body: () async throws(DatabaseError) -> Step) async -> Result<Step, DatabaseError> {
        do throws(DatabaseError) { return .success(try await body()) } catch { return .failure(error) }
    }

    private func applyNext(until deadline: Deadline) async throws(DatabaseError) -> Step {
        let lease = try await driver.begin(until: deadline)
        defer { lease.rollBack() }
        // SQLite's transactions exclude each other. The number means nothing; no other program has it.
        if system == .postgresql { _ = try await lease.rows("SELECT pg_advisory_xact_lock(7081349220713)", []) }
        _ = try await lease.rows(
            "CREATE TABLE IF NOT EXISTS service_migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)", [])
        var names: [String] = []
        for row in try await lease.rows(Self.applied, []) { names.append(try row.text(0)) }
        if let reason = reasonToRefuse(names) { return .foreign(reason: reason) }
        guard names.count < migrations.count else { return .complete }
        let migration = migrations[names.count]
        for statement in system == .sqlite ? migration.sqlite : migration.postgresql { _ = try await lease.rows(statement, []) }
        _ = try await lease.rows(Self.record, [DatabaseValue(names.count + 1), DatabaseValue(migration.name)])
        try await lease.commit()
        return .applied
    }

    private func reasonToRefuse(_ applied: [String]) -> String? {
        let known = migrations.map(\.name)
        for (index, name) in applied.enumerated() where index >= known.count || known[index] != name {
            return known.contains(name)
                ? "it has the migration \"\(name)\" as number \(index + 1), where the program has another one"
                : "it has the migration \"\(name)\", which this program does not know; a newer or another one uses it"
        }
        return nil
    }
}
