// SQL as the services declare it.

/// An SQL statement, declared once (`static let`) and executed with different parameters.
///
/// Parameters are `$1`, `$2`, …, and the same text runs on SQLite and PostgreSQL.
package struct DatabaseStatement: Sendable, Hashable {
    package let text: String

    package init(_ text: String) {
        precondition(!Self.controlsTransaction(text), "A transaction is begun and ended by Database.transaction.")
        self.text = text
    }

    /// Whether the statement would begin or end a transaction, which connections share with the statements of other callers.
    private static func controlsTransaction(_ text: String) -> Bool {
        let word = text.drop { !$0.isLetter }.prefix { $0.isLetter }.uppercased()
        return ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"].contains(word)
    }
}

extension DatabaseStatement: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) { self.init(text) }
}
