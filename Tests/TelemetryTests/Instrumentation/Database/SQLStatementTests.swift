// What is shown of SQL statements: literals are replaced in every dialect, and the summary names operations and targets in order.

import Testing

@testable import Telemetry

struct SQLStatementTests {
    // MARK: Sanitized text

    @Test(arguments: [
        ("SELECT * FROM t WHERE id = 42", "SELECT * FROM t WHERE id = ?"),
        ("SELECT * FROM t WHERE name = 'O''Brien' AND x = ''", "SELECT * FROM t WHERE name = ? AND x = ?"),
        ("SELECT 12, -12, +12, .5, -.5, 1.5e-3, 0xFF, 1_000", "SELECT ?, ?, ?, ?, ?, ?, ?, ?"),
        ("SELECT a - 1, b -2, (c)-3, 4-5", "SELECT a - ?, b -?, (c)-?, ?-?"),
        (
            "SELECT * FROM t WHERE a > -1 AND b BETWEEN -2 AND -3 LIMIT 10 OFFSET 20",
            "SELECT * FROM t WHERE a > ? AND b BETWEEN ? AND ? LIMIT ? OFFSET ?"
        ),
        ("SELECT c3po, r2d2 FROM covid19", "SELECT c3po, r2d2 FROM covid19"),
        ("SELECT \"col 1\" FROM \"t'able\" WHERE `x` = 1", "SELECT \"col 1\" FROM \"t'able\" WHERE `x` = ?"),
        ("SELECT X'1f', N'secret', b'01', E'a\\'b', U&'d' , DATE '2026-01-01'", "SELECT ?, ?, ?, ?, ? , DATE ?"),
        ("INSERT INTO t (a) VALUES ('x', 1), ('y', 2)", "INSERT INTO t (a) VALUES (?, ?), (?, ?)"),
        ("SELECT TRUE, NULL, CURRENT_DATE", "SELECT TRUE, NULL, CURRENT_DATE"),
    ])
    func literalsAreReplaced(statement: String, sanitized: String) {
        #expect(SQLStatement(statement, dialect: .standard).sanitizedText == sanitized)
    }

    @Test(arguments: [
        ("SELECT * FROM t WHERE id IN (1, 2, 3)", "SELECT * FROM t WHERE id IN (?)"),
        ("SELECT * FROM t WHERE id in ( 'a','b' )", "SELECT * FROM t WHERE id in (?)"),
        ("SELECT * FROM t WHERE id IN ($1, $2)", "SELECT * FROM t WHERE id IN (?)"),
        ("SELECT * FROM t WHERE id IN (-1)", "SELECT * FROM t WHERE id IN (?)"),
        ("SELECT * FROM t WHERE id IN (lower('A'), 'b')", "SELECT * FROM t WHERE id IN (lower(?), ?)"),
        ("SELECT * FROM t WHERE id IN (SELECT id FROM u WHERE x = 1)", "SELECT * FROM t WHERE id IN (SELECT id FROM u WHERE x = ?)"),
        ("SELECT * FROM t WHERE id IN ()", "SELECT * FROM t WHERE id IN ()"),
    ])
    func listsOfValuesAreCollapsed(statement: String, sanitized: String) {
        #expect(SQLStatement(statement).sanitizedText == sanitized)
    }

    @Test(arguments: ["$1", "?", "?1", ":name", "@name", "%s", "%(name)s"])
    func parametersStay(parameter: String) {
        let statement = "SELECT * FROM t WHERE a = \(parameter) AND b = \(parameter)"
        #expect(SQLStatement(statement, dialect: .postgresql).sanitizedText == statement)
    }

    @Test func commentsAreRemovedAndWhiteSpaceIsCollapsed() {
        let statement = "SELECT a -- password 'x'\n  FROM /* a /* nested */ 'comment' */ t\t\n WHERE b = 1 /* never closed"
        #expect(SQLStatement(statement).sanitizedText == "SELECT a FROM t WHERE b = ?")
        #expect(SQLStatement("SELECT/**/1").sanitizedText == "SELECT ?")
        #expect(SQLStatement("SELECT /* a /* b */ x FROM t", dialect: .mysql).sanitizedText == "SELECT x FROM t")
        #expect(SQLStatement("SELECT 1--'a\nb'", dialect: .mysql).sanitizedText == "SELECT ?--?")
    }

    @Test func percentWithAnythingButANameIsNoParameter() {
        #expect(
            SQLStatement("SELECT a %('ada'), b %(c + 12345), d %(", dialect: .postgresql).sanitizedText == "SELECT a %(?), b %(c + ?), d %("
        )
    }

    @Test func castsSlicesAndOperatorsAreNoParameters() {
        let statement = "SELECT a::int, b[1:2], c->>'key', d @> '{}', e % 3, @@version FROM t"
        #expect(
            SQLStatement(statement, dialect: .postgresql).sanitizedText
                == "SELECT a::int, b[?:?], c->>?, d @> ?, e % ?, @@version FROM t")
    }

    @Test func dollarQuotesAreStringsInPostgreSQL() {
        let statement = "SELECT $$secret 'a'$$, $tag$sec$$ret$tag$, $1 FROM t"
        #expect(SQLStatement(statement, dialect: .postgresql).sanitizedText == "SELECT ?, ?, $1 FROM t")
        #expect(SQLStatement("SELECT $tag$never closed", dialect: .postgresql).sanitizedText == "SELECT ?")
    }

    @Test func backslashesDoubleQuotesAndHashesAreThoseOfMySQL() {
        let statement = "SELECT * FROM t WHERE a = 'it\\'s' AND b = \"sec\\\"ret\" # comment\n AND c = 1"
        #expect(SQLStatement(statement, dialect: .mysql).sanitizedText == "SELECT * FROM t WHERE a = ? AND b = ? AND c = ?")
        #expect(SQLStatement("SELECT 'a\\', 'b'", dialect: .standard).sanitizedText == "SELECT ?, ?")
    }

    @Test(arguments: [
        ("SELECT * FROM t WHERE a = 'it\\'s secret' AND b = 'x'", "SELECT * FROM t WHERE a = ?"),
        ("SELECT q'[it's secret]', nq'!it's secret!' FROM t", "SELECT ?, ? FROM t"),
        ("SELECT $$secret words$$, \"secret\" FROM t", "SELECT ?, ? FROM t"),
    ])
    func unknownDatabaseShowsNoLiteralOfAnyDialect(statement: String, sanitized: String) {
        #expect(SQLStatement(statement).sanitizedText == sanitized)
        #expect(DatabaseSystem.otherSQL.dialect == .unknown && DatabaseSystem(rawValue: "clickhouse").dialect == .unknown)
    }

    @Test(arguments: [
        ("SELECT \"a\" FROM \"t\" WHERE \"b\" = \"secret\"", "SELECT \"a\" FROM \"t\" WHERE \"b\" = ?"),
        ("INSERT INTO \"t\" (\"a\", \"b\") VALUES (\"secret\", 1)", "INSERT INTO \"t\" (\"a\", \"b\") VALUES (?, ?)"),
        (
            "SELECT \"a\" FROM \"t\" WHERE \"b\" LIKE \"sec%\" OR \"c\" IN (\"secret\", 'd')",
            "SELECT \"a\" FROM \"t\" WHERE \"b\" LIKE ? OR \"c\" IN (?)"
        ),
    ])
    func doubleQuotesAreStringsInSQLiteWhereAValueStands(statement: String, sanitized: String) {
        #expect(SQLStatement(statement, dialect: .sqlite).sanitizedText == sanitized)
    }

    @Test func bracketsAreNamesWhereTheDialectHasThem() {
        #expect(SQLStatement("SELECT [a 1] FROM [t]", dialect: .sqlite).sanitizedText == "SELECT [a 1] FROM [t]")
        #expect(SQLStatement("SELECT [a 1] FROM [t]", dialect: .sqlServer).summary == "SELECT [t]")
        #expect(SQLStatement("SELECT a[1] FROM t", dialect: .postgresql).sanitizedText == "SELECT a[?] FROM t")
    }

    @Test(arguments: ["'never closed secret", "\"never closed secret", "`never closed secret", "E'never closed\\' secret"])
    func literalThatIsNotClosedIsReplacedToTheEnd(tail: String) {
        #expect(SQLStatement("SELECT a, " + tail).sanitizedText == "SELECT a, ?")
    }

    // MARK: Summary

    @Test(arguments: [
        ("SELECT * FROM wallets WHERE id = ?", "SELECT wallets"),
        ("INSERT INTO shipping_details (order_id, address) SELECT order_id, address FROM orders", "INSERT shipping_details SELECT orders"),
        ("SELECT * FROM songs, artists WHERE songs.artist_id = artists.id", "SELECT songs artists"),
        (
            "SELECT order_date FROM (SELECT * FROM orders o JOIN customers c ON o.customer_id = c.id)",
            "SELECT SELECT orders customers"
        ),
        ("SELECT * FROM \"song list\", 'artists'", "SELECT \"song list\""),
        ("COPY t FROM 's3://bucket/secret.csv'", "COPY"),
        ("PREPARE s FROM 'SELECT * FROM users'", "PREPARE"),
        ("sELEct a FROM dbo.Table JOIN dbo.[Other]", "sELEct dbo.Table dbo.[Other]"),
        ("SELECT * FROM a LEFT JOIN b ON a.x = b.x AND f(a, b) = 1, c WHERE d IN (e, f) ORDER BY g, h", "SELECT a b c"),
        ("SELECT EXTRACT(YEAR FROM born), TRIM(BOTH FROM name) FROM people", "SELECT people"),
        ("SELECT a IS DISTINCT FROM b FROM t", "SELECT t"),
        ("SELECT * FROM generate_series(1, 10) g JOIN LATERAL (SELECT 1 FROM u) x ON true", "SELECT SELECT u"),
        ("SELECT a FROM x UNION ALL SELECT b FROM y", "SELECT x SELECT y"),
        ("SELECT 1", "SELECT"),
        ("SELECT * INTO backup FROM t", "SELECT backup t"),
        ("SELECT a FROM t FOR UPDATE", "SELECT t"),
        ("UPDATE ONLY users SET a = (SELECT max(b) FROM c), d = 1 FROM e WHERE f = 2", "UPDATE users SELECT c e"),
        ("DELETE FROM t USING u WHERE t.id = u.id", "DELETE t u"),
        ("INSERT OR REPLACE INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1", "INSERT t"),
        ("REPLACE INTO t (a) VALUES (1)", "REPLACE t"),
        ("MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = 1 WHEN NOT MATCHED THEN INSERT VALUES (1)", "MERGE t s"),
        ("WITH RECURSIVE a AS (SELECT * FROM t), b(x) AS (SELECT 1 FROM a) SELECT * FROM a JOIN b JOIN c", "SELECT t SELECT SELECT c"),
        ("WITH gone AS (DELETE FROM t RETURNING *) INSERT INTO u SELECT * FROM gone", "DELETE t INSERT u SELECT"),
        ("CREATE  TABLE IF NOT EXISTS t (id INT PRIMARY KEY)", "CREATE TABLE t"),
        ("CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)", "CREATE INDEX i"),
        ("CREATE OR REPLACE VIEW v AS SELECT * FROM t", "CREATE VIEW v SELECT t"),
        ("ALTER TABLE t ADD COLUMN a INT", "ALTER TABLE t"),
        ("DROP TABLE IF EXISTS s.t", "DROP TABLE s.t"),
        ("TRUNCATE TABLE t", "TRUNCATE TABLE t"),
        ("TRUNCATE t", "TRUNCATE t"),
        ("CALL refresh(1, 'a')", "CALL refresh"),
        ("EXPLAIN ANALYZE SELECT * FROM t", "EXPLAIN ANALYZE SELECT t"),
        ("BEGIN; INSERT INTO a VALUES (1); COMMIT", "BEGIN INSERT a COMMIT"),
        ("PRAGMA journal_mode = WAL", "PRAGMA"),
        ("CREATE USER 'bob'@'host' IDENTIFIED BY 'secret'", "CREATE USER"),
    ])
    func summaryNamesOperationsAndTargetsInOrder(statement: String, summary: String) {
        #expect(SQLStatement(statement, dialect: .sqlServer).summary == summary)
    }

    @Test(arguments: ["", "  ", "-- only a comment", "'a'", "42", ";;;", "((("])
    func statementWithoutAnOperationHasNoSummary(statement: String) {
        #expect(SQLStatement(statement).summary == nil)
    }

    @Test func summaryEndsAtAWholeNameWithin255Bytes() throws {
        let names = (0..<100).map { "table_number_\($0)" }
        let summary = try #require(SQLStatement("SELECT * FROM " + names.joined(separator: ", ")).summary)
        let words = summary.split(separator: " ")
        #expect(summary.utf8.count <= 255 && summary.utf8.count > 230)
        let shown: [String] = words.dropFirst().map { String($0) }
        #expect(shown == Array(names.prefix(words.count - 1)))
        let many = (0..<100).map { "CREATE TABLE a\($0)" }.joined(separator: ";")
        let created = try #require(SQLStatement(many).summary)
        #expect(created.utf8.count <= 255 && many.replacing(";", with: " ").hasPrefix(created))
        let batch = DatabaseOperation(
            sql: "SELECT 1", summary: String(repeating: "word ", count: 60), batchSize: 2, at: DatabaseEndpoint(.sqlite))
        #expect(batch.spanName.hasPrefix("BATCH word ") && batch.spanName.utf8.count <= 255 && batch.spanName.hasSuffix("word"))
    }

    // MARK: Whatever comes

    @Test func statementsAreLookedAtUpToALimit() {
        let statement = "SELECT a FROM t WHERE b = '" + String(repeating: "x", count: 100_000) + "' AND c = 1"
        let shown = SQLStatement(statement)
        #expect(shown.sanitizedText == "SELECT a FROM t WHERE b = ?" && shown.summary == "SELECT t")
    }

    @Test func deepParenthesesAreFollowed() {
        let depth = 10_000
        let statement = String(repeating: "(", count: depth) + "SELECT 1" + String(repeating: ")", count: depth) + "; SELECT 2 FROM t"
        #expect(SQLStatement(statement).summary?.hasSuffix("SELECT t") == true)
    }

    /// A literal is never shown, whatever stands around it; what is shown of a text that was sanitized stays the same.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func noLiteralOfARandomStatementIsShown(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let parts = [
            "SELECT ", "FROM ", "t ", "(", ")", ", ", "IN ", "JOIN ", "WITH ", "AS ", "'secret'", "-987654", " 987654.5e3 ", "$1 ", "? ",
            "-- c\n",
            "/* c */", "\"n\" ", "`n` ", "; ", ".", "::", "E'\\'secret'", "%s ", "INSERT INTO ", "= ", "- ", "VALUES ",
        ]
        let dialects: [SQLDialect] = [.unknown, .standard, .postgresql, .mysql, .sqlite, .sqlServer]
        for _ in 0..<1_000 {
            let count = Int.random(in: 1...40, using: &generator)
            let statement = (0..<count).map { _ in parts.randomElement(using: &generator)! + " " }.joined()
            let dialect = dialects.randomElement(using: &generator)!
            let shown = SQLStatement(statement, dialect: dialect)
            let isShown = shown.sanitizedText.contains("secret") || shown.sanitizedText.contains("987654")
            #expect(!isShown, "\(statement) → \(shown.sanitizedText)")
            #expect((shown.summary ?? "").utf8.count <= 255)
        }
    }

    @Test(arguments: [11, 12, 13] as [UInt64])
    func randomBytesAreRead(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let alphabet = Array("'\"`[]$?:@%().,;-+/*#\\eEnNxX01 \n\tSELECT FROM".utf8) + [0, 0x80, 0xff]
        for _ in 0..<1_000 {
            let bytes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in alphabet.randomElement(using: &generator)! }
            for dialect in [SQLDialect.unknown, .standard, .postgresql, .mysql, .sqlite] {
                let shown = SQLStatement(String(decoding: bytes, as: UTF8.self), dialect: dialect)
                #expect(shown.sanitizedText.utf8.count <= bytes.count * 3)
            }
        }
    }
}
