// How the dialects of SQL differ in writing strings, names and comments.

/// How a database writes strings, names and comments: which parts of a statement are literals depends on it.
public struct SQLDialect: Sendable, Hashable {
    struct Features: OptionSet, Hashable {
        let rawValue: UInt16

        /// A backslash in a string escapes the byte behind it.
        static let backslashEscapes = Features(rawValue: 1)
        /// It does so in some of the databases that this may be.
        static let ambiguousBackslashes = Features(rawValue: 1 << 1)
        /// `"…"` is a string.
        static let doubleQuotedStrings = Features(rawValue: 1 << 2)
        /// `"…"` is a name, and a string where no such name is known.
        static let doubtfulDoubleQuotes = Features(rawValue: 1 << 3)
        /// `#` begins a comment.
        static let hashComments = Features(rawValue: 1 << 4)
        /// `--` begins a comment only before white space.
        static let spacedDashes = Features(rawValue: 1 << 5)
        static let nestedComments = Features(rawValue: 1 << 6)
        /// `$tag$…$tag$` is a string.
        static let dollarQuotes = Features(rawValue: 1 << 7)
        /// `q'[…]'` is a string.
        static let chosenQuotes = Features(rawValue: 1 << 8)
        /// `[…]` is a name.
        static let bracketedNames = Features(rawValue: 1 << 9)
        /// `:1` is a parameter.
        static let numberedParameters = Features(rawValue: 1 << 10)
    }

    let features: Features

    /// As ISO 9075 says: `'…'` is a string, `"…"` a name.
    public static let standard = SQLDialect(features: [.nestedComments, .numberedParameters])
    /// A database that is not known: whatever is a literal in one of the common dialects is taken for one, names in double quotes too.
    public static let unknown = SQLDialect(
        features: [.ambiguousBackslashes, .doubleQuotedStrings, .nestedComments, .dollarQuotes, .chosenQuotes, .numberedParameters])
    /// PostgreSQL and what speaks its dialect: strings in dollar quotes too.
    public static let postgresql = SQLDialect(features: [.nestedComments, .dollarQuotes])
    /// MySQL and MariaDB in their default mode: backslashes escape, `"…"` is a string, `#` begins a comment.
    public static let mysql = SQLDialect(features: [.backslashEscapes, .doubleQuotedStrings, .hashComments, .spacedDashes])
    /// SQLite: names in brackets too, and `"…"` is a string where a value stands.
    public static let sqlite = SQLDialect(features: [.bracketedNames, .doubtfulDoubleQuotes])
    /// Microsoft SQL Server: names in brackets too, and `"…"` is a string where a value stands.
    public static let sqlServer = SQLDialect(features: [.bracketedNames, .nestedComments, .doubtfulDoubleQuotes])
}
