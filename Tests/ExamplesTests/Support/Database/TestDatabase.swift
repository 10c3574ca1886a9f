// Databases of tests.

import ExampleSupport
import Glibc
import Telemetry
import Testing

/// The databases that the tests run over.
enum DatabaseKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite, postgresql

    /// Those that can be had.
    static let available: [DatabaseKind] = PostgreSQLServer.shared == nil ? [.sqlite] : allCases

    var testDescription: String { rawValue }
}

/// A database that was opened as a service opens it, and what it has recorded.
struct TestDatabase {
    let database: Database
    let memory: InMemorySpanExporter
    let telemetry: ServiceTelemetry
    /// What `DATABASE_URL` is.
    let url: String

    /// Runs a closure with an empty database.
    static func with(
        _ kind: DatabaseKind, _ migrations: DatabaseMigration..., environment: [String: String] = [:],
        _ body: (TestDatabase) async throws -> Void
    ) async throws {
        try await withURL(kind) { url in
            try await opened(url, migrations, environment: environment, body)
        }
    }

    /// Runs a closure with a database that is opened there.
    static func opened(
        _ url: String, _ migrations: [DatabaseMigration] = [], environment: [String: String] = [:],
        _ body: (TestDatabase) async throws -> Void
    ) async throws {
        let memory = InMemorySpanExporter()
        let telemetry = try ServiceHarness.telemetry("service", memory)
        // Other tests may occupy the processors for long.
        let patient = ["DATABASE_URL": url, "DATABASE_TIMEOUT": "60000", "DATABASE_START_TIMEOUT": "60000"]
        let database = try await Database.open(
            ServiceEnvironment(patient.merging(environment) { $1 }), defaultFile: "", telemetry, migrations: migrations)
        do { try await body(TestDatabase(database: database, memory: memory, telemetry: telemetry, url: url)) } catch {
            await database.close()
            throw error
        }
        await database.close()
    }

    /// Runs a closure with the URL of an empty database.
    static func withURL(_ kind: DatabaseKind, _ body: (String) async throws -> Void) async throws {
        switch kind {
        case .sqlite:
            var template = Array("/tmp/telemetry-sqlite-XXXXXX".utf8CString)
            try #require(mkdtemp(&template) != nil)
            let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            defer {
                for suffix in ["", "-wal", "-shm"] { unlink("\(folder)/database\(suffix)") }
                rmdir(folder)
            }
            try await body("sqlite:\(folder)/database")
        case .postgresql:
            try await body(try #require(PostgreSQLServer.shared).newDatabase())
        }
    }

    func count(_ table: String = "item") async throws -> Int {
        try await database.rows(DatabaseStatement("SELECT count(*) FROM \(table)"))[0].integer(0)
    }

    func expectCount(_ expected: Int, of table: String = "item", sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let found = try await count(table)
        #expect(found == expected, sourceLocation: sourceLocation)
    }

    /// Returns the error of a closure that must fail.
    func error(_ body: () async throws(DatabaseError) -> Void) async -> DatabaseError? {
        do throws(DatabaseError) {
            try await body()
            return nil
        } catch {
            return error
        }
    }
}

extension DatabaseMigration {
    /// A table with a key and a number that must not be negative.
    static let items = DatabaseMigration(
        "items", "CREATE TABLE item (id TEXT PRIMARY KEY, number INTEGER NOT NULL, CONSTRAINT positive CHECK (number >= 0))")
}

extension DatabaseStatement {
    static let insertItem = DatabaseStatement("INSERT INTO item (id, number) VALUES ($1, $2)")
    /// Takes many seconds unless it is stopped.
    static let countForLong = DatabaseStatement(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n")
}

extension DatabaseError {
    var isUnavailable: Bool { if case .unavailable = self { true } else { false } }
}
