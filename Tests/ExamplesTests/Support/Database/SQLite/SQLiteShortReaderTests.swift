// Reads on the thread of the caller, and what is left to the readers.

import Synchronization
import Telemetry
import Testing

@testable import ExampleSupport

struct SQLiteShortReaderTests {
    private static let find = "SELECT number FROM item WHERE id = $1"

    private static func with(
        slowTime: Duration = .seconds(60), threadWaits: @escaping @Sendable () -> Int = { 0 },
        _ body: (TestDatabase, SQLiteShortReader) async throws -> Void
    ) async throws {
        try await TestDatabase.with(.sqlite, .items) { test in
            let pool = DatabasePool(test.telemetry.meter, of: DatabaseEndpoint(.sqlite), maximum: 1)
            let path = String(test.url.dropFirst("sqlite:".count))
            let reader = try SQLiteShortReader(
                try SQLiteLibrary.system.get(), path: path, pool, slowTime: slowTime, threadWaits: threadWaits)
            try await body(test, reader)
            reader.close()
        }
    }

    /// SQLite counts the instructions of all executions together: many short ones are none that is long.
    @Test func shortReadIsAnsweredHoweverOftenItComes() async throws {
        try await Self.with { test, reader in
            for number in 1...20 {
                _ = try await test.database.rows(.insertItem, "\(number)", DatabaseValue(number))
                for _ in 0..<200 {
                    let rows = try reader.answer(Self.find, ["\(number)"], until: .never)?.get()
                    #expect(rows == [DatabaseRow([DatabaseValue(number)])])
                }
            }
        }
    }

    @Test func longReadIsLeftToOthers() async throws {
        try await Self.with { test, reader in
            let last = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT max(i) FROM n"
            let short = try reader.answer(last, [10], until: .never)?.get()
            #expect(short == [DatabaseRow([10])])
            #expect(reader.answer(last, [10_000], until: .never) == nil)
            // Once is enough.
            #expect(reader.answer(last, [10], until: .never) == nil)
            let long = try await test.database.rows(DatabaseStatement(last), 10_000)
            #expect(long == [DatabaseRow([10_000])])
        }
    }

    /// The rows of a table are counted in one instruction of SQLite, however many they are.
    @Test func countOfATableIsLeftToOthers() async throws {
        try await Self.with { _, reader in
            #expect(reader.answer("SELECT Count(*) FROM item", [], until: .never) == nil)
            let some = "SELECT count(*) FROM item WHERE id = $1"
            let rows = try reader.answer(some, ["one"], until: .never)?.get()
            #expect(rows == [DatabaseRow([0])])
        }
    }

    /// Every execution is slow here, and waits. After its thousand executions one that is slow again is enough.
    @Test func statementThatWaitsLongTwiceInARowIsLeftToOthers() async throws {
        let waits = Atomic(0)
        try await Self.with(slowTime: .nanoseconds(-1), threadWaits: { waits.add(1, ordering: .relaxed).newValue }) { _, reader in
            for count in [2, 1] {
                for _ in 0..<count {
                    let rows = try reader.answer(Self.find, ["one"], until: .never)?.get()
                    #expect(rows == [])
                }
                for _ in 0..<1000 { #expect(reader.answer(Self.find, ["one"], until: .never) == nil) }
            }
        }
    }

    @Test func statementThatIsSlowWithoutWaitingIsExecutedInPlace() async throws {
        try await Self.with(slowTime: .nanoseconds(-1)) { _, reader in
            for _ in 0..<100 {
                let rows = try reader.answer(Self.find, ["one"], until: .never)?.get()
                #expect(rows == [])
            }
        }
    }

    /// The lock is met already when the statement is prepared, which reads the schema.
    @Test func lockOfAnotherConnectionIsWaitedForByOthers() async throws {
        try await TestDatabase.withURL(.sqlite) { url in
            let path = String(url.dropFirst("sqlite:".count))
            let library = try SQLiteLibrary.system.get()
            let other = try SQLiteConnection(library, path: path, isReadOnly: false)
            defer { other.close() }
            try other.run("CREATE TABLE item (id TEXT, number INTEGER)")
            let telemetry = try ServiceHarness.telemetry("service", InMemorySpanExporter())
            let pool = DatabasePool(telemetry.meter, of: DatabaseEndpoint(.sqlite), maximum: 1)
            let reader = try SQLiteShortReader(library, path: path, pool, slowTime: .seconds(60))
            try other.run("BEGIN EXCLUSIVE")
            #expect(reader.answer(Self.find, ["one"], until: .never) == nil)
            try other.run("COMMIT")
            #expect(try reader.answer(Self.find, ["one"], until: .never)?.get() == [])
            reader.close()
        }
    }

    @Test func largeRowsAreLeftToOthers() async throws {
        try await Self.with { test, reader in
            let large = DatabaseValue(String(repeating: "x", count: 100_000))
            _ = try await test.database.rows(.insertItem, large, 1)
            #expect(reader.answer("SELECT id FROM item", [], until: .never) == nil)
            #expect(try await test.database.rows("SELECT id FROM item") == [DatabaseRow([large])])
        }
    }

    @Test func whatWritesIsLeftToOthersAndErrorsAreThoseOfReaders() async throws {
        try await Self.with { _, reader in
            #expect(reader.answer(DatabaseStatement.insertItem.text, ["one", 1], until: .never) == nil)
            guard case .failure(.statement(code: "1", _)) = reader.answer("SELECT * FROM missing", [], until: .never) else {
                Issue.record("A table that is missing is no error.")
                return
            }
            #expect(reader.answer(Self.find, ["one"], until: .after(.zero)) == nil)
            reader.close()
            #expect(reader.answer(Self.find, ["one"], until: .never) == nil)
        }
    }

    @Test func shortReadWaitsForNoLongOne() async throws {
        // One of the three connections writes, and one reads on a thread.
        try await TestDatabase.with(.sqlite, .items, environment: ["DATABASE_POOL": "3"]) { test in
            let long = Task { [database = test.database] in try await database.rows(.countForLong) }
            // Even slow ones are left to others only after these two.
            for _ in 0..<2 {
                let rows = try await test.database.rows(DatabaseStatement(Self.find), "one")
                #expect(rows.isEmpty)
            }
            long.cancel()
            _ = await long.result
        }
    }
}
