// What telemetry may show of an SQL statement.

/// What telemetry may show of an SQL statement: its text without literals, and a summary with few values.
///
/// ```swift
/// let statement = SQLStatement("SELECT * FROM tweets WHERE author = 'ada' LIMIT 20", dialect: .postgresql)
/// statement.sanitizedText  // SELECT * FROM tweets WHERE author = ? LIMIT ?
/// statement.summary        // SELECT tweets
/// ```
///
/// Which parts are literals depends on the dialect: name it where it is known.
///
/// (Semantic conventions: database spans, "Sanitization of db.query.text" and "Generating a summary of the query".)
public struct SQLStatement: Sendable, Hashable {
    /// The text with a `?` for each literal, without comments, and with one space where there was white space.
    ///
    /// A list behind `IN` that holds values alone becomes `(?)`, whatever its length.
    public let sanitizedText: String
    /// Operations and what they work on, in order: `INSERT shipping_details SELECT orders`. Nil where nothing was found.
    ///
    /// At most 255 bytes: it ends before the first operation or name that would pass that. Strings are never part of it.
    public let summary: String?

    /// Bytes of a statement that are looked at; what comes later is in neither text nor summary.
    static let maximumLength = 32 * 1024

    /// - Parameter text: one or several statements, separated by semicolons.
    public init(_ text: String, dialect: SQLDialect = .unknown) {
        var text = text
        var sanitizer = SQLSanitizer(dialect: dialect)
        var summarizer = SQLSummarizer()
        text.withUTF8 { whole in
            let bytes = UnsafeBufferPointer(rebasing: whole.prefix(Self.maximumLength))
            var scanner = SQLScanner(bytes, dialect: dialect)
            while let token = scanner.next() {
                let part = UnsafeBufferPointer(rebasing: bytes[token.bytes])
                let keyword = token.kind == .word ? SQLScanner.keyword(part) : ""
                sanitizer.add(token.kind, part, keyword: keyword)
                summarizer.add(token.kind, part, keyword: keyword)
            }
        }
        sanitizedText = sanitizer.finish()
        summary = summarizer.finish()
    }
}
