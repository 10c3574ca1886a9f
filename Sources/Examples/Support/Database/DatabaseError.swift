// What keeps a statement from being done, the same for both databases.

/// The reason why a statement or transaction was not done. Its texts hold no value of a parameter, so that they can be recorded.
package enum DatabaseError: Error, Sendable, Hashable {
    /// No connection within the deadline, database gone, disk full, read-only. A write may have been done if its connection broke.
    case unavailable(String, code: String? = nil)
    case unique(String, code: String? = nil)
    case foreignKey(String, code: String? = nil)
    /// A value that must not be null, or a check.
    case constraint(String, code: String? = nil)
    /// Anything else, such as wrong SQL.
    case statement(code: String, String)
    /// The task was cancelled before the statement was done.
    case cancelled

    /// The SQLSTATE of PostgreSQL, or SQLite's extended result code.
    package var statusCode: String? {
        switch self {
        case .unavailable(_, let code), .unique(_, let code), .foreignKey(_, let code), .constraint(_, let code): code
        case .statement(let code, _): code
        case .cancelled: nil
        }
    }
}

extension DatabaseError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unavailable(let text, _), .unique(let text, _), .foreignKey(let text, _), .constraint(let text, _), .statement(_, let text):
            text
        case .cancelled: "the task was cancelled"
        }
    }
}
