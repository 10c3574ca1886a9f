// The database of a service.

import Telemetry

/// A database of a service: SQLite in a file, or PostgreSQL. Each statement is a client span and counts in the metrics.
package final class Database: Sendable {
    /// Whether replicas of the service share it.
    package let isShared: Bool

    private let driver: any DatabaseDriver
    private let endpoint: DatabaseEndpoint
    private let tracer: Tracer
    private let metrics: DatabaseClientMetrics
    private let pool: DatabasePoolMetrics
    private let timeout: Duration

    /// Opens the database that the environment names, waits until it is up, and applies the migrations that it lacks.
    ///
    /// `DATABASE_URL` is `postgres://user:password@host:port/name` or `sqlite:/path`. Without it the database is the SQLite file in
    /// `DATABASE_FILE`, or the default file. `DATABASE_POOL` is the number of connections, `DATABASE_TIMEOUT` the milliseconds that a
    /// statement or transaction may take, `DATABASE_START_TIMEOUT` those that are waited for a database that is not up yet.
    package static func open(
        _ environment: ServiceEnvironment, defaultFile: String, _ telemetry: ServiceTelemetry, migrations: [DatabaseMigration]
    ) async throws -> Database {
        let connections = try environment.number("DATABASE_POOL", default: 8, in: 1...1000)
        let timeout = Duration.milliseconds(try environment.number("DATABASE_TIMEOUT", default: 2000, in: 1...3_600_000))
        let startTimeout = Duration.milliseconds(
            try environment.number("DATABASE_START_TIMEOUT", default: 10_000, in: 1...3_600_000))
        let url = environment["DATABASE_URL"] ?? "sqlite:" + (environment["DATABASE_FILE"] ?? defaultFile)
        guard url.hasPrefix("sqlite:") else {
            throw StartFailure(.configuration, "DATABASE_URL must begin with sqlite:")
        }
        let path = String(url.dropFirst("sqlite:".count))
        let driver = try SQLiteDriver(path: path, readers: min(4, max(1, connections - 1)))
        let endpoint = DatabaseEndpoint(.sqlite, namespace: path)
        try await DatabaseMigrator(driver: driver, isSQLite: true, migrations: migrations).run(until: .after(startTimeout))
        return Database(driver, endpoint, telemetry, timeout: timeout, connections: driver.connectionCount)
    }

    private init(
        _ driver: any DatabaseDriver, _ endpoint: DatabaseEndpoint, _ telemetry: ServiceTelemetry, timeout: Duration, connections: Int
    ) {
        self.driver = driver
        self.endpoint = endpoint
        self.timeout = timeout
        isShared = endpoint.system == .postgresql
        tracer = telemetry.tracer
        metrics = DatabaseClientMetrics(telemetry.meter)
        pool = DatabasePoolMetrics(telemetry.meter, of: endpoint, maximum: connections) { driver.usage }
    }

    /// Executes one statement; what it writes is durable when this returns.
    package nonisolated(nonsending) func rows(
        _ statement: DatabaseStatement, _ parameters: DatabaseValue...
    ) async throws(DatabaseError) -> [DatabaseRow] {
        try await rows(statement, parameters)
    }

    /// Executes one statement; what it writes is durable when this returns.
    package nonisolated(nonsending) func rows(
        _ statement: DatabaseStatement, _ parameters: [DatabaseValue]
    ) async throws(DatabaseError) -> [DatabaseRow] {
        try await traced(statement) { () async throws(DatabaseError) in
            try await driver.rows(statement.text, parameters, until: .after(timeout))
        }
    }

    /// Executes statements that are done all or not at all: what the body throws rolls them back.
    package nonisolated(nonsending) func transaction<Result: Sendable>(
        _ body: (DatabaseTransaction) async throws(DatabaseError) -> Result
    ) async throws(DatabaseError) -> Result {
        let lease = try await driver.begin(until: .after(timeout))
        do throws(DatabaseError) {
            let result = try await body(DatabaseTransaction(database: self, lease: lease))
            if Task.isCancelled { throw .cancelled }
            try await lease.commit()
            return result
        } catch {
            await lease.rollBack()
            throw error
        }
    }

    /// Ends after the statements that were begun before.
    package func close() async {
        await driver.close()
    }

    nonisolated(nonsending) func traced(
        _ statement: DatabaseStatement, _ body: nonisolated(nonsending) () async throws(DatabaseError) -> [DatabaseRow]
    ) async throws(DatabaseError) -> [DatabaseRow] {
        let operation = DatabaseOperation(sql: statement.text, isParameterized: true, at: endpoint)
        return try await tracer.withDatabaseClientSpan(operation, metrics: metrics, statusCode: \.statusCode) {
            _ throws(DatabaseError) in try await body()
        }
    }
}
