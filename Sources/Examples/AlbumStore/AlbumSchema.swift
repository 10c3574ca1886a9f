// The tables of the album store.

import ExampleSupport

/// The migrations of the album store, in their order. One that was released must stay as it is.
enum AlbumSchema {
    static let migrations = [
        DatabaseMigration("albums", sqlite: [albums(position: sqlitePosition)], postgresql: [albums(position: postgresqlPosition)]),
        DatabaseMigration("seed albums", seeds),
        DatabaseMigration("album jobs", sqlite: jobs(position: sqlitePosition), postgresql: jobs(position: postgresqlPosition)),
        TokenBucketLimit.migration,
        DatabaseMigration("albums commit in order", sqlite: [], postgresql: commitsInOrder),
    ]

    private static let sqlitePosition = "position INTEGER PRIMARY KEY AUTOINCREMENT"
    private static let postgresqlPosition = "position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"

    /// SQLite numbers rows by its only integer key, so that the identifiers are `UNIQUE` and the positions the primary key.
    private static func albums(position: String) -> String {
        """
        CREATE TABLE albums (
            \(position),
            id INTEGER NOT NULL UNIQUE CHECK (id BETWEEN 1 AND 10000),
            title TEXT NOT NULL,
            artist TEXT NOT NULL,
            price DOUBLE PRECISION NOT NULL CHECK (price > 0 AND price <= 10000)
        )
        """
    }

    private static let seeds: String = {
        let rows = Album.seeds.map { "(\($0.id), '\($0.title)', '\($0.artist)', \($0.price))" }
        return "INSERT INTO albums (id, title, artist, price) VALUES \(rows.joined(separator: ", "))"
    }()

    /// PostgreSQL draws a position long before the row is committed. A page read in between would lack the row, and the pages behind it
    /// would begin after its position. So insertions take turns, from before their first position until the end of their transaction;
    /// what they lock stands for the table, and no reader waits for it. SQLite has one writer at a time by itself.
    private static let commitsInOrder = [
        """
        CREATE FUNCTION albums_take_turns() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_advisory_xact_lock('pg_class'::regclass::oid::integer, TG_RELID::integer);
            RETURN NULL;
        END
        $$
        """,
        "CREATE TRIGGER albums_take_turns BEFORE INSERT ON albums FOR EACH STATEMENT EXECUTE FUNCTION albums_take_turns()",
    ]

    private static func jobs(position: String) -> [String] {
        [
            """
            CREATE TABLE album_jobs (
                \(position),
                id TEXT NOT NULL UNIQUE,
                status TEXT NOT NULL,
                album_id INTEGER NOT NULL,
                title TEXT NOT NULL,
                artist TEXT NOT NULL,
                price DOUBLE PRECISION NOT NULL,
                trace_parent TEXT NOT NULL,
                leased_until BIGINT NOT NULL DEFAULT 0
            )
            """,
            "CREATE INDEX album_jobs_by_status ON album_jobs (status, position)",
        ]
    }
}
