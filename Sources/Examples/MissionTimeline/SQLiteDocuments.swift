// Documents in SQLite, by its JSON functions.

import ExampleSupport

/// Documents as texts, which SQLite reads with each function.
struct SQLiteDocuments: DocumentStore {
    private static let time = "json_extract(document, '$.time')"
    private static let isOpen = "json_extract(document, '$.launched_at') IS NULL"

    static let statements = DocumentStatements(
        insertion: "INSERT INTO events (id, document) VALUES ($1, json($2))",
        page: DatabaseStatement(
            "SELECT id, document FROM events WHERE (\(time), id) > ($1, $2) ORDER BY \(time), id LIMIT $3"),
        last: DatabaseStatement("SELECT id, document FROM events ORDER BY \(time) DESC, id DESC LIMIT $1"),
        due: DatabaseStatement(
            """
            SELECT id, document FROM events
            WHERE \(isOpen) AND \(time) <= $1 AND coalesce(json_extract(document, '$.retry_at'), 0) <= $1 ORDER BY \(time) LIMIT $2
            """),
        setting: "UPDATE events SET document = json_patch(document, $1) WHERE id = $2")

    /// The table and its indexes.
    static let schema = [
        "CREATE TABLE events (id TEXT PRIMARY KEY, document TEXT NOT NULL CHECK (json_valid(document)))",
        "CREATE INDEX events_by_time ON events (\(time), id)",
        "CREATE INDEX events_open ON events (\(time)) WHERE \(isOpen)",
    ]

    let database: Database
}
