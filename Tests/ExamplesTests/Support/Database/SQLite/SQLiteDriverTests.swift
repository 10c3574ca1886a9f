// What is SQLite's own: one writer, shared commits, two processes at one file.

import Glibc
import Synchronization
import Testing

@testable import ExampleSupport
@testable import Telemetry

struct SQLiteDriverTests {
    @Test func fullDiskIsUnavailableAndKeepsTheData() async throws {
        try await TestDatabase.with(.sqlite, .items) { test in
            _ = try await test.database.rows(.insertItem, "kept", 1)
            // The writer's connection is the one of transactions.
            let pages = try await test.database.transaction { transaction throws(DatabaseError) in
                try await transaction.rows("PRAGMA max_page_count = 1")[0].integer(0)
            }
            #expect(pages > 1)
            let large = String(repeating: "x", count: 1 << 20)
            let errors = await withTaskGroup(of: DatabaseError?.self) { group in
                for index in 0..<8 {
                    group.addTask { [database = test.database] in
                        do throws(DatabaseError) { _ = try await database.rows(.insertItem, "\(index)\(large)", 1) } catch { return error }
                        return nil
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(errors.allSatisfy { $0?.isUnavailable == true && $0?.statusCode == "13" })
            try await test.expectCount(1)
            _ = try await test.database.transaction { transaction throws(DatabaseError) in
                try await transaction.rows("PRAGMA max_page_count = 100000")
            }
            _ = try await test.database.rows(.insertItem, DatabaseValue(large), 1)
            try await test.expectCount(2)
        }
    }

    /// A connection stays read-only when the file can be written again.
    @Test func writerOpensReadOnlyFileAnew() async throws {
        try await TestDatabase.with(.sqlite, .items) { test in
            let path = String(test.url.dropFirst("sqlite:".count))
            let library = try SQLiteLibrary.system.get()
            let pool = DatabasePool(test.telemetry.meter, of: DatabaseEndpoint(.sqlite), maximum: 1)
            let queue = SQLiteQueue(capacity: 10, closedReason: "it is closed")
            let openings = Atomic(0)
            let readOnly = try SQLiteConnection(library, path: path, isReadOnly: true)
            let writer = SQLiteWriter(readOnly, queue, pool, reopenInterval: .zero) { () throws(SQLiteError) in
                // In vain the first time.
                let isFirst = openings.add(1, ordering: .relaxed).newValue == 1
                return isFirst ? try SQLiteConnection(library, path: path, isReadOnly: true) : try SQLiteDriver.reopened(library, path)
            }
            try #require(WorkerThread.start(named: "test-write") { writer.run() })
            func error(inserting id: DatabaseValue) async -> DatabaseError? {
                let job = SQLiteJob(.statement(DatabaseStatement.insertItem.text, [id, 1]), until: .after(RawConnection.patience))
                do throws(DatabaseError) {
                    _ = try await job.answer(submit: { queue.add($0) }, cancel: { queue.cancel($0) })
                    return nil
                } catch { return error }
            }
            for id in ["refused", "too"] { #expect(await error(inserting: DatabaseValue(id))?.statusCode == "8") }
            for id in ["one", "two"] { #expect(await error(inserting: DatabaseValue(id)) == nil) }
            queue.close()
            try await test.expectCount(2)
            #expect(openings.load(ordering: .relaxed) == 2)
        }
    }

    @Test func reopeningCreatesNoFile() throws {
        let folder = try TemporaryDirectory()
        let path = folder.path + "/missing.db"
        let library = try SQLiteLibrary.system.get()
        #expect { try SQLiteDriver.reopened(library, path) } throws: { ($0 as? SQLiteError)?.code == SQLiteError.cannotOpen }
        #expect(access(path, F_OK) != 0)
    }

    @Test func reopeningInVainLeavesNothingOpen() throws {
        let folder = try TemporaryDirectory()
        let path = folder.path + "/other.db"
        try folder.write(Array(repeating: 0x78, count: 4096), to: "other.db")
        let library = try SQLiteLibrary.system.get()
        for _ in 0..<3 { #expect(throws: SQLiteError.self) { try SQLiteDriver.reopened(library, path) } }
        #expect(Self.openDescriptors(of: path) == 0)
        let connection = try SQLiteConnection(library, path: path, isReadOnly: true)
        #expect(throws: SQLiteError.self) { try connection.run("PRAGMA user_version") }
        #expect(Self.openDescriptors(of: path) == 1)
        connection.close()
    }

    /// Returns how many descriptors of this process a file has.
    private static func openDescriptors(of path: String) -> Int {
        (0..<min(getdtablesize(), 4096)).count { descriptor in
            var (own, file) = (stat(), stat())
            return fstat(descriptor, &own) == 0 && stat(path, &file) == 0 && own.st_ino == file.st_ino && own.st_dev == file.st_dev
        }
    }

    @Test func filesAreForTheirOwnerAlone() async throws {
        try await TestDatabase.with(.sqlite, .items) { test in
            _ = try await test.database.rows(.insertItem, "kept", 1)
            let path = String(test.url.dropFirst("sqlite:".count))
            for file in [path, path + "-wal"] {
                var status = stat()
                let isThere = stat(file, &status) == 0
                #expect(isThere && status.st_mode & 0o777 == 0o600, "\(file)")
            }
        }
    }

    @Test func readOnlyFileIsUnavailableAndKeepsTheData() async throws {
        try await TestDatabase.with(.sqlite, .items) { test in
            _ = try await test.database.rows(.insertItem, "kept", 1)
            _ = try await test.database.transaction { transaction throws(DatabaseError) in
                try await transaction.rows("PRAGMA query_only = 1")
            }
            let error = await test.error { () throws(DatabaseError) in _ = try await test.database.rows(.insertItem, "refused", 1) }
            #expect(error?.isUnavailable == true && error?.statusCode == "8")
            try await test.expectCount(1)
        }
    }

    @Test func twoServicesShareAFile() async throws {
        try await TestDatabase.with(.sqlite, .items) { first in
            try await TestDatabase.opened(first.url, [.items]) { second in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<400 {
                        group.addTask { [database = index % 2 == 0 ? first.database : second.database] in
                            _ = try await database.rows(.insertItem, "\(index)", 1)
                        }
                    }
                    try await group.waitForAll()
                }
                try await first.expectCount(400)
                try await second.expectCount(400)
            }
        }
    }

    @Test func lockOfAnotherServiceIsWaitedForUntilTheDeadline() async throws {
        try await TestDatabase.with(.sqlite, .items) { first in
            try await TestDatabase.opened(first.url, [.items], environment: ["DATABASE_TIMEOUT": "300"]) { second in
                try await first.database.transaction { [database = second.database] transaction throws(DatabaseError) in
                    _ = try await transaction.rows(.insertItem, "one", 1)
                    do throws(DatabaseError) {
                        _ = try await database.rows(.insertItem, "two", 1)
                        throw .statement(code: "", "The lock was not respected.")
                    } catch {
                        guard error.isUnavailable, error.statusCode == "5" else { throw error }
                    }
                }
            }
            try await TestDatabase.opened(first.url, [.items]) { second in
                _ = try await second.database.rows(.insertItem, "two", 1)
                try await first.expectCount(2)
            }
        }
    }

    /// SQLite rolls the whole transaction back when it interrupts a write; the others of the group are executed again.
    @Test func writeThatIsInterruptedHarmsNoOther() async throws {
        try await TestDatabase.withURL(.sqlite) { url in
            let telemetry = try ServiceHarness.telemetry("service", InMemorySpanExporter())
            let pool = DatabasePool(telemetry.meter, of: DatabaseEndpoint(.sqlite), maximum: 3)
            let driver = try SQLiteDriver(path: String(url.dropFirst("sqlite:".count)), pool, until: .after(.seconds(60)))
            _ = try await driver.rows("CREATE TABLE item (id INTEGER PRIMARY KEY)", [], until: .never)
            let insert = "INSERT INTO item (id) VALUES ($1)"
            let endless = """
                INSERT INTO item (id) WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000)
                SELECT i FROM n
                """
            // Both statements are known as writes, so that they wait for the writer together.
            _ = try await driver.rows(insert, [DatabaseValue(0)], until: .never)
            _ = try? await driver.rows(endless, [], until: .after(.milliseconds(50)))
            let lease = try await driver.begin(until: .never)
            let limit = Deadline.after(.milliseconds(700))
            let outcomes = await withTaskGroup(of: (Int, DatabaseError?).self) { group in
                for index in 1...20 {
                    group.addTask {
                        do throws(DatabaseError) {
                            if index == 10 {
                                _ = try await driver.rows(endless, [], until: limit)
                            } else {
                                _ = try await driver.rows(insert, [DatabaseValue(index)], until: .never)
                            }
                        } catch { return (index, error) }
                        return (index, nil)
                    }
                }
                // Where the processors are busy, the endless one may have given up before all wait.
                while pool.usage.pendingRequests < 20, !limit.hasPassed { await Task.yield() }
                lease.rollBack()
                return await group.reduce(into: []) { $0.append($1) }
            }
            for (index, error) in outcomes { #expect((error == nil) == (index != 10), "\(index)") }
            #expect(outcomes.first { $0.0 == 10 }?.1?.isUnavailable == true)
            let rows = try await driver.rows("SELECT count(*), max(id) FROM item", [], until: .never)
            #expect(rows == [DatabaseRow([20, 20])])
            await driver.close()
        }
    }

    /// The commit fails for all where one of them violates a constraint that is checked only then; each has its own answer all the same.
    @Test func commitThatFailsIsAnsweredToTheRightCaller() async throws {
        let child = DatabaseMigration(
            "child", "CREATE TABLE child (id INTEGER, parent TEXT REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED)")
        try await TestDatabase.with(.sqlite, .items, child) { test in
            _ = try await test.database.rows(.insertItem, "parent", 1)
            let outcomes = await withTaskGroup(of: (Int, DatabaseError?).self) { group in
                for index in 0..<60 {
                    group.addTask { [database = test.database] in
                        do throws(DatabaseError) {
                            _ = try await database.rows(
                                "INSERT INTO child VALUES ($1, $2)", DatabaseValue(index),
                                DatabaseValue(index % 10 == 0 ? "nobody" : "parent"))
                        } catch { return (index, error) }
                        return (index, nil)
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for (index, error) in outcomes {
                if index % 10 == 0 {
                    guard case .foreignKey = error else { throw Unexpected(error) }
                } else if let error {
                    throw error
                }
            }
            try await test.expectCount(54, of: "child")
        }
    }

    @Test(
        arguments: [
            (2067, "unique"), (1555, "unique"), (787, "foreign key"), (275, "constraint"), (1299, "constraint"), (5, "unavailable"),
            (517, "unavailable"), (8, "unavailable"), (10, "unavailable"), (778, "unavailable"), (13, "unavailable"), (14, "unavailable"),
            (1, "statement"), (25, "statement"), (20, "statement"),
        ] as [(Int32, String)])
    func codesAreMapped(code: Int32, kind: String) {
        let error = SQLiteError(code: code, message: "text").databaseError
        #expect(error.kindName == kind && error.statusCode == "\(code)" && "\(error)" == "text")
    }
}

extension DatabaseError {
    var kindName: String {
        switch self {
        case .unavailable: "unavailable"
        case .unique: "unique"
        case .foreignKey: "foreign key"
        case .constraint: "constraint"
        case .statement: "statement"
        case .cancelled: "cancelled"
        }
    }
}
