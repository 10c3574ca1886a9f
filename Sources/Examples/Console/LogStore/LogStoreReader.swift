// Answers searches from the file of the log store.

import ExampleSupport
import Telemetry

/// A connection for searches.
///
/// It is `@unchecked Sendable` since ``LogStore`` hands it to one thread at a time and takes it back when that is done.
final class LogStoreReader: @unchecked Sendable {
    /// A record that matches: its place in the order of times, and its number in the store.
    struct Hit {
        let entry: Int64
        let id: Int64

        var order: (step: Int64, id: Int64) { (LogShard.step(ofEntry: entry), id) }
    }

    /// Candidates that are asked for at once, at first and at most.
    private static let (firstPart, largestPart) = (512, 16_384)
    /// Records that are read at once to be looked at.
    static let readAtOnce = 256

    let file: SQLiteFile
    let contents: LogStoreContents

    init(_ path: String, _ contents: LogStoreContents) throws(SQLiteFile.Failure) {
        file = try SQLiteFile(path)
        self.contents = contents
    }

    // MARK: Searches

    /// Returns the newest records before a place, each in a block of its own that bears its number.
    func newest(
        _ term: SearchTerm, _ window: TimeWindow, _ limit: Int, before place: ListPlace?, within duration: Duration
    ) throws(SQLiteFile.Failure) -> (result: LogSearch.Result, blocks: [LogBlock]) {
        var deadline = QueryDeadline(duration)
        var hits: [Hit] = []
        for summary in summaries(window) {
            // Later shards have older records, but for what came late.
            if hits.count > limit, hits[limit].order.step > LogShard.step(of: summary.newest) { break }
            guard deadline.check() else { break }
            let found = try contents.unlessRemoved(summary.number) { () throws(SQLiteFile.Failure) -> [Hit]? in
                guard let shard = try shard(summary) else { return nil }
                return try newest(of: shard, term, window, limit + 1, before: place, &deadline)
            }
            guard let found else { continue }
            hits += found
            hits.sort { $0.order > $1.order }
            if hits.count > limit + 1 { hits.removeLast(hits.count - limit - 1) }
        }
        var result = LogSearch.Result()
        var blocks: [LogBlock] = []
        for hit in hits.prefix(limit) {
            guard let block = try block(hit) else { continue }
            result.records.append(LogSearch.Place(block: blocks.count, row: 0))
            blocks.append(block)
        }
        result.matched = hits.count
        result.scanned = deadline.scanned
        result.isPartial = deadline.hasPassed
        if hits.count > limit, let last = blocks.last { result.next = ListPlace(time: last.sortTime[0], number: UInt64(last.firstNumber)) }
        return (result, blocks)
    }

    private func newest(
        of shard: LogShard, _ term: SearchTerm, _ window: TimeWindow, _ limit: Int, before place: ListPlace?,
        _ deadline: inout QueryDeadline
    ) throws(SQLiteFile.Failure) -> [Hit] {
        guard let query = try query(term, shard, &deadline), !query.takesNone else { return [] }
        let end = place.map { (LogShard.step(of: $0.time), Int64(clamping: $0.number)) }
        func isWanted(_ hit: Hit) -> Bool { end.map { hit.order < $0 } ?? true }
        guard let text = query.text else {
            let rows = try self.rows(shard, query, window, &deadline)
            let hits = rows.map { hit(shard, $0) }.filter(isWanted).sorted { $0.entry > $1.entry }
            if query.residual.isEmpty { return Array(hits.prefix(limit)) }
            return try checked(hits, query, shard, limit, &deadline)
        }
        var found: [Hit] = []
        var (top, part) = (place.map { LogShard.entry(time: $0.time, row: LogShard.maximumRecords - 1) } ?? .max, Self.firstPart)
        while found.count < limit, !deadline.hasPassed {
            let entries = try self.entries(shard, text, window, top: top, limit: part)
            var hits: [Hit] = []
            for entry in entries {
                guard deadline.countsRow() else { break }
                let row = LogShard.row(ofEntry: entry)
                guard row < shard.count, passes(query, shard, row, window) else { continue }
                let hit = Hit(entry: entry, id: LogShard.id(shard: shard.number, row: row))
                if isWanted(hit) { hits.append(hit) }
            }
            found += query.residual.isEmpty ? hits : try checked(hits, query, shard, limit - found.count, &deadline)
            guard entries.count == part, let last = entries.last else { break }
            (top, part) = (last - 1, min(part * 4, Self.largestPart))
        }
        return Array(found.prefix(limit))
    }

    /// Counts the records that match in steps of time, by severity, and by service.
    func volume(
        _ term: SearchTerm, _ window: TimeWindow, steps: Int, now: UInt64, within duration: Duration
    ) throws(SQLiteFile.Failure) -> LogSearch.Volume {
        var deadline = QueryDeadline(duration)
        let summaries = self.summaries(window)
        var volume = LogSearch.Volume(window, oldest: summaries.map(\.oldest).min(), now: now, steps: steps)
        let bounded = TimeWindow(from: max(volume.start, window.from), to: volume.end)
        for summary in summaries {
            guard deadline.check() else { break }
            let found = try contents.unlessRemoved(summary.number) { () throws(SQLiteFile.Failure) -> (rows: [Int], shard: LogShard)? in
                guard let shard = try shard(summary) else { return nil }
                return (try matches(in: shard, term, bounded, &deadline), shard)
            }
            if let found { volume.add(found.rows, of: found.shard) }
        }
        volume.isPartial = deadline.hasPassed
        return volume
    }

    /// Returns the records of a shard that match, in any order.
    func matches(
        in shard: LogShard, _ term: SearchTerm, _ window: TimeWindow, _ deadline: inout QueryDeadline
    ) throws(SQLiteFile.Failure) -> [Int] {
        guard let query = try query(term, shard, &deadline), !query.takesNone else { return [] }
        var rows: [Int]
        if let text = query.text {
            rows = []
            for entry in try entries(shard, text, window, top: .max, limit: .max) {
                guard deadline.countsRow() else { break }
                let row = LogShard.row(ofEntry: entry)
                if row < shard.count, passes(query, shard, row, window) { rows.append(row) }
            }
        } else {
            rows = try self.rows(shard, query, window, &deadline)
        }
        guard !query.residual.isEmpty else { return rows }
        return try checked(rows.map { hit(shard, $0) }, query, shard, .max, &deadline).map { LogShard.row(of: $0.id) }
    }

    // MARK: Candidates

    private func hit(_ shard: LogShard, _ row: Int) -> Hit {
        Hit(entry: LogShard.entry(time: shard.columns.times[row], row: row), id: LogShard.id(shard: shard.number, row: row))
    }

    /// Returns the shards with records in the window, those with the newest ones first.
    func summaries(_ window: TimeWindow) -> [LogShard.Summary] {
        let (sealed, open) = contents.shards
        return (sealed + (open.map { [LogShard.Summary($0)] } ?? [])).filter {
            $0.count > 0 && $0.oldest < window.to && $0.newest >= window.from
        }
        .sorted { ($0.newest, $0.number) > ($1.newest, $1.number) }
    }

    func shard(_ summary: LogShard.Summary) throws(SQLiteFile.Failure) -> LogShard? {
        if let open = contents.shards.open, open.number == summary.number { return open }
        if let shard = contents.loaded(summary.number) { return shard }
        let shard = try Self.load(summary, file)
        // It may be on its way out; one that was open may have more by now.
        guard shard.count >= summary.count else { return nil }
        contents.keep(loaded: shard)
        return shard
    }

    /// Reads the columns and origins of a shard.
    static func load(_ summary: LogShard.Summary, _ file: SQLiteFile) throws(SQLiteFile.Failure) -> LogShard {
        var shard = LogShard(number: summary.number, began: summary.began)
        try file.run(
            "SELECT resource, resource_schema, scope, scope_schema FROM origins WHERE shard = ? ORDER BY number",
            [.integer(Int64(summary.number))]
        ) { row in
            _ = shard.origin(row.bytes(0), row.text(1), row.bytes(2), row.text(3))
            return true
        }
        var columns: LogColumns?
        try file.run("SELECT columns FROM shards WHERE id = ? AND columns IS NOT NULL", [.integer(Int64(summary.number))]) { row in
            columns = LogColumns(row.bytes(0))
            return false
        }
        if let columns {
            shard.restore(columns, bytes: summary.bytes)
            return shard
        }
        try file.run(
            "SELECT time, severity, origin, message FROM records WHERE id >= ? AND id < ? ORDER BY id",
            [.integer(LogShard.id(shard: summary.number, row: 0)), .integer(LogShard.id(shard: summary.number + 1, row: 0))]
        ) { row in
            row.withBytes(3) { message in
                shard.append(
                    time: UInt64(bitPattern: row.integer(0)), severity: UInt8(clamping: row.integer(1)),
                    origin: UInt16(clamping: row.integer(2)), message)
            }
            return shard.count < LogShard.maximumRecords
        }
        return shard
    }

    /// Returns entries of the index, the newest first.
    private func entries(
        _ shard: LogShard, _ text: String, _ window: TimeWindow, top: Int64, limit: Int
    ) throws(SQLiteFile.Failure) -> [Int64] {
        let table = LogStoreSchema.text(shard.number)
        let (low, high) = (
            LogShard.entry(time: window.from, row: 0), min(top, LogShard.entry(time: window.to, row: LogShard.maximumRecords - 1))
        )
        return try file.integers(
            "SELECT rowid FROM \(table) WHERE \(table) MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid DESC",
            [.text(text), .integer(low), .integer(high)], limit: limit)
    }

    /// Returns the records that pass by their columns alone.
    private func rows(
        _ shard: LogShard, _ query: LogIndexQuery, _ window: TimeWindow, _ deadline: inout QueryDeadline
    ) throws(SQLiteFile.Failure) -> [Int] {
        guard deadline.counts(shard.count) else { return [] }
        return (0..<shard.count).filter { passes(query, shard, $0, window) }
    }

    @inline(__always)
    private func passes(_ query: LogIndexQuery, _ shard: LogShard, _ row: Int, _ window: TimeWindow) -> Bool {
        guard window.contains(shard.columns.times[row]) else { return false }
        if let verdicts = query.verdicts, verdicts[row] == LogVerdicts.no { return false }
        if let severities = query.severities, !severities[Int(min(24, shard.columns.severities[row]))] { return false }
        if let origins = query.origins {
            let origin = Int(shard.columns.origins[row])
            return origin < origins.count && origins[origin]
        }
        return true
    }

    // MARK: Records

    /// Returns the first of the hits that pass what the index could not decide.
    private func checked(
        _ hits: [Hit], _ query: LogIndexQuery, _ shard: LogShard, _ limit: Int, _ deadline: inout QueryDeadline
    ) throws(SQLiteFile.Failure) -> [Hit] {
        let check = AttributeCheck(query.residual, shard.origins)
        let term = query.residual.count == 1 ? query.residual[0] : SearchTerm.all(query.residual)
        func isDecided(_ hit: Hit) -> Bool { query.verdicts.map { $0[LogShard.row(of: hit.id)] == LogVerdicts.yes } ?? false }
        var passed: [Hit] = []
        var place = 0
        while place < hits.count, passed.count < limit, deadline.check() {
            let part = hits[place..<min(hits.count, place + Self.readAtOnce)]
            place += part.count
            let open = part.filter { !isDecided($0) }
            if open.isEmpty {
                passed += part
                continue
            }
            let passing = if let check { try pass(open, check, shard) } else { try pass(open, term) }
            passed += part.filter { isDecided($0) || passing.contains($0.id) }
        }
        return passed
    }

    /// Returns the numbers of the records that pass a term.
    private func pass(_ hits: [Hit], _ term: SearchTerm) throws(SQLiteFile.Failure) -> Set<Int64> {
        var block = LogBlock(run: 0, firstNumber: 0)
        var read: [Hit] = []
        for hit in hits {
            guard let body = try request(hit.id), (try? block.append(body)) != nil else { continue }
            read.append(hit)
        }
        let filter = ItemFilter(term, block, runs: [:])
        return Set((0..<min(block.count, read.count)).filter { filter.passes($0) }.map { read[$0].id })
    }

    /// Does the same for conditions on attributes alone, without taking the records out of the file.
    private func pass(_ hits: [Hit], _ check: AttributeCheck, _ shard: LogShard) throws(SQLiteFile.Failure) -> Set<Int64> {
        var passing: Set<Int64> = []
        for hit in hits {
            let origin = Int(shard.columns.origins[LogShard.row(of: hit.id)])
            try file.run("SELECT message FROM records WHERE id = ?", [.integer(hit.id)]) { row in
                if row.withBytes(0, { check.passes($0, origin: origin) }) { passing.insert(hit.id) }
                return false
            }
        }
        return passing
    }

    private func block(_ hit: Hit) throws(SQLiteFile.Failure) -> LogBlock? {
        guard let body = try request(hit.id) else { return nil }
        var block = LogBlock(run: 0, firstNumber: Int(hit.id))
        guard (try? block.append(body)) != nil, block.count == 1 else { return nil }
        return block
    }

    /// Returns a record as the request that would bring it; nil if it has been removed.
    private func request(_ id: Int64) throws(SQLiteFile.Failure) -> ReceivedBody? {
        var body: ReceivedBody?
        try file.run(
            "SELECT records.time, message, resource, resource_schema, scope, scope_schema FROM records "
                + "JOIN origins ON origins.shard = ? AND origins.number = records.origin WHERE records.id = ?",
            [.integer(Int64(LogShard.shard(of: id))), .integer(id)]
        ) { row in
            var writer = NestedWireWriter()
            let resourceLogs = writer.begin(OTLPSchema.AnySignal.resources.number)
            writer.field(OTLPSchema.AnySignal.resource.number, row.bytes(2))
            let scopeLogs = writer.begin(OTLPSchema.AnySignal.scopes.number)
            writer.field(OTLPSchema.AnySignal.scope.number, row.bytes(4))
            writer.field(OTLPSchema.AnySignal.items.number, row.bytes(1))
            writer.field(OTLPSchema.AnySignal.scopeSchemaURL.number, row.bytes(5))
            writer.end(scopeLogs)
            writer.field(OTLPSchema.AnySignal.resourceSchemaURL.number, row.bytes(3))
            writer.end(resourceLogs)
            body = ReceivedBody(writer.bytes, arrival: UInt64(bitPattern: row.integer(0)))
            return false
        }
        return body
    }
}

extension NestedWireWriter {
    fileprivate mutating func field(_ number: Int, _ content: [UInt8]) {
        let mark = begin(number)
        append(content)
        end(mark)
    }
}

extension LogSearch.Volume {
    /// Counts records of a shard.
    fileprivate mutating func add(_ rows: [Int], of shard: LogShard) {
        var byOrigin = [Int](repeating: 0, count: shard.origins.scopes.count * 6)
        for row in rows {
            let level = LogSearch.level(of: shard.columns.severities[row])
            let time = shard.columns.times[row]
            if time >= start { counts[min(counts.count - 1, Int((time - start) / step))][level] += 1 }
            let place = Int(shard.columns.origins[row]) * 6 + level
            if place < byOrigin.count { byOrigin[place] += 1 }
        }
        for origin in 0..<shard.origins.scopes.count where byOrigin[origin * 6..<origin * 6 + 6].contains(where: { $0 > 0 }) {
            add(Array(byOrigin[origin * 6..<origin * 6 + 6]), of: shard.origins.serviceName(ofScope: UInt32(origin)))
        }
    }
}
