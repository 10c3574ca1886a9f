// Deadlines, cancellation and bounds of both databases.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

struct DatabaseDeadlineTests {
    /// A test fails by this time where nothing ends; databases that are not impatient wait longer.
    private static let longest = Duration.seconds(55)

    @Test(arguments: DatabaseKind.available) func exhaustedPoolIsUnavailableAtTheDeadline(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items, environment: ["DATABASE_POOL": "1"]) { test in
            try await TestDatabase.opened(
                test.url, [.items], environment: ["DATABASE_POOL": "1", "DATABASE_TIMEOUT": "3000"]
            ) { impatient in
                let (begun, signal) = AsyncStream<Void>.makeStream()
                let (ended, end) = AsyncStream<Void>.makeStream()
                async let held: DatabaseError? = impatient.error { [database = impatient.database] () throws(DatabaseError) in
                    defer { signal.finish() }
                    try await database.transaction { transaction throws(DatabaseError) in
                        _ = try await transaction.rows(.insertItem, "held", 1)
                        signal.yield()
                        for await _ in ended { break }
                    }
                }
                for await _ in begun { break }
                let start = ContinuousClock.now
                let errors = await withTaskGroup(of: DatabaseError?.self) { group in
                    for index in 0..<20 {
                        group.addTask { [database = impatient.database] in
                            do throws(DatabaseError) { _ = try await database.rows(.insertItem, "\(index)", 1) } catch { return error }
                            return nil
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                // The transaction ends at its own deadline, and some of those that wait behind it may just be in time.
                #expect(errors.allSatisfy { $0 == nil || $0?.isUnavailable == true })
                #expect(errors.contains { $0?.isUnavailable == true } || start.duration(to: .now) >= .milliseconds(500))
                #expect(start.duration(to: .now) < Self.longest)
                end.yield()
                _ = await held
                _ = try await test.database.rows(.insertItem, "afterwards", 1)
            }
        }
    }

    @Test(arguments: DatabaseKind.available) func writeEndsAtItsOwnLimitBehindATransaction(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items, environment: ["DATABASE_POOL": "1", "DATABASE_TIMEOUT": "60000"]) { test in
            try await test.database.transaction { [database = test.database] transaction throws(DatabaseError) in
                let error = await test.error { () throws(DatabaseError) in
                    _ = try await database.rows(.insertItem, [.text("late"), .integer(1)], within: .milliseconds(30))
                }
                #expect(error?.isUnavailable == true)
                // Beyond its own deadline the transaction would refuse this.
                _ = try await transaction.rows(.insertItem, "kept", 1)
            }
            #expect(try await test.database.rows("SELECT id FROM item") == [DatabaseRow(["kept"])])
        }
    }

    @Test(arguments: DatabaseKind.available) func writeEndsAtItsOwnLimitBehindStatementsOfATransaction(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items, environment: ["DATABASE_POOL": "1", "DATABASE_TIMEOUT": "60000"]) { test in
            try await test.database.transaction { [database = test.database] transaction throws(DatabaseError) in
                let outcome = Outcome()
                let late = Task {
                    do throws(DatabaseError) {
                        _ = try await database.rows(.insertItem, [.text("late"), .integer(1)], within: .milliseconds(30))
                    } catch { outcome.error.withLock { $0 = error } }
                }
                // Beyond its own deadline the transaction would refuse them.
                while outcome.error.withLock({ $0 == nil }) { _ = try await transaction.rows("SELECT id FROM item") }
                await late.value
                let error = outcome.error.withLock { $0 }
                #expect(error?.isUnavailable == true, "\(String(describing: error))")
            }
            try await test.expectCount(0)
        }
    }

    private final class Outcome: Sendable {
        let error = Mutex<DatabaseError?>(nil)
    }

    @Test(arguments: DatabaseKind.available) func closingWaitsForATransactionNoLongerThanItMay(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items) { test in
            let (begun, signal) = AsyncStream<Void>.makeStream()
            let (ended, end) = AsyncStream<Void>.makeStream()
            async let held: DatabaseError? = test.error { [database = test.database] () throws(DatabaseError) in
                try await database.transaction { transaction throws(DatabaseError) in
                    _ = try await transaction.rows(.insertItem, "held", 1)
                    signal.yield()
                    for await _ in ended { break }
                }
            }
            for await _ in begun { break }
            // The transaction ends only after that.
            await test.database.close(within: .milliseconds(20))
            end.yield()
            let error = await held
            #expect(error == nil)
        }
    }

    @Test(arguments: DatabaseKind.available) func slowStatementIsStoppedAtItsDeadline(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items) { test in
            try await TestDatabase.opened(
                test.url, [.items], environment: ["DATABASE_POOL": "1", "DATABASE_TIMEOUT": "500"]
            ) { impatient in
                let start = ContinuousClock.now
                let error = await impatient.error { () throws(DatabaseError) in _ = try await impatient.database.rows(.countForLong) }
                #expect(error?.isUnavailable == true)
                #expect(start.duration(to: .now) < Self.longest)
            }
            try await test.expectCount(0)
        }
    }

    @Test(arguments: DatabaseKind.available) func cancelledStatementFreesItsConnection(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items, environment: ["DATABASE_POOL": "2"]) { test in
            let tasks = (0..<3).map { _ in
                Task { [database = test.database] () -> DatabaseError? in
                    do throws(DatabaseError) { _ = try await database.rows(.countForLong) } catch { return error }
                    return nil
                }
            }
            // Some run and some wait by now, or not even that: all end.
            for task in tasks { task.cancel() }
            for task in tasks { #expect(await task.value == .cancelled) }
            try await test.expectCount(0)
        }
    }

    @Test(arguments: DatabaseKind.available) func cancelledWriterLeavesTheQueue(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items, environment: ["DATABASE_POOL": "1"]) { test in
            try await test.database.transaction { [database = test.database] transaction throws(DatabaseError) in
                let task = Task { () -> DatabaseError? in
                    do throws(DatabaseError) { _ = try await database.rows(.insertItem, "cancelled", 1) } catch { return error }
                    return nil
                }
                task.cancel()
                let error = await task.value
                if error != .cancelled { throw .statement(code: "", "The statement was not cancelled.") }
                _ = try await transaction.rows(.insertItem, "kept", 1)
            }
            #expect(try await test.database.rows("SELECT id FROM item") == [DatabaseRow(["kept"])])
        }
    }

    @Test(arguments: DatabaseKind.available) func fullQueueRefusesAtOnce(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items, environment: ["DATABASE_POOL": "1"]) { test in
            let outcomes = try await test.database.transaction { [database = test.database] transaction throws(DatabaseError) in
                _ = try await transaction.rows(.insertItem, "first", 1)
                return await withTaskGroup(of: DatabaseError?.self) { group in
                    for index in 0..<1200 {
                        group.addTask {
                            do throws(DatabaseError) { _ = try await database.rows(.insertItem, "\(index)", 1) } catch { return error }
                            return nil
                        }
                    }
                    // Those beyond the bound are answered while the others wait.
                    var refused = 0
                    while refused < 1200 - 1024, let error = await group.next() { if error?.isUnavailable == true { refused += 1 } }
                    group.cancelAll()
                    return refused
                }
            }
            #expect(outcomes == 1200 - 1024)
        }
    }
}
