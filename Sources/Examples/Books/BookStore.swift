// The books in the database.

import ExampleSupport
import Telemetry

/// A book, as it is answered.
struct Book: Sendable {
    let id: String
    let userID: String
    let json: JSONValue

    fileprivate static let columns = "id, title, year, description, author, user_id, created_at, updated_at"

    fileprivate init(_ row: DatabaseRow) throws(DatabaseError) {
        (id, userID) = (try row.text(0), try row.text(5))
        json = [
            "id": .string(id), "title": .string(try row.text(1)), "year": .string(try row.text(2)),
            "description": try row.optionalText(3).map { .string($0) } ?? .null, "author": .string(try row.text(4)),
            "userId": .string(userID),
            "createdAt": .string(CalendarTime(microsecondsSinceEpoch: try row.integer(6)).rfc3339WithMilliseconds),
            "updatedAt": .string(CalendarTime(microsecondsSinceEpoch: try row.integer(7)).rfc3339WithMilliseconds),
        ]
    }
}

/// What a user says about a book; nil for what is not said.
struct BookFields: Sendable {
    var title: String?
    var year: String?
    var description: String?
    var author: String?
}

/// Finds, adds, changes and removes books.
struct BookStore: Sendable {
    /// The migrations of the database, in their order. One that was released must stay as it is.
    static let migrations = [
        DatabaseMigration(
            "books",
            """
            CREATE TABLE books (
                id TEXT PRIMARY KEY,
                title TEXT NOT NULL,
                year TEXT NOT NULL,
                description TEXT,
                author TEXT NOT NULL,
                user_id TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                updated_at BIGINT NOT NULL
            )
            """, "CREATE INDEX books_by_user ON books (user_id, created_at)")
    ]

    /// The books of one answer.
    private static let maximumListed = 1000
    private static let insertion = DatabaseStatement(
        "INSERT INTO books (\(Book.columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING \(Book.columns)")
    private static let finding = DatabaseStatement("SELECT \(Book.columns) FROM books WHERE id = $1")
    private static let listing = DatabaseStatement(
        "SELECT \(Book.columns) FROM books WHERE user_id = $1 ORDER BY created_at DESC, id LIMIT \(maximumListed)")
    private static let update = DatabaseStatement(
        """
        UPDATE books SET title = COALESCE($3, title), year = COALESCE($4, year), description = COALESCE($5, description),
        author = COALESCE($6, author), updated_at = $7 WHERE id = $1 AND user_id = $2 RETURNING \(Book.columns)
        """)
    private static let deletion: DatabaseStatement = "DELETE FROM books WHERE id = $1 AND user_id = $2 RETURNING id"
    private static let counting: DatabaseStatement = "SELECT count(*) FROM books"

    let database: Database
    let clock: TelemetryClock

    func add(_ fields: BookFields, of userID: String) async throws(DatabaseError) -> Book? {
        try await book(
            Self.insertion, .text(Self.newID()), .text(fields.title ?? ""), .text(fields.year ?? ""), DatabaseValue(fields.description),
            .text(fields.author ?? ""), .text(userID), DatabaseValue(now))
    }

    func book(_ id: String) async throws(DatabaseError) -> Book? { try await book(Self.finding, .text(id)) }

    /// Returns the newest books of a user, the newest first.
    func books(of userID: String) async throws(DatabaseError) -> [Book] {
        var books: [Book] = []
        for row in try await database.rows(Self.listing, .text(userID)) { books.append(try Book(row)) }
        return books
    }

    /// Changes what is said; returns nil without such a book of that user.
    func change(_ id: String, _ fields: BookFields, of userID: String) async throws(DatabaseError) -> Book? {
        try await book(
            Self.update, .text(id), .text(userID), DatabaseValue(fields.title), DatabaseValue(fields.year),
            DatabaseValue(fields.description),
            DatabaseValue(fields.author), DatabaseValue(now))
    }

    /// Returns whether there was such a book of that user.
    func remove(_ id: String, of userID: String) async throws(DatabaseError) -> Bool {
        try await !database.rows(Self.deletion, .text(id), .text(userID)).isEmpty
    }

    func count() async throws(DatabaseError) -> Int { try await database.rows(Self.counting)[0].integer(0) }

    private func book(_ statement: DatabaseStatement, _ values: DatabaseValue...) async throws(DatabaseError) -> Book? {
        try await database.rows(statement, values).first.map { row throws(DatabaseError) in try Book(row) }
    }

    private var now: Int { CalendarTime(clock.now).microsecondsSinceEpoch }

    /// Returns an identifier in the form that Prisma's `cuid()` has: a c and 24 letters and digits.
    private static func newID() -> String {
        let characters = Array("0123456789abcdefghijklmnopqrstuvwxyz")
        return "c" + String((0..<24).map { _ in characters[Int.random(in: characters.indices)] })
    }
}
