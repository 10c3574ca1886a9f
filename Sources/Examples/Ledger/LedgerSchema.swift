// The table of the ledger.

import ExampleSupport

/// The migrations of the ledger, in their order. One that was released must stay as it is.
enum LedgerSchema {
    static let migrations = [
        DatabaseMigration(
            "ledger events",
            sqlite: events(position: "position INTEGER PRIMARY KEY AUTOINCREMENT"),
            postgresql: events(position: "position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"))
    ]

    private static func events(position: String) -> [String] {
        [
            """
            CREATE TABLE ledger_events (
                \(position),
                event_id TEXT NOT NULL UNIQUE,
                outcome TEXT NOT NULL,
                action TEXT NOT NULL,
                ship TEXT NOT NULL,
                port TEXT NOT NULL,
                passengers BIGINT NOT NULL,
                reason TEXT,
                time BIGINT NOT NULL,
                trace_id TEXT NOT NULL,
                span_id TEXT NOT NULL
            )
            """,
            "CREATE INDEX ledger_events_by_time ON ledger_events (time, position)",
            "CREATE INDEX ledger_events_by_ship ON ledger_events (ship, time, position)",
            "CREATE INDEX ledger_events_by_port ON ledger_events (port, time, position)",
        ]
    }
}
