// Remembers what telemetry may show of the statements that a program executes again and again.

/// Remembers what telemetry may show of the statements that a program executes again and again.
///
/// A full cache is emptied, so that a program that writes values into its statements does not fill the memory.
final class SQLStatementCache: Sendable {
    static let shared = SQLStatementCache()

    /// A key that was hashed before the lock is taken: a statement may be long.
    private struct Key: Hashable {
        let text: String
        let dialect: SQLDialect
        private let textHash: Int

        init(_ text: String, _ dialect: SQLDialect) {
            self.text = text
            self.dialect = dialect
            textHash = text.hashValue
        }

        func hash(into hasher: inout Hasher) { hasher.combine(textHash) }
    }

    private struct State {
        var statements: [Key: SQLStatement] = [:]
        var size = 0
    }

    /// Bytes of the statements that are remembered.
    private let maximumSize: Int
    private let state = Locked(State())

    init(maximumSize: Int = 256 * 1024) {
        self.maximumSize = maximumSize
    }

    /// How many statements are remembered.
    var count: Int { state.withLock { $0.statements.count } }

    func statement(_ text: String, dialect: SQLDialect) -> SQLStatement {
        let key = Key(text, dialect)
        if let known = state.withLock({ $0.statements[key] }) { return known }
        let statement = SQLStatement(text, dialect: dialect)
        let size = text.utf8.count + statement.sanitizedText.utf8.count + 256
        guard size <= maximumSize / 16 else { return statement }
        state.withLock { state in
            if state.size + size > maximumSize { state = State() }
            if state.statements.updateValue(statement, forKey: key) == nil { state.size += size }
        }
        return statement
    }
}
