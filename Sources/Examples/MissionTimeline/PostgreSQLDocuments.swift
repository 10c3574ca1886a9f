// Documents in PostgreSQL, by its type for JSON.

import ExampleSupport

/// Documents of the type `jsonb`.
struct PostgreSQLDocuments: DocumentStore {
    private static let time = "((document->>'time')::bigint)"
    private static let isOpen = "(document->>'launched_at') IS NULL"

    static let statements = DocumentStatements(
        insertion: "INSERT INTO events (id, document) VALUES ($1, $2)",
        page: DatabaseStatement(
            "SELECT id, document FROM events WHERE (\(time), id) > ($1, $2) ORDER BY \(time), id LIMIT $3"),
        last: DatabaseStatement("SELECT id, document FROM events ORDER BY \(time) DESC, id DESC LIMIT $1"),
        due: DatabaseStatement(
            """
            SELECT id, document FROM events
            WHERE \(isOpen) AND \(time) <= $1 AND coalesce((document->>'retry_at')::bigint, 0) <= $1 ORDER BY \(time) LIMIT $2
            """),
        setting: "UPDATE events SET document = document || $1::jsonb WHERE id = $2")

    /// The table and its indexes.
    static let schema = [
        "CREATE TABLE events (id TEXT PRIMARY KEY, document JSONB NOT NULL)",
        "CREATE INDEX events_by_time ON events (\(time), id)",
        "CREATE INDEX events_open ON events (\(time)) WHERE \(isOpen)",
    ]

    let database: Database
}
