// Transactions: all or nothing, whatever ends them.

import ExampleSupport
import Telemetry
import Testing

struct DatabaseTransactionTests {
    @Test(arguments: DatabaseKind.available) func transactionIsCommittedAsAWhole(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items) { test in
            let sum = try await test.database.transaction { transaction throws(DatabaseError) in
                for number in 1...3 { _ = try await transaction.rows(.insertItem, "\(number)", DatabaseValue(number)) }
                return try await transaction.rows("SELECT sum(number) FROM item")[0].integer(0)
            }
            #expect(sum == 6)
            try await test.expectCount(3)
        }
    }

    @Test(arguments: DatabaseKind.available) func errorRollsBack(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items) { test in
            let error = await test.error { () throws(DatabaseError) in
                try await test.database.transaction { transaction throws(DatabaseError) in
                    for key in ["a", "b", "a"] { _ = try await transaction.rows(.insertItem, DatabaseValue(key), 1) }
                }
            }
            guard case .unique = error else { throw Unexpected(error) }
            let own = await test.error { () throws(DatabaseError) in
                try await test.database.transaction { transaction throws(DatabaseError) in
                    _ = try await transaction.rows(.insertItem, "c", 1)
                    throw .constraint("the service has changed its mind")
                }
            }
            #expect(own == .constraint("the service has changed its mind"))
            try await test.expectCount(0)
        }
    }

    @Test(arguments: DatabaseKind.available) func caughtErrorRollsBackToo(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items) { test in
            let error = await test.error { () throws(DatabaseError) in
                try await test.database.transaction { transaction throws(DatabaseError) in
                    for key in ["a", "a", "b"] { _ = try? await transaction.rows(.insertItem, DatabaseValue(key), 1) }
                }
            }
            guard case .unique = error else { throw Unexpected(error) }
            try await test.expectCount(0)
        }
    }

    @Test(arguments: DatabaseKind.available) func cancellationRollsBack(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items, environment: ["DATABASE_POOL": "2"]) { test in
            let (begun, signal) = AsyncStream<Void>.makeStream()
            let task = Task { [database = test.database] () -> DatabaseError? in
                do throws(DatabaseError) {
                    try await database.transaction { transaction throws(DatabaseError) in
                        _ = try await transaction.rows(.insertItem, "a", 1)
                        signal.yield()
                        _ = try await transaction.rows(.countForLong)
                    }
                    return nil
                } catch { return error }
            }
            for await _ in begun { break }
            task.cancel()
            #expect(await task.value == .cancelled)
            // The connection is free for others, and nothing of the transaction is left.
            for index in 0..<10 { _ = try await test.database.rows(.insertItem, "after \(index)", 1) }
            try await test.expectCount(10)
        }
    }

    @Test(arguments: DatabaseKind.available) func transactionThatTakesTooLongIsRolledBack(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items, environment: ["DATABASE_POOL": "2"]) { patient in
            try await TestDatabase.opened(patient.url, [.items], environment: ["DATABASE_TIMEOUT": "1000"]) { test in
                let error = await test.error { () throws(DatabaseError) in
                    try await test.database.transaction { transaction throws(DatabaseError) in
                        _ = try await transaction.rows(.insertItem, "a", 1)
                        // A body that waits for something else; the transaction began before, so that its time is over as well.
                        let end = Deadline.after(.seconds(1))
                        _ = await eventually { end.hasPassed }
                        _ = try await transaction.rows(.insertItem, "b", 1)
                    }
                }
                #expect(error?.isUnavailable == true)
                _ = try await patient.database.rows(.insertItem, "c", 1)
                try await patient.expectCount(1)
            }
        }
    }

    @Test(arguments: DatabaseKind.available) func othersDoNotSeeAnOpenTransaction(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items) { test in
            let seen = try await test.database.transaction { [database = test.database] transaction throws(DatabaseError) in
                _ = try await transaction.rows(.insertItem, "a", 1)
                return try await database.rows("SELECT count(*) FROM item")[0].integer(0)
            }
            #expect(seen == 0)
            try await test.expectCount(1)
        }
    }

    @Test(arguments: DatabaseKind.available) func concurrentTransactionsLoseNoUpdate(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items) { test in
            _ = try await test.database.rows(.insertItem, "counter", 0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 {
                    group.addTask { [database = test.database] in
                        try await database.transaction { transaction throws(DatabaseError) in
                            _ = try await transaction.rows("UPDATE item SET number = number + 1 WHERE id = $1", "counter")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await test.database.rows("SELECT number FROM item")[0].integer(0) == 40)
        }
    }
}
