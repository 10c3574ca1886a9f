// Values as PostgreSQL's text format has them.

extension DatabaseValue {
    /// The text that the server reads as the type that the statement expects; nil for null.
    var postgreSQLText: String? {
        switch self {
        case .null: nil
        case .integer(let value): String(value)
        case .real(let value): String(value)
        case .boolean(let value): value ? "true" : "false"
        case .text(let value): value
        }
    }
}
