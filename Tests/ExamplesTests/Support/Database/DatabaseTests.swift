// What statements do, the same on both databases.

import ExampleSupport
import Telemetry
import Testing

struct DatabaseTests {
    @Test(arguments: DatabaseKind.available) func valuesOfAllTypesAreReadAsTheyWereWritten(_ kind: DatabaseKind) async throws {
        let table = DatabaseMigration("all", "CREATE TABLE kinds (i BIGINT, r DOUBLE PRECISION, b BOOLEAN, t TEXT)")
        try await TestDatabase.with(kind, table) { test in
            let texts = ["", "plain", "Ünïcødé – 日本語 👩‍👩‍👧 é", "'; DROP TABLE kinds; --", "\"a\" \\ $1 ?1 %s\n\t"]
            for (index, text) in texts.enumerated() {
                let number = [Int.min, -1, 0, 1, Int.max][index]
                _ = try await test.database.rows(
                    "INSERT INTO kinds (i, r, b, t) VALUES ($1, $2, $3, $4)", DatabaseValue(number), DatabaseValue(0.1 * Double(index)),
                    DatabaseValue(index % 2 == 0), DatabaseValue(text))
                let row = try #require(try await test.database.rows("SELECT i, r, b, t FROM kinds WHERE t = $1", DatabaseValue(text)).first)
                #expect(try row.integer(0) == number)
                #expect(try row.real(1) == 0.1 * Double(index))
                #expect(try row.boolean(2) == (index % 2 == 0))
                #expect(try row.text(3) == text)
            }
            let matching = try await test.database.rows("SELECT t FROM kinds WHERE b = $1 AND i < $2", true, 1)
            #expect(matching.count == 2)
        }
    }

    @Test(arguments: DatabaseKind.available) func nullsAreNoValues(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, DatabaseMigration("one", "CREATE TABLE kinds (i INTEGER, r REAL, b BOOLEAN, t TEXT)")) { test in
            _ = try await test.database.rows("INSERT INTO kinds VALUES ($1, $2, $3, $4)", nil, nil, nil, nil)
            let row = try #require(try await test.database.rows("SELECT * FROM kinds").first)
            #expect(try row.optionalInteger(0) == nil && row.optionalReal(1) == nil)
            #expect(try row.optionalBoolean(2) == nil && row.optionalText(3) == nil)
            #expect(throws: DatabaseError.self) { try row.text(3) }
            #expect(throws: DatabaseError.self) { try row.integer(4) }
        }
    }

    @Test(arguments: DatabaseKind.available) func parametersMayComeInAnyOrderAndTwice(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind) { test in
            let row = try #require(
                try await test.database.rows(
                    "SELECT CAST($2 AS TEXT), CAST($1 AS TEXT), CAST($2 AS TEXT)", "first", "second"
                ).first)
            #expect(try [row.text(0), row.text(1), row.text(2)] == ["second", "first", "second"])
        }
    }

    @Test(arguments: DatabaseKind.available) func violatedConstraintsAreToldApart(_ kind: DatabaseKind) async throws {
        let child = DatabaseMigration("child", "CREATE TABLE child (parent TEXT NOT NULL REFERENCES item (id))")
        try await TestDatabase.with(kind, .items, child) { test in
            let isSQLite = kind == .sqlite
            _ = try await test.database.rows(.insertItem, "one", 1)
            let duplicate = await test.error { () throws(DatabaseError) in _ = try await test.database.rows(.insertItem, "one", 2) }
            guard case .unique = duplicate else { throw Unexpected(duplicate) }
            #expect(duplicate?.statusCode == (isSQLite ? "1555" : "23505"))
            let orphan = await test.error { () throws(DatabaseError) in
                _ = try await test.database.rows("INSERT INTO child (parent) VALUES ($1)", "nobody")
            }
            guard case .foreignKey = orphan else { throw Unexpected(orphan) }
            #expect(orphan?.statusCode == (isSQLite ? "787" : "23503"))
            for (number, code) in [(DatabaseValue.null, isSQLite ? "1299" : "23502"), (-1, isSQLite ? "275" : "23514")] {
                let error = await test.error { () throws(DatabaseError) in _ = try await test.database.rows(.insertItem, "two", number) }
                guard case .constraint = error else { throw Unexpected(error) }
                #expect(error?.statusCode == code)
            }
            try await test.expectCount(1)
        }
    }

    @Test(arguments: DatabaseKind.available) func wrongStatementsAreErrorsOfTheirOwn(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items) { test in
            for (statement, parameters) in [
                ("SELEKT 1", []), ("SELECT * FROM missing", []), ("INSERT INTO item (id, number) VALUES ($1, $2)", ["one"]),
                ("SELECT id FROM item WHERE id = $1", ["with\0NUL"]),
            ] as [(DatabaseStatement, [DatabaseValue])] {
                let error = await test.error { () throws(DatabaseError) in _ = try await test.database.rows(statement, parameters) }
                guard case .statement = error else { throw Unexpected(error) }
                #expect(error?.statusCode?.isEmpty == false)
            }
            _ = try await test.database.rows(.insertItem, "still works", 1)
        }
    }

    @Test(arguments: DatabaseKind.available) func returnedRowsOfAWriteArrive(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items) { test in
            let insert = DatabaseStatement("INSERT INTO item (id, number) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING RETURNING id, number")
            let rows = try await test.database.rows(insert, "one", 1)
            #expect(rows == [DatabaseRow(["one", 1])])
            #expect(try await test.database.rows(insert, "one", 2).isEmpty)
        }
    }

    @Test(arguments: DatabaseKind.available) func manyCallersLoseNothingAndGetTheirOwnErrors(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items) { test in
            // Each key is inserted by four callers, one of which has to succeed.
            let outcomes = await withTaskGroup(of: (key: Int, error: DatabaseError?).self) { group in
                for index in 0..<800 {
                    group.addTask { [database = test.database] in
                        do throws(DatabaseError) {
                            let row = try await database.rows(
                                "INSERT INTO item (id, number) VALUES ($1, $2) RETURNING number", "\(index / 4)", DatabaseValue(index))
                            return (index / 4, try row[0].integer(0) == index ? nil : .statement(code: "", "another's row"))
                        } catch { return (index / 4, error) }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.filter { $0.error == nil }.count == 200)
            #expect(Set(outcomes.filter { $0.error == nil }.map(\.key)).count == 200)
            for case let error? in outcomes.map(\.error) {
                guard case .unique = error else { throw Unexpected(error) }
            }
            try await test.expectCount(200)
        }
    }

    @Test(arguments: DatabaseKind.available) func closedDatabaseRefusesAfterItsStatements(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items) { test in
            async let written = withTaskGroup(of: Bool.self) { [database = test.database] group in
                for index in 0..<50 {
                    group.addTask {
                        do { _ = try await database.rows(.insertItem, "\(index)", 1) } catch { return false }
                        return true
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            await test.database.close()
            let error = await test.error { () throws(DatabaseError) in _ = try await test.database.rows(.insertItem, "late", 1) }
            #expect(error?.isUnavailable == true)
            let count = await written
            try await TestDatabase.opened(test.url, [.items]) { again in try await again.expectCount(count) }
        }
    }
}

/// An error, or none, where another one was expected.
struct Unexpected: Error {
    let found: DatabaseError?

    init(_ found: DatabaseError?) { self.found = found }
}
