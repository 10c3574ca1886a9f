// The errors of SQLite, as those that both databases have.

/// An extended result code of SQLite, and its message.
struct SQLiteError: Error, Hashable {
    let code: Int32
    let message: String

    private var primary: Int32 { code & 0xFF }

    /// Whether another connection, perhaps of another process, holds the lock; then the statement may be tried again.
    var isBusy: Bool { primary == 5 || primary == 6 }

    var databaseError: DatabaseError {
        let text = "\(code)"
        switch (primary, code) {
        case (_, 1555), (_, 2067), (_, 2579): return .unique(message, code: text)
        case (_, 787), (_, 1811): return .foreignKey(message, code: text)
        case (19, _): return .constraint(message, code: text)
        // Busy, locked, out of memory, read-only, interrupted, input or output error, corrupt, full, cannot open, no database.
        case (5, _), (6, _), (7, _), (8, _), (9, _), (10, _), (11, _), (13, _), (14, _), (15, _), (26, _):
            return .unavailable(message, code: text)
        default: return .statement(code: text, message)
        }
    }
}
