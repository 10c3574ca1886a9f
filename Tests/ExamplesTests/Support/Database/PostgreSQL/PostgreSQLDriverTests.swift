// What is PostgreSQL's own: connections that break, and a server that ends.

import Synchronization
import Telemetry
import Testing

@testable import ExampleSupport

struct PostgreSQLDriverTests {
    static let isInstalled = PostgreSQLServer.programs != nil

    /// Writes are answered until the server is killed, and again after its start; what was acknowledged is there.
    @Test(.enabled(if: isInstalled, "PostgreSQL is not installed"), arguments: [false, true])
    func killedServerLosesNoAcknowledgedWriteAndHangsNobody(sharesRoundTrip: Bool) async throws {
        let server = try PostgreSQLServer.own()
        let url = try await server.newDatabase()
        try await TestDatabase.opened(url, [.items], environment: ["DATABASE_TIMEOUT": "4000"]) { test in
            let load = Load(DatabaseStatement(DatabaseStatement.insertItem.text, sharesRoundTrip: sharesRoundTrip))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for caller in 0..<16 {
                    group.addTask { [database = test.database] in await load.write(to: database, caller) }
                }
                #expect(await eventually { load.writtenCount >= 500 })
                try server.kill()
                #expect(await eventually { load.failureCount >= 8 })
                let before = load.writtenCount
                try server.start()
                #expect(await eventually { load.writtenCount >= before + 500 })
                load.end()
                try await group.waitForAll()
            }
            let found = Set(try await test.database.rows("SELECT id FROM item").map { row in try row.text(0) })
            #expect(load.written.subtracting(found).isEmpty)
        }
    }

    /// Writes as long as it is told to, and remembers what was acknowledged.
    private final class Load: Sendable {
        private struct State {
            var written: Set<String> = []
            var failureCount = 0
            var isEnding = false
        }

        private let insert: DatabaseStatement
        private let state = Mutex(State())

        init(_ insert: DatabaseStatement) { self.insert = insert }

        var written: Set<String> { state.withLock { $0.written } }
        var writtenCount: Int { state.withLock { $0.written.count } }
        var failureCount: Int { state.withLock { $0.failureCount } }

        func end() { state.withLock { $0.isEnding = true } }

        func write(to database: Database, _ caller: Int) async {
            var index = 0
            while !state.withLock({ $0.isEnding }) {
                index += 1
                let key = "\(caller)-\(index)"
                do throws(DatabaseError) {
                    _ = try await database.rows(insert, DatabaseValue(key), 1)
                    state.withLock { _ = $0.written.insert(key) }
                } catch {
                    #expect(error.isUnavailable, "\(error)")
                    state.withLock { $0.failureCount += 1 }
                }
            }
        }
    }

    @Test(.enabled(if: isInstalled, "PostgreSQL is not installed"))
    func endedConnectionsAreReplaced() async throws {
        try await TestDatabase.with(.postgresql, .items) { test in
            for round in 0..<5 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<20 {
                        group.addTask { [database = test.database] in _ = try await database.rows(.insertItem, "\(round)-\(index)", 1) }
                    }
                    try await group.waitForAll()
                }
                try await PostgreSQLServer.shared?.administer { administrator in
                    let name = DatabaseValue(String(test.url.split(separator: "/").last ?? ""))
                    let ended = try await administrator.rows(
                        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = $1", name)
                    #expect(!ended.isEmpty)
                }
                // Until the loop has seen that they ended, a statement may still go to one of them.
                while await test.error({ () throws(DatabaseError) in _ = try await test.database.rows("SELECT 1") }) != nil {}
            }
            try await test.expectCount(100)
        }
    }

    @Test(.enabled(if: isInstalled, "PostgreSQL is not installed"))
    func transactionOfAnEndedConnectionIsLostAsAWhole() async throws {
        try await TestDatabase.with(.postgresql, .items) { test in
            let error = await test.error { () throws(DatabaseError) in
                try await test.database.transaction { transaction throws(DatabaseError) in
                    _ = try await transaction.rows(.insertItem, "one", 1)
                    let own = try await transaction.rows("SELECT pg_backend_pid()")[0].integer(0)
                    _ = try await test.database.rows("SELECT pg_terminate_backend($1, 10000)", DatabaseValue(own))
                    _ = try await transaction.rows(.insertItem, "two", 1)
                }
            }
            #expect(error?.isUnavailable == true)
            try await test.expectCount(0)
        }
    }

    @Test(.enabled(if: isInstalled, "PostgreSQL is not installed"))
    func readOnlyServerIsUnavailableAndKeepsTheData() async throws {
        try await TestDatabase.with(.postgresql, .items, environment: ["DATABASE_POOL": "1"]) { test in
            _ = try await test.database.rows(.insertItem, "kept", 1)
            _ = try await test.database.rows("SET default_transaction_read_only = on")
            let error = await test.error { () throws(DatabaseError) in _ = try await test.database.rows(.insertItem, "refused", 1) }
            #expect(error?.isUnavailable == true && error?.statusCode == "25006")
            // The connection is replaced by one that may lead to a server that writes.
            _ = try await test.database.rows(.insertItem, "accepted", 1)
            try await test.expectCount(2)
        }
    }

    @Test(.enabled(if: isInstalled, "PostgreSQL is not installed"))
    func statementIsPreparedAgainWhenItsTableHasChanged() async throws {
        try await TestDatabase.with(.postgresql, .items, environment: ["DATABASE_POOL": "1"]) { test in
            _ = try await test.database.rows(.insertItem, "one", 1)
            #expect(try await test.database.rows("SELECT * FROM item") == [DatabaseRow(["one", 1])])
            _ = try await test.database.rows("ALTER TABLE item ADD COLUMN added BOOLEAN")
            #expect(try await test.database.rows("SELECT * FROM item") == [DatabaseRow(["one", 1, nil])])
            _ = try await test.database.rows("DEALLOCATE ALL")
            #expect(try await test.database.rows("SELECT * FROM item") == [DatabaseRow(["one", 1, nil])])
        }
    }

    @Test(.enabled(if: isInstalled, "PostgreSQL is not installed"))
    func manyDifferentStatementsAreForgottenOnTheServer() async throws {
        try await TestDatabase.with(.postgresql, .items, environment: ["DATABASE_POOL": "1"]) { test in
            for number in 0..<600 {
                #expect(try await test.database.rows(DatabaseStatement("SELECT \(number)"))[0].integer(0) == number)
            }
            let kept = try await test.database.rows("SELECT count(*) FROM pg_prepared_statements")[0].integer(0)
            #expect(kept <= DatabaseLimit.preparedStatements)
        }
    }

    @Test(.enabled(if: isInstalled, "PostgreSQL is not installed"))
    func cancelledStatementIsStoppedOnTheServer() async throws {
        try await TestDatabase.with(.postgresql, .items) { test in
            let task = Task { [database = test.database] in try await database.rows(.countForLong) }
            let running: DatabaseStatement = """
                SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'WITH RECURSIVE%' AND datname = current_database()
                """
            while try await test.database.rows(running)[0].integer(0) == 0 { await Task.yield() }
            task.cancel()
            _ = await task.result
            let deadline = ContinuousClock.now + .seconds(60)
            while try await test.database.rows(running)[0].integer(0) == 1, ContinuousClock.now < deadline { await Task.yield() }
            #expect(try await test.database.rows(running)[0].integer(0) == 0)
        }
    }

    @Test(.enabled(if: isInstalled, "PostgreSQL is not installed"))
    func refusedPasswordIsNotRepeated() async throws {
        let port = try #require(PostgreSQLServer.shared).port
        let url = "postgres://\(PostgreSQLServer.user):wrong-password@127.0.0.1:\(port)/postgres"
        do {
            try await TestDatabase.opened(url, environment: ["DATABASE_START_TIMEOUT": "4000"]) { _ in }
            Issue.record("The password is wrong.")
        } catch let failure as StartFailure {
            #expect(failure.kind == .unavailable && failure.description.contains("password authentication failed for user \"***\""))
            #expect(!failure.description.contains(PostgreSQLServer.user + "\"") && !failure.description.contains("wrong-password"))
        }
    }

    @Test(arguments: [
        ("23505", "unique"), ("23503", "foreign key"), ("23502", "constraint"), ("23514", "constraint"), ("57P01", "unavailable"),
        ("08006", "unavailable"), ("53300", "unavailable"), ("53100", "unavailable"), ("25006", "unavailable"), ("40P01", "unavailable"),
        ("57014", "unavailable"), ("08P01", "statement"), ("42P01", "statement"), ("22P02", "statement"),
    ])
    func codesAreMapped(code: String, kind: String) {
        let error = PostgreSQLError(code: code, message: "text").databaseError
        #expect(error.kindName == kind && error.statusCode == code)
        // The messages about wrong values repeat them.
        #expect("\(error)" == (code == "22P02" ? "A value does not fit the statement or its table." : "text"))
    }
}
