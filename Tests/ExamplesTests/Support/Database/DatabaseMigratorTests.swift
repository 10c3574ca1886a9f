// Migrations: in order, once, and only those of the program.

import ExampleSupport
import Telemetry
import Testing

struct DatabaseMigratorTests {
    private static let number = DatabaseMigration(
        "number", "ALTER TABLE item ADD COLUMN other INTEGER", "INSERT INTO item VALUES ('a', 1, 2)")
    private static let index = DatabaseMigration(
        "index", sqlite: ["CREATE INDEX item_number ON item (number)"], postgresql: ["CREATE INDEX item_number ON item (number)"])

    /// Opens a database, and returns the reason if it cannot be.
    private static func failure(_ url: String, _ migrations: [DatabaseMigration], timeout: String = "60000") async -> StartFailure? {
        do {
            try await TestDatabase.opened(url, migrations, environment: ["DATABASE_START_TIMEOUT": timeout]) { _ in }
            return nil
        } catch { return error as? StartFailure }
    }

    @Test(arguments: DatabaseKind.available) func migrationsAreAppliedOnce(_ kind: DatabaseKind) async throws {
        try await TestDatabase.withURL(kind) { url in
            try await TestDatabase.opened(url, [.items]) { try await $0.expectCount(0) }
            for _ in 0..<2 {
                try await TestDatabase.opened(url, [.items, Self.number, Self.index]) { test in
                    try await test.expectCount(1)
                    try await test.expectCount(3, of: "service_migrations")
                }
            }
        }
    }

    @Test(arguments: DatabaseKind.available) func replicasThatStartAtOnceMigrateOnce(_ kind: DatabaseKind) async throws {
        try await TestDatabase.withURL(kind) { url in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        try await TestDatabase.opened(url, [.items, Self.number, Self.index]) { try await $0.expectCount(1) }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: DatabaseKind.available) func failedMigrationLeavesNothing(_ kind: DatabaseKind) async throws {
        try await TestDatabase.withURL(kind) { url in
            let broken = DatabaseMigration("broken", "INSERT INTO item VALUES ('a', 1)", "INSERT INTO missing VALUES (1)")
            let failure = await Self.failure(url, [.items, broken])
            #expect(failure?.kind == .software && failure?.description.contains("missing") == true)
            try await TestDatabase.opened(url, [.items, Self.index]) { try await $0.expectCount(0) }
        }
    }

    @Test(arguments: DatabaseKind.available) func databaseOfAnotherProgramIsRefused(_ kind: DatabaseKind) async throws {
        try await TestDatabase.withURL(kind) { url in
            try await TestDatabase.opened(url, [.items, Self.index]) { _ in }
            let older = await Self.failure(url, [.items])
            #expect(older?.description.contains("\"index\", which this program does not know") == true)
            let reordered = await Self.failure(url, [Self.index, .items])
            #expect(reordered?.description.contains("\"items\" as number 1") == true)
            #expect(older?.kind == .configuration && reordered?.kind == .configuration)
        }
    }

    @Test func serverThatIsNotUpIsWaitedForUntilTheDeadline() async throws {
        let failure = await Self.failure("postgres://ada:open-sesame@127.0.0.1:1/db", [.items], timeout: "2000")
        #expect(failure?.kind == .unavailable)
        #expect(failure?.description.contains("Connection refused") == true)
    }

    @Test(arguments: ["mysql://localhost/db", "sqlite:", "sqlite::memory:", "postgres://[::1/db", "postgres://host/db?unknown=1"])
    func otherURLsAreConfigurationErrors(url: String) async {
        let failure = await Self.failure(url, [])
        #expect(failure?.kind == .configuration)
        #expect(failure?.description.hasPrefix("DATABASE_URL ") == true)
        #expect(failure?.description.contains("unknown") == false)
    }

    @Test func fileThatCannotBeOpenedIsNamed() async {
        let failure = await Self.failure("sqlite:/nowhere/file.db", [])
        #expect(failure?.kind == .unavailable)
        #expect(failure?.description == "The SQLite file /nowhere/file.db cannot be used: unable to open database file.")
    }
}
