// The tables of the log store, and the check that a file is one.

import Telemetry

/// Creates and checks the tables in a file.
enum LogStoreSchema {
    /// Stands in the file so that no other database is taken for a log store: "TLOG".
    private static let application: Int64 = 0x544C_4F47
    /// Grows with each change of the tables.
    static let version: Int64 = 2

    static func prepare(_ file: SQLiteFile) throws(SQLiteFile.Failure) {
        guard try number("SELECT count(*) FROM pragma_module_list WHERE name = 'fts5'", file) > 0 else {
            throw SQLiteFile.Failure(
                description: "this system's SQLite has no full-text search (FTS5); that of Debian's package libsqlite3-0 has it")
        }
        let (application, version) = (try number("PRAGMA application_id", file), try number("PRAGMA user_version", file))
        let isEmpty = try number("SELECT count(*) FROM sqlite_schema", file) == 0
        if application != Self.application {
            guard isEmpty else { throw SQLiteFile.Failure(description: "it is another database, no log store; name a file of its own") }
        } else if version > Self.version {
            throw SQLiteFile.Failure(
                description: "it was written by a later version (schema \(version); this one knows \(Self.version)); name another file")
        }
        // Readers and the writer do not wait for each other, and a killed process leaves a file that is whole.
        try file.run("PRAGMA journal_mode = WAL")
        try file.run("PRAGMA synchronous = NORMAL")
        try file.run("PRAGMA journal_size_limit = \(32 << 20)")
        guard isEmpty || version < Self.version else { return }
        try file.run("BEGIN IMMEDIATE")
        // Shards of version 1 have no columns of attributes; their records are looked at.
        try file.run(
            "CREATE TABLE attribute_columns (shard INTEGER NOT NULL, kind INTEGER NOT NULL, key BLOB NOT NULL, vals BLOB NOT NULL, "
                + "codes BLOB NOT NULL, PRIMARY KEY (shard, kind, key))")
        try file.run("PRAGMA user_version = \(Self.version)")
        guard isEmpty else { return try file.run("COMMIT") }
        try file.run(
            "CREATE TABLE shards (id INTEGER PRIMARY KEY, state INTEGER NOT NULL, began INTEGER NOT NULL, bytes INTEGER NOT NULL, "
                + "records INTEGER NOT NULL, oldest INTEGER NOT NULL, newest INTEGER NOT NULL, columns BLOB)")
        try file.run(
            "CREATE TABLE origins (shard INTEGER NOT NULL, number INTEGER NOT NULL, resource BLOB NOT NULL, resource_schema TEXT NOT NULL, "
                + "scope BLOB NOT NULL, scope_schema TEXT NOT NULL, PRIMARY KEY (shard, number)) WITHOUT ROWID")
        try file.run(
            "CREATE TABLE records (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, severity INTEGER NOT NULL, origin INTEGER NOT NULL, "
                + "message BLOB NOT NULL)")
        try file.run("PRAGMA application_id = \(Self.application)")
        try file.run("COMMIT")
    }

    /// Begins a shard, whose index has no copy of the texts.
    static func create(shard: Int, began: UInt64, _ file: SQLiteFile) throws(SQLiteFile.Failure) {
        try file.run(
            "INSERT INTO shards (id, state, began, bytes, records, oldest, newest) VALUES (?, 0, ?, 0, 0, 0, 0)",
            [.integer(Int64(shard)), .integer(Int64(clamping: began))])
        try file.run(
            "CREATE VIRTUAL TABLE \(text(shard)) USING fts5 (body, attributes, keys, content = '', columnsize = 0, "
                + "tokenize = 'unicode61 remove_diacritics 0')")
    }

    /// What a row of `attribute_columns` is.
    enum ColumnKind: Int64 {
        case attribute = 0
        case messages = 1
        /// Says that each attribute of the shard has a column.
        case complete = 2
    }

    /// The key of what has none: SQLite takes no bytes at all for nothing.
    static let noKey: [UInt8] = [0]

    /// The name of the index of a shard.
    static func text(_ shard: Int) -> String { "text_\(shard)" }

    static func number(_ query: String, _ file: SQLiteFile) throws(SQLiteFile.Failure) -> Int64 {
        var number: Int64 = 0
        try file.run(query) { row in
            number = row.integer(0)
            return false
        }
        return number
    }
}
