// The errors of SQLite, as those that both databases have.

/// An extended result code of SQLite, and its message.
struct SQLiteError: Error, Hashable {
    static let interrupted: Int32 = 9
    static let cannotOpen: Int32 = 14
    static let misuse: Int32 = 21
    static let range: Int32 = 25

    let code: Int32
    let message: String

    /// The result code without what the extension says.
    private var primary: Int32 { code & 0xFF }

    /// Whether another connection, perhaps of another process, holds the lock: the statement may be tried again.
    var isBusy: Bool { primary == 5 || primary == 6 }

    /// Whether the connection cannot write: the file was read-only when it was opened, or its file system is.
    var isReadOnly: Bool { primary == 8 }

    var databaseError: DatabaseError {
        let text = "\(code)"
        return switch (primary, code) {
        // Of a unique index, a primary key, a row number.
        case (_, 2067), (_, 1555), (_, 2579): .unique(message, code: text)
        // Of a foreign key, and of a trigger that guards one.
        case (_, 787), (_, 1811): .foreignKey(message, code: text)
        case (19, _): .constraint(message, code: text)
        // Busy, locked, out of memory, read-only, interrupted at the deadline, input or output error, corrupt, full, cannot be opened,
        // a lock that failed, no database.
        case (5...11, _), (13...15, _), (26, _): .unavailable(message, code: text)
        default: .statement(code: text, message)
        }
    }
}
