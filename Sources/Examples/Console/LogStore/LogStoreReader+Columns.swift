// Reads the columns of attributes: those of the open shard from memory, those of a sealed one from the file.

import Telemetry

extension LogStoreReader {
    /// Returns a search as a question to a shard; nil once the deadline has passed.
    func query(_ term: SearchTerm, _ shard: LogShard, _ deadline: inout QueryDeadline) throws(SQLiteFile.Failure) -> LogIndexQuery? {
        var verdicts = LogVerdicts(shard: shard, deadline: deadline) { [self] (key) throws(SQLiteFile.Failure) in
            try attribute(key, of: shard)
        }
        let query = try LogIndexQuery(term, shard.origins) { (term) throws(SQLiteFile.Failure) in try verdicts.verdicts(term) }
        return deadline.check() ? query : nil
    }

    /// Returns what the columns have of an attribute.
    func attribute(_ key: String, of shard: LogShard) throws(SQLiteFile.Failure) -> LogVerdicts.Attribute {
        if let open = shard.attributes {
            if let column = open.column(of: key) { return .column(column) }
            return open.isComplete ? .absent : .unknown
        }
        guard !key.isEmpty else { return .unknown }
        guard let found = try column(.attribute, Array(key.utf8), of: shard) else {
            return try column(.complete, LogStoreSchema.noKey, of: shard) != nil ? .absent : .unknown
        }
        // What cannot be read says nothing about the records.
        return found.map { .column($0) } ?? .unknown
    }

    /// Returns the patterns of messages; nil for a shard that has none.
    func messages(of shard: LogShard) throws(SQLiteFile.Failure) -> AttributeColumn? {
        if let open = shard.attributes { return open.messages }
        return try column(.messages, LogStoreSchema.noKey, of: shard) ?? nil
    }

    /// Returns a column of the file, nil in it if it cannot be read; nil if there is none.
    private func column(
        _ kind: LogStoreSchema.ColumnKind, _ key: [UInt8], of shard: LogShard
    ) throws(SQLiteFile.Failure) -> AttributeColumn?? {
        var column: AttributeColumn??
        try file.run(
            "SELECT vals, codes FROM attribute_columns WHERE shard = ? AND kind = ? AND key = ?",
            [.integer(Int64(shard.number)), .integer(kind.rawValue), .bytes(key)]
        ) { row in
            column = .some(AttributeColumn(values: row.bytes(0), codes: row.bytes(1)))
            return false
        }
        return column
    }
}
