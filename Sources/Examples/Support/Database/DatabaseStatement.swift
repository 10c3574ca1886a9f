// SQL as the services declare it.

/// An SQL statement, declared once (`static let`) and executed with different parameters.
///
/// Parameters are `$1`, `$2`, …, and the same text runs on SQLite and PostgreSQL.
package struct DatabaseStatement: Sendable, Hashable {
    package let text: String
    /// Whether PostgreSQL may be sent it together with other executions of it.
    let sharesRoundTrip: Bool

    /// - Parameter sharesRoundTrip: whether PostgreSQL may be sent several executions at once, of different callers, and commit them
    ///   together, as SQLite does with all writes. Each has an answer of its own all the same. Only for a short statement none of whose
    ///   executions waits for a lock of another one, such as the insertion of a row whose keys the database makes, or a look-up by key: two
    ///   groups could wait for each other.
    package init(_ text: String, sharesRoundTrip: Bool = false) {
        precondition(!Self.controlsTransaction(text), "A transaction is begun and ended by Database.transaction.")
        self.text = text
        self.sharesRoundTrip = sharesRoundTrip
    }

    /// PostgreSQL has no text with the character NUL; a service behaves the same with both databases.
    static func check(_ parameters: [DatabaseValue]) throws(DatabaseError) {
        for case .text(let text) in parameters where text.utf8.contains(0) {
            throw .statement(code: "22021", "A text must not contain the character NUL.")
        }
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
