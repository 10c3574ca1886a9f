// The statements that are remembered, and the bound on their bytes.

import Testing

@testable import Telemetry

struct SQLStatementCacheTests {
    @Test func statementIsRememberedOnceForEachDialect() {
        let cache = SQLStatementCache()
        for _ in 0..<3 { #expect(cache.statement("SELECT \"a\" FROM t", dialect: .standard).sanitizedText == "SELECT \"a\" FROM t") }
        #expect(cache.count == 1)
        #expect(cache.statement("SELECT \"a\" FROM t", dialect: .mysql).sanitizedText == "SELECT ? FROM t")
        #expect(cache.count == 2)
    }

    @Test func statementsThatNeverRepeatStayWithinTheBound() {
        let cache = SQLStatementCache(maximumSize: 16 * 1024)
        for number in 0..<10_000 {
            #expect(cache.statement("SELECT a FROM t WHERE b = \(number)", dialect: .standard).summary == "SELECT t")
            #expect(cache.count <= 16 * 1024 / 256)
        }
    }

    @Test func longStatementIsNotRemembered() {
        let cache = SQLStatementCache(maximumSize: 16 * 1024)
        _ = cache.statement("SELECT '" + String(repeating: "x", count: 2_000) + "'", dialect: .standard)
        #expect(cache.count == 0)
    }
}
