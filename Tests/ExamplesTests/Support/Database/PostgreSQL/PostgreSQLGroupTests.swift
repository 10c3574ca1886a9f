// Statements of several callers that PostgreSQL is sent at once.

import Telemetry
import Testing

@testable import ExampleSupport

@Suite(.enabled(if: PostgreSQLDriverTests.isInstalled, "PostgreSQL is not installed"), .timeLimit(.minutes(30)))
struct PostgreSQLGroupTests {
    private static let insert = DatabaseStatement.insertItem.text

    /// A driver with one connection, which knows the insertion already.
    private struct Rig {
        let driver: PostgreSQLDriver
        let pool: DatabasePool

        func rows(_ text: String, _ parameters: DatabaseValue...) async throws(DatabaseError) -> [DatabaseRow] {
            try await driver.rows(text, parameters, until: .never)
        }

        /// Executes statements that wait for the connection together; returns the error of each.
        func together(
            _ text: String, _ parameters: [[DatabaseValue]], until deadline: Deadline = .never
        ) async throws -> [DatabaseError?] {
            let lease = try await driver.begin(until: .never)
            return await withTaskGroup(of: (Int, DatabaseError?).self) { group in
                for (index, parameters) in parameters.enumerated() {
                    group.addTask { [driver] in
                        do throws(DatabaseError) {
                            _ = try await driver.rows(text, parameters, sharesRoundTrip: true, until: deadline)
                        } catch { return (index, error) }
                        return (index, nil)
                    }
                }
                // Those that a deadline ends before they are sent wait no longer.
                let wait = await eventually { pool.usage.pendingRequests == parameters.count || deadline.hasPassed }
                #expect(wait)
                lease.rollBack()
                return await group.reduce(into: Array(repeating: nil, count: parameters.count)) { $0[$1.0] = $1.1 }
            }
        }
    }

    private static func with(_ migrations: DatabaseMigration..., body: (Rig) async throws -> Void) async throws {
        try await TestDatabase.withURL(.postgresql) { url in
            try await TestDatabase.opened(url, migrations) { test in
                let library = try PostgreSQLDriver.library()
                let address = try PostgreSQLAddress(url, library)
                let pool = DatabasePool(test.telemetry.meter, of: address.endpoint, maximum: 1)
                let driver = try PostgreSQLDriver(library, address, pool, timeout: .seconds(60))
                do {
                    _ = try await driver.rows(Self.insert, ["prepared", 1], until: .never)
                    try await body(Rig(driver: driver, pool: pool))
                } catch {
                    await driver.close()
                    throw error
                }
                await driver.close()
            }
        }
    }

    @Test func statementsThatWaitTogetherShareCommits() async throws {
        try await Self.with(.items) { rig in
            let errors = try await rig.together(Self.insert, (0..<40).map { ["\($0)", 2] })
            #expect(errors.allSatisfy { $0 == nil })
            let rows = try await rig.rows("SELECT count(*), count(DISTINCT CAST(xmin AS TEXT)) FROM item WHERE number = 2")
            // Groups of 16, 16 and 8.
            #expect(rows == [DatabaseRow([40, 3])])
        }
    }

    @Test func answersHaveTheRowsOfTheirOwnStatement() async throws {
        try await Self.with(.items) { rig in
            let insert = Self.insert + " RETURNING id"
            _ = try await rig.rows(insert, "first", 1)
            let lease = try await rig.driver.begin(until: .never)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<10 {
                    group.addTask { [driver = rig.driver] in
                        let rows = try await driver.rows(insert, ["\(index)", 1], sharesRoundTrip: true, until: .never)
                        #expect(rows == [DatabaseRow(["\(index)"])])
                    }
                }
                #expect(await eventually { rig.pool.usage.pendingRequests == 10 })
                lease.rollBack()
                try await group.waitForAll()
            }
        }
    }

    @Test func statementThatFailsHarmsNoOther() async throws {
        try await Self.with(.items) { rig in
            let errors = try await rig.together(Self.insert, (0..<20).map { [$0 % 10 == 3 ? "prepared" : "\($0)", 2] })
            for (index, error) in errors.enumerated() {
                if index % 10 == 3 {
                    guard case .unique = error else { throw Unexpected(error) }
                } else if let error {
                    throw error
                }
            }
            #expect(try await rig.rows("SELECT count(*) FROM item WHERE number = 2") == [DatabaseRow([18])])
            // Those before, between and after the two that fail, in groups of at most 16.
            let commits = try await rig.rows("SELECT count(DISTINCT CAST(xmin AS TEXT)) FROM item WHERE number = 2")
            #expect(try commits[0].integer(0) <= 4)
        }
    }

    /// The commit fails for all where one of them violates a constraint that is checked only then; each has its own answer all the same.
    @Test func commitThatFailsIsAnsweredToTheRightCaller() async throws {
        let child = DatabaseMigration(
            "child", "CREATE TABLE child (id INTEGER, parent TEXT REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED)")
        try await Self.with(.items, child) { rig in
            let insert = "INSERT INTO child VALUES ($1, $2)"
            _ = try await rig.rows(insert, 100, "prepared")
            let errors = try await rig.together(insert, (0..<12).map { [DatabaseValue($0), $0 == 5 ? "nobody" : "prepared"] })
            for (index, error) in errors.enumerated() {
                if index == 5 {
                    guard case .foreignKey = error else { throw Unexpected(error) }
                } else if let error {
                    throw error
                }
            }
            #expect(try await rig.rows("SELECT count(*) FROM child") == [DatabaseRow([12])])
        }
    }

    /// A group that waits for a lock is stopped when its last caller has waited long enough, and nothing of it is done afterwards.
    @Test func groupIsStoppedAtItsDeadline() async throws {
        try await TestDatabase.withURL(.postgresql) { url in
            try await TestDatabase.opened(url, [.items]) { test in
                let library = try PostgreSQLDriver.library()
                let address = try PostgreSQLAddress(url, library)
                let pool = DatabasePool(test.telemetry.meter, of: address.endpoint, maximum: 1)
                let driver = try PostgreSQLDriver(library, address, pool, timeout: .seconds(60))
                let rig = Rig(driver: driver, pool: pool)
                _ = try await rig.rows(Self.insert, "prepared", 1)
                try await test.database.transaction { transaction throws(DatabaseError) in
                    _ = try await transaction.rows("LOCK TABLE item IN EXCLUSIVE MODE")
                    do {
                        let errors = try await rig.together(Self.insert, (0..<5).map { ["\($0)", 1] }, until: .after(.milliseconds(500)))
                        #expect(errors.allSatisfy { $0?.isUnavailable == true })
                        // The callers are answered before the server has stopped.
                        #expect(await eventually { pool.usage.used == 0 })
                    } catch { throw .statement(code: "", "\(error)") }
                }
                #expect(try await rig.rows("SELECT id FROM item") == [DatabaseRow(["prepared"])])
                await driver.close()
            }
        }
    }

    /// A group waits for a lock; a caller that is cancelled does not wait for it.
    @Test func cancelledCallerLeavesItsGroup() async throws {
        try await TestDatabase.withURL(.postgresql) { url in
            try await TestDatabase.opened(url, [.items]) { test in
                let library = try PostgreSQLDriver.library()
                let address = try PostgreSQLAddress(url, library)
                let pool = DatabasePool(test.telemetry.meter, of: address.endpoint, maximum: 1)
                let driver = try PostgreSQLDriver(library, address, pool, timeout: .seconds(60))
                _ = try await driver.rows(Self.insert, ["prepared", 1], until: .never)
                let callers = try await test.database.transaction { transaction throws(DatabaseError) in
                    _ = try await transaction.rows("LOCK TABLE item IN EXCLUSIVE MODE")
                    let lease = try await driver.begin(until: .never)
                    let callers = (0..<5).map { index in
                        Task { () async -> DatabaseError? in
                            do throws(DatabaseError) {
                                _ = try await driver.rows(Self.insert, ["\(index)", 2], sharesRoundTrip: true, until: .never)
                                return nil
                            } catch { return error }
                        }
                    }
                    let wait = await eventually { pool.usage.pendingRequests == 5 }
                    lease.rollBack()
                    let areSent = await eventually { pool.usage.pendingRequests == 0 }
                    #expect(wait && areSent)
                    callers[2].cancel()
                    guard case .cancelled? = await callers[2].value else { throw .statement(code: "", "The caller was not cancelled.") }
                    return callers
                }
                for (index, caller) in callers.enumerated() where index != 2 { #expect(await caller.value == nil) }
                await driver.close()
            }
        }
    }

    @Test func groupIsPreparedAgainWhenItsTableHasChanged() async throws {
        try await Self.with(.items) { rig in
            _ = try await rig.rows("DEALLOCATE ALL")
            let errors = try await rig.together(Self.insert, (0..<8).map { ["\($0)", 2] })
            #expect(errors.allSatisfy { $0 == nil })
            #expect(try await rig.rows("SELECT count(*) FROM item WHERE number = 2") == [DatabaseRow([8])])
        }
    }
}
