// How the dialects of SQL differ in writing strings, names and comments.

/// How a database writes strings, names and comments: which parts of a statement are literals depends on it.
public struct SQLDialect: Sendable, Hashable {
    let hasBackslashEscapes: Bool
    let doubleQuotesAreStrings: Bool
    let hasHashComments: Bool
    let hasDollarQuotes: Bool
    let hasBracketedNames: Bool

    /// As ISO 9075 says: `'…'` is a string, `"…"` a name.
    public static let standard = SQLDialect()
    /// PostgreSQL and what speaks its dialect: strings in dollar quotes too.
    public static let postgresql = SQLDialect(hasDollarQuotes: true)
    /// MySQL and MariaDB in their default mode: backslashes escape, `"…"` is a string, `#` begins a comment.
    public static let mysql = SQLDialect(hasBackslashEscapes: true, doubleQuotesAreStrings: true, hasHashComments: true)
    /// SQLite: names in brackets too.
    public static let sqlite = SQLDialect(hasBracketedNames: true)
    /// Microsoft SQL Server: names in brackets too.
    public static let sqlServer = SQLDialect(hasBracketedNames: true)

    private init(
        hasBackslashEscapes: Bool = false, doubleQuotesAreStrings: Bool = false, hasHashComments: Bool = false,
        hasDollarQuotes: Bool = false,
        hasBracketedNames: Bool = false
    ) {
        self.hasBackslashEscapes = hasBackslashEscapes
        self.doubleQuotesAreStrings = doubleQuotesAreStrings
        self.hasHashComments = hasHashComments
        self.hasDollarQuotes = hasDollarQuotes
        self.hasBracketedNames = hasBracketedNames
    }
}
