// Writes log records into the file, and removes the oldest ones: the work of one thread.

import ExampleSupport
import Telemetry

/// The side of the log store that changes the file.
///
/// It is `@unchecked Sendable` since ``LogStore`` makes it and hands it to its one thread, and keeps no reference.
final class LogStoreWriter: @unchecked Sendable {
    /// A request that waits for the file.
    struct Request: Sendable {
        let bytes: [UInt8]
        let arrival: UInt64
    }

    private static let (isOpen, isSealed, isLeaving): (Int64, Int64, Int64) = (0, 1, 2)
    /// Records that are removed in one transaction at most, beside twice as many as have come.
    private static let removedAtOnce = 4_096
    /// Blocks of an index, of some 4 KiB, that are removed in one transaction.
    private static let removedBlocks = 500

    private let file: SQLiteFile
    private let limits: LogStoreLimits
    private let contents: LogStoreContents
    private var open: LogShard?
    /// Scopes of the open shard that are in the file already.
    private var storedOrigins = 0
    private var nextNumber = 1
    /// The shard that is being removed, with the records that it still has.
    private var leaving: Int?

    /// Opens or creates a file, and takes back what it has.
    init(_ path: String, _ limits: LogStoreLimits, _ contents: LogStoreContents) throws(SQLiteFile.Failure) {
        file = try SQLiteFile(path)
        self.limits = limits
        self.contents = contents
        try LogStoreSchema.prepare(file)
        try restore()
    }

    private func restore() throws(SQLiteFile.Failure) {
        var shards: [(state: Int64, summary: LogShard.Summary)] = []
        try file.run("SELECT state, id, began, records, bytes, oldest, newest FROM shards ORDER BY id") { row in
            let summary = LogShard.Summary(
                number: Int(row.integer(1)), began: UInt64(clamping: row.integer(2)), count: Int(row.integer(3)),
                bytes: Int(row.integer(4)),
                oldest: UInt64(clamping: row.integer(5)), newest: UInt64(clamping: row.integer(6)))
            shards.append((row.integer(0), summary))
            return true
        }
        for (state, summary) in shards {
            nextNumber = summary.number + 1
            if state == Self.isLeaving { leaving = summary.number }
            guard state == Self.isOpen else { continue }
            let shard = try LogStoreReader.load(summary, file)
            open = shard
            storedOrigins = shard.origins.scopes.count
        }
        contents.commit(sealed: shards.filter { $0.state == Self.isSealed }.map(\.summary), open: open)
        contents.set(bytes: try usedBytes())
    }

    /// Stores requests in one transaction; returns the number of records.
    func store(_ requests: [Request]) throws(SQLiteFile.Failure) -> Int {
        let before = (open, storedOrigins, nextNumber)
        var sealed: [LogShard.Summary] = []
        do throws(SQLiteFile.Failure) {
            try file.run("BEGIN IMMEDIATE")
            var count = 0
            for request in requests { count += try store(request, &sealed) }
            try writePending()
            if let open, isFull(open) { try seal(&sealed) }
            try file.run("COMMIT")
            contents.commit(sealed: sealed, open: open)
            return count
        } catch {
            try? file.run("ROLLBACK")
            (open, storedOrigins, nextNumber) = before
            pending = []
            throw error
        }
    }

    // MARK: Records

    private struct Pending {
        let entry: Int64
        let id: Int64
        let row: LogStoreRow
        let origin: UInt16
        let message: [UInt8]
    }

    /// Records of the open shard that are not in the file yet: the index takes them fastest in the order of their times.
    private var pending: [Pending] = []

    private func store(_ request: Request, _ sealed: inout [LogShard.Summary]) throws(SQLiteFile.Failure) -> Int {
        var table = OriginTable()
        var items: [(place: Range<Int>, scope: UInt32)] = []
        request.bytes.withUnsafeBytes { body in
            do throws(OTLPRequestError) {
                try RequestOutline.forEachItem(of: body, &table) { (place, scope) throws(OTLPRequestError) in items.append((place, scope)) }
            } catch {
                // The memory has taken the request, so that it can be read.
                items = []
            }
        }
        var numbers = [UInt16?](repeating: nil, count: table.scopes.count)
        var count = 0
        for item in items {
            if open.map(isFull) ?? false {
                try writePending()
                try seal(&sealed)
                numbers = [UInt16?](repeating: nil, count: table.scopes.count)
            }
            if open == nil { try begin(request.arrival) }
            let scope = Int(item.scope)
            guard let origin = numbers[scope] ?? open?.origin(table.scopes[scope], of: table) else { continue }
            numbers[scope] = origin
            let message = Array(request.bytes[item.place])
            guard let row = message.withUnsafeBytes({ try? LogStoreRow($0, arrival: request.arrival, origin: origin) }),
                let (shard, number) = open.map({ ($0.number, $0.count) })
            else { continue }
            pending.append(
                Pending(
                    entry: LogShard.entry(time: row.time, row: number), id: LogShard.id(shard: shard, row: number), row: row,
                    origin: origin, message: message))
            message.withUnsafeBytes { open?.append(time: row.time, severity: row.severity, origin: origin, $0) }
            count += 1
        }
        return count
    }

    private func begin(_ now: UInt64) throws(SQLiteFile.Failure) {
        try LogStoreSchema.create(shard: nextNumber, began: now, file)
        open = LogShard(number: nextNumber, began: now)
        nextNumber += 1
        storedOrigins = 0
    }

    private func writePending() throws(SQLiteFile.Failure) {
        guard let open else { return }
        try writeOrigins(open)
        for record in pending {
            try file.run(
                "INSERT INTO records (id, time, severity, origin, message) VALUES (?, ?, ?, ?, ?)",
                [
                    .integer(record.id), .integer(Int64(bitPattern: record.row.time)), .integer(Int64(record.row.severity)),
                    .integer(Int64(record.origin)), .bytes(record.message),
                ])
        }
        let text = "INSERT INTO \(LogStoreSchema.text(open.number)) (rowid, body, attributes, keys) VALUES (?, ?, ?, ?)"
        for record in pending.sorted(by: { $0.entry < $1.entry }) {
            try file.run(text, [.integer(record.entry), .text(record.row.body), .text(record.row.attributes), .text(record.row.keys)])
        }
        try file.run("UPDATE shards SET bytes = ? WHERE id = ?", [.integer(Int64(open.byteCount)), .integer(Int64(open.number))])
        pending = []
    }

    private func writeOrigins(_ open: LogShard) throws(SQLiteFile.Failure) {
        for number in storedOrigins..<max(storedOrigins, open.origins.scopes.count) {
            let scope = open.origins.scopes[number]
            let resource = open.origins.resources[Int(scope.resource)]
            try file.run(
                "INSERT INTO origins (shard, number, resource, resource_schema, scope, scope_schema) VALUES (?, ?, ?, ?, ?, ?)",
                [
                    .integer(Int64(open.number)), .integer(Int64(number)), .bytes(resource.bytes), .text(resource.schemaURL),
                    .bytes(scope.bytes), .text(scope.schemaURL),
                ])
        }
        storedOrigins = open.origins.scopes.count
    }

    private func isFull(_ shard: LogShard) -> Bool {
        shard.count >= LogShard.maximumRecords || shard.byteCount >= limits.shardBytes
            || shard.origins.scopes.count >= LogShard.maximumOrigins
    }

    private func seal(_ sealed: inout [LogShard.Summary]) throws(SQLiteFile.Failure) {
        guard let shard = open else { return }
        try file.run(
            "UPDATE shards SET state = \(Self.isSealed), records = ?, oldest = ?, newest = ?, columns = ? WHERE id = ?",
            [
                .integer(Int64(shard.count)), .integer(Int64(clamping: shard.oldest)), .integer(Int64(clamping: shard.newest)),
                .bytes(shard.columns.bytes), .integer(Int64(shard.number)),
            ])
        try writeAttributes(shard)
        sealed.append(LogShard.Summary(shard))
        open = nil
        storedOrigins = 0
    }

    private func writeAttributes(_ shard: LogShard) throws(SQLiteFile.Failure) {
        guard let attributes = shard.attributes else { return }
        func write(_ kind: LogStoreSchema.ColumnKind, _ key: [UInt8], _ column: AttributeColumn) throws(SQLiteFile.Failure) {
            try file.run(
                "INSERT INTO attribute_columns (shard, kind, key, vals, codes) VALUES (?, ?, ?, ?, ?)",
                [
                    .integer(Int64(shard.number)), .integer(kind.rawValue), .bytes(key), .bytes(column.valueBytes),
                    .bytes(column.codeBytes),
                ])
        }
        for (key, column) in zip(attributes.keys, attributes.columns) { try write(.attribute, key, column) }
        try write(.messages, LogStoreSchema.noKey, attributes.messages)
        if attributes.isComplete { try write(.complete, LogStoreSchema.noKey, AttributeColumn()) }
    }

    // MARK: Removing

    /// Removes a part of what is too old or too much, a few thousand records at a time.
    ///
    /// - Parameter added: the records that have come since the last call.
    func makeRoom(now: UInt64, added: Int) throws(SQLiteFile.Failure) {
        if let open, open.count > 0, now > open.began, now - open.began > limits.age / 32 { try sealAlone() }
        if leaving == nil { try chooseLeaving(now) }
        guard let number = leaving else { return }
        let (first, end) = (LogShard.id(shard: number, row: 0), LogShard.id(shard: number + 1, row: 0))
        try file.run("BEGIN IMMEDIATE")
        do throws(SQLiteFile.Failure) {
            try file.run(
                "DELETE FROM records WHERE id IN (SELECT id FROM records WHERE id >= ? AND id < ? LIMIT ?)",
                [.integer(first), .integer(end), .integer(Int64(max(Self.removedAtOnce, 2 * added)))])
            let hasRecords = try has("SELECT 1 FROM records WHERE id >= ? AND id < ? LIMIT 1", [.integer(first), .integer(end)])
            let isEmpty = hasRecords ? false : try removeIndex(number, blocks: max(Self.removedBlocks, added / 4))
            if isEmpty {
                try file.run("DELETE FROM origins WHERE shard = ?", [.integer(Int64(number))])
                try file.run("DELETE FROM attribute_columns WHERE shard = ?", [.integer(Int64(number))])
                try file.run("DELETE FROM shards WHERE id = ?", [.integer(Int64(number))])
            }
            try file.run("COMMIT")
            if isEmpty { leaving = nil }
        } catch {
            try? file.run("ROLLBACK")
            throw error
        }
    }

    /// Removes a part of an index, whose table would take seconds to be dropped as a whole; returns true when all is gone.
    private func removeIndex(_ number: Int, blocks count: Int) throws(SQLiteFile.Failure) -> Bool {
        let table = LogStoreSchema.text(number)
        guard try has("SELECT 1 FROM sqlite_schema WHERE name = ?", [.text(table)]) else { return true }
        // The first ten numbers are the index's own.
        let blocks = "\(table)_data WHERE id > 10 LIMIT"
        try file.run("DELETE FROM \(table)_data WHERE id IN (SELECT id FROM \(blocks) \(count))")
        if try has("SELECT 1 FROM \(blocks) 1", []) { return false }
        try file.run("DROP TABLE \(table)")
        return true
    }

    private func has(_ query: String, _ parameters: [SQLiteFile.Value]) throws(SQLiteFile.Failure) -> Bool {
        var isFound = false
        try file.run(query, parameters) { _ in
            isFound = true
            return false
        }
        return isFound
    }

    private func sealAlone() throws(SQLiteFile.Failure) {
        var sealed: [LogShard.Summary] = []
        let before = (open, storedOrigins)
        do throws(SQLiteFile.Failure) {
            try file.run("BEGIN IMMEDIATE")
            try seal(&sealed)
            try file.run("COMMIT")
            contents.commit(sealed: sealed, open: open)
        } catch {
            try? file.run("ROLLBACK")
            (open, storedOrigins) = before
            throw error
        }
    }

    private func chooseLeaving(_ now: UInt64) throws(SQLiteFile.Failure) {
        let used = try usedBytes()
        contents.set(bytes: used)
        guard let oldest = contents.sealed.first else { return }
        let isOld = now > limits.age && oldest.newest < now - limits.age
        guard isOld || used > limits.bytes else { return }
        try file.run("UPDATE shards SET state = \(Self.isLeaving), columns = NULL WHERE id = ?", [.integer(Int64(oldest.number))])
        contents.remove(oldest.number)
        leaving = oldest.number
    }

    /// The bytes of the file that are in use; those that are free are used again.
    private func usedBytes() throws(SQLiteFile.Failure) -> Int {
        let pages = try LogStoreSchema.number("PRAGMA page_count", file) - LogStoreSchema.number("PRAGMA freelist_count", file)
        return Int(pages * (try LogStoreSchema.number("PRAGMA page_size", file)))
    }
}
