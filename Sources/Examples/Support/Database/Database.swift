// The database of a service.

import Telemetry

/// A database of a service: SQLite in a file, or PostgreSQL. Each statement is a client span and counts in the metrics.
package final class Database: Sendable {
    /// Whether replicas of the service share it.
    package let isShared: Bool

    private let driver: any DatabaseDriver
    private let telemetry: DatabaseTelemetry
    private let timeout: Duration

    /// Opens the database that the environment names, waits until it is up, and applies the migrations that it lacks.
    ///
    /// `DATABASE_URL` is `postgres://user:password@host:port/name` or `sqlite:/path`. Without it the database is the SQLite file in
    /// `DATABASE_FILE`, or the default file. `DATABASE_POOL` is the number of connections, `DATABASE_TIMEOUT` the milliseconds that a
    /// statement or transaction may take, `DATABASE_START_TIMEOUT` those within which the database must be up and migrated.
    package static func open(
        _ environment: ServiceEnvironment, defaultFile: String, _ telemetry: ServiceTelemetry, migrations: [DatabaseMigration]
    ) async throws -> Database {
        let settings = try DatabaseSettings(environment, defaultFile: defaultFile)
        let deadline = Deadline.after(settings.startTimeout)
        let (driver, endpoint): (any DatabaseDriver, DatabaseEndpoint)
        switch settings.location {
        case .sqlite(let path):
            endpoint = DatabaseEndpoint(.sqlite, namespace: path)
            // More readers gain no throughput, since SQLite's pages are in memory.
            let pool = DatabasePool(telemetry.meter, of: endpoint, maximum: min(max(settings.connections, 3), 5))
            driver = try SQLiteDriver(path: path, pool, until: deadline)
        case .postgresql(let url):
            let library = try PostgreSQLDriver.library()
            let address = try PostgreSQLAddress(url, library)
            endpoint = address.endpoint
            let pool = DatabasePool(telemetry.meter, of: endpoint, maximum: settings.connections)
            driver = try PostgreSQLDriver(library, address, pool, timeout: settings.timeout)
        }
        do throws(StartFailure) {
            try await DatabaseMigrator(driver: driver, system: endpoint.system, migrations: migrations).run(until: deadline)
        } catch {
            await driver.close()
            throw error
        }
        return Database(driver, endpoint, telemetry, timeout: settings.timeout)
    }

    private init(_ driver: any DatabaseDriver, _ endpoint: DatabaseEndpoint, _ telemetry: ServiceTelemetry, timeout: Duration) {
        self.driver = driver
        self.timeout = timeout
        isShared = endpoint.system == .postgresql
        self.telemetry = DatabaseTelemetry(telemetry, endpoint)
    }

    /// Executes one statement; what it writes is durable when this returns.
    package nonisolated(nonsending) func rows(
        _ statement: DatabaseStatement, _ parameters: DatabaseValue...
    ) async throws(DatabaseError) -> [DatabaseRow] {
        try await rows(statement, parameters)
    }

    /// Executes one statement; what it writes is durable when this returns.
    ///
    /// - Parameter limit: the time for it where that is less than `DATABASE_TIMEOUT`.
    package nonisolated(nonsending) func rows(
        _ statement: DatabaseStatement, _ parameters: [DatabaseValue], within limit: Duration? = nil
    ) async throws(DatabaseError) -> [DatabaseRow] {
        try await telemetry.traced(statement.text) { () async throws(DatabaseError) in
            try DatabaseStatement.check(parameters)
            return try await driver.rows(
                statement.text, parameters, sharesRoundTrip: statement.sharesRoundTrip, until: .after(min(limit ?? timeout, timeout)))
        }
    }

    /// Executes statements that are done all or not at all: an error rolls them back, even if the body catches it.
    ///
    /// The whole transaction has the time of one statement; on SQLite all other writes wait for it.
    package nonisolated(nonsending) func transaction<Result: Sendable>(
        _ body: (DatabaseTransaction) async throws(DatabaseError) -> Result
    ) async throws(DatabaseError) -> Result {
        let deadline = Deadline.after(timeout)
        let lease = try await telemetry.traced("BEGIN") { () async throws(DatabaseError) in try await driver.begin(until: deadline) }
        let transaction = DatabaseTransaction(lease, telemetry)
        do throws(DatabaseError) {
            let result = try await body(transaction)
            try await transaction.commit()
            return result
        } catch {
            lease.rollBack()
            throw error
        }
    }

    /// Refuses further statements, and returns when those that were begun have ended.
    package func close() async {
        await driver.close()
    }

    /// Refuses further statements, and returns when those that were begun have ended, or after that time: a server that does not answer
    /// must not take the time in which telemetry is exported.
    package func close(within duration: Duration) async {
        let end = DatabaseClosing(count: 1)
        Task { [driver] in
            await driver.close()
            end.countDown()
        }
        let timer = Task {
            try? await Task.sleep(for: duration)
            end.countDown()
        }
        await end.wait()
        timer.cancel()
    }
}
