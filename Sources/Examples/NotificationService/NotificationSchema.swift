// The tables of the notification service.

import ExampleSupport

/// The migrations of the database, in their order. One that was released must stay as it is.
///
/// Times are microseconds since 1970.
enum NotificationSchema {
    static let migrations = [
        DatabaseMigration(
            "topics, subscriptions and deliveries", sqlite: tables("INTEGER PRIMARY KEY AUTOINCREMENT"),
            postgresql: tables("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"))
    ]

    private static func tables(_ identity: String) -> [String] {
        [
            "CREATE TABLE sns_topics (arn TEXT PRIMARY KEY, signature_version TEXT NOT NULL)",
            """
            CREATE TABLE sns_subscriptions (
                arn TEXT PRIMARY KEY,
                topic TEXT NOT NULL REFERENCES sns_topics (arn) ON DELETE CASCADE,
                protocol TEXT NOT NULL,
                endpoint TEXT NOT NULL,
                base_url TEXT NOT NULL,
                token TEXT NOT NULL UNIQUE,
                state TEXT NOT NULL,
                is_raw BOOLEAN NOT NULL,
                UNIQUE (topic, endpoint)
            )
            """,
            // What is delivered is kept with the trace that it belongs to.
            """
            CREATE TABLE sns_deliveries (
                position \(identity),
                subscription TEXT NOT NULL REFERENCES sns_subscriptions (arn) ON DELETE CASCADE,
                kind TEXT NOT NULL,
                message_id TEXT NOT NULL,
                message TEXT NOT NULL,
                subject TEXT,
                attributes TEXT NOT NULL,
                published BIGINT NOT NULL,
                trace_parent TEXT NOT NULL,
                attempts INTEGER NOT NULL DEFAULT 0,
                due BIGINT NOT NULL
            )
            """,
            "CREATE INDEX sns_deliveries_due ON sns_deliveries (subscription, due)",
        ]
    }
}
