// The tables of the accounts service.

import ExampleSupport

/// The migrations of the database, in their order. One that was released must stay as it is.
///
/// Times are microseconds since 1970. Of refresh tokens only hashes are kept: a reader of the database must not be able to use them.
enum AccountSchema {
    static let migrations = [
        DatabaseMigration(
            "users and sessions",
            """
            CREATE TABLE users (
                id TEXT PRIMARY KEY,
                email TEXT NOT NULL UNIQUE,
                password TEXT,
                first_name TEXT NOT NULL,
                last_name TEXT NOT NULL,
                avatar TEXT,
                is_active BOOLEAN NOT NULL DEFAULT TRUE,
                is_email_verified BOOLEAN NOT NULL DEFAULT FALSE,
                provider TEXT NOT NULL DEFAULT 'local',
                created_at BIGINT NOT NULL
            )
            """,
            """
            CREATE TABLE sessions (
                id TEXT PRIMARY KEY,
                user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                session_token TEXT NOT NULL UNIQUE,
                refresh_token TEXT NOT NULL UNIQUE,
                expires_at BIGINT NOT NULL,
                is_active BOOLEAN NOT NULL DEFAULT TRUE,
                user_agent TEXT,
                ip_address TEXT,
                created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX sessions_by_user ON sessions (user_id)", "CREATE INDEX sessions_by_expiry ON sessions (expires_at)")
    ]
}
