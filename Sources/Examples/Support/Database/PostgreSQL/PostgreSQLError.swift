// The errors of PostgreSQL, as those that both databases have.

/// An error that the server has answered with.
struct PostgreSQLError: Error, Hashable {
    /// The SQLSTATE.
    let code: String
    let message: String
    /// The function of the server that has reported it; unlike the message it is the same in every language.
    var sourceFunction: String?

    /// Whether the server no longer has a prepared statement, or has it for a table that has changed: it was not executed.
    var isOutdatedStatement: Bool { code == "26000" || (code == "0A000" && sourceFunction == "RevalidateCachedQuery") }

    /// Whether the connection is of no more use: the server ends it, or has become a standby.
    var endsConnection: Bool { code.hasPrefix("57P") || code == "25006" || code == "25P03" }

    var databaseError: DatabaseError {
        switch code {
        case "23505", "23P01": return .unique(message, code: code)
        case "23503", "23001": return .foreignKey(message, code: code)
        // The number of parameters is wrong, says the protocol.
        case "08P01": return .statement(code: code, message)
        case _ where code.hasPrefix("23"): return .constraint(message, code: code)
        case _ where Self.temporary.contains { code.hasPrefix($0) }: return .unavailable(message, code: code)
        // The messages about wrong values repeat them.
        case _ where code.hasPrefix("22"): return .statement(code: code, "A value does not fit the statement or its table.")
        default: return .statement(code: code, message)
        }
    }

    /// What may pass by itself: connections, resources such as disk space, a server that starts, stops or only reads, deadlocks, cancelled
    /// statements, errors of the system and of files.
    private static let temporary = ["08", "53", "57", "58", "25006", "25P03", "40001", "40P01", "55P03", "XX001", "XX002"]
}
