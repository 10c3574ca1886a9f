// Counts the log records of the file by the values of a field.

import Telemetry

extension LogStoreReader {
    /// The values of a field by the row, as codes of ``AttributeColumn``.
    private struct Codes {
        var codes: RowList<UInt16>
        /// The texts of codes; nil for what is no text or number.
        var texts: [String?]
    }

    /// Counts the records that match.
    func breakdown(
        _ term: SearchTerm, _ window: TimeWindow, _ request: LogBreakdown.Request, now: UInt64, within duration: Duration
    ) throws(SQLiteFile.Failure) -> LogBreakdown {
        var deadline = QueryDeadline(duration)
        let summaries = self.summaries(window)
        var breakdown = LogBreakdown(request, window, oldest: summaries.map(\.oldest).min(), now: now)
        let bounded = TimeWindow(from: max(breakdown.start, window.from), to: breakdown.end)
        for summary in summaries {
            guard deadline.check() else { break }
            _ = try contents.unlessRemoved(summary.number) { () throws(SQLiteFile.Failure) -> Bool? in
                guard let shard = try shard(summary) else { return nil }
                let rows = try matches(in: shard, term, bounded, &deadline)
                let codes = try codes(request.field, shard)
                let measures = try request.measure.map { (key) throws(SQLiteFile.Failure) in try attribute(key, of: shard) } ?? .unknown
                try add(rows, shard, request, codes, measures, &breakdown, &deadline)
                return true
            }
        }
        breakdown.isPartial = deadline.hasPassed
        return breakdown
    }

    private func add(
        _ rows: [Int], _ shard: LogShard, _ request: LogBreakdown.Request, _ codes: Codes, _ measures: LogVerdicts.Attribute,
        _ breakdown: inout LogBreakdown, _ deadline: inout QueryDeadline
    ) throws(SQLiteFile.Failure) {
        // The places of codes, and of those origins that stand in for records without the attribute.
        var (places, originPlaces) = ([Int?](repeating: nil, count: codes.texts.count), [Int: Int]())
        var originNumbers: [Int: Double?] = [:]
        func code(of row: Int) -> UInt16 { row < codes.codes.count ? codes.codes[row] : AttributeColumn.none }
        // Records that have to be read lie beside each other in the order of their rows.
        let rows = codes.codes.contains(AttributeColumn.unknown) ? rows.sorted() : rows
        for start in stride(from: 0, to: rows.count, by: Self.readAtOnce) {
            guard deadline.check() else { return }
            let part = rows[start..<min(rows.count, start + Self.readAtOnce)]
            var read = try messages(of: part.filter { code(of: $0) == AttributeColumn.unknown }, shard)
            for row in part {
                let code = code(of: row)
                let place: Int
                if code == AttributeColumn.unknown {
                    place = read.next(row) { Self.place(request.field, shard, row, $0, &breakdown) } ?? LogBreakdown.without
                } else if code == AttributeColumn.none {
                    let origin = Int(shard.columns.origins[row])
                    place = originPlaces[origin] ?? Self.place(request.field, shard.origins, origin, &breakdown)
                    originPlaces[origin] = place
                } else {
                    let index = Int(code) - AttributeColumn.firstCode
                    place = places[index] ?? breakdown.place(of: codes.texts[index])
                    places[index] = place
                }
                breakdown.add(time: shard.columns.times[row], severity: shard.columns.severities[row], at: place)
                guard let measure = request.measure, breakdown.wantsNumber() else { continue }
                if let number = try number(measure, measures, shard, row, &originNumbers) { breakdown.add(number: number, at: place) }
            }
        }
    }

    /// Returns the codes of all records of a shard.
    private func codes(_ field: LogField, _ shard: LogShard) throws(SQLiteFile.Failure) -> Codes {
        switch field {
        case .severity:
            return Codes(
                codes: RowList(shard.columns.severities.map { UInt16(LogSearch.level(of: min(24, $0)) + AttributeColumn.firstCode) }),
                texts: SearchCondition.severities)
        case .service, .scope:
            let texts = shard.origins.scopes.indices.map { origin in
                field == .scope ? shard.origins.scopes[origin].name : shard.origins.serviceName(ofScope: UInt32(origin))
            }
            return Codes(codes: RowList(shard.columns.origins.map { $0 + UInt16(AttributeColumn.firstCode) }), texts: texts)
        case .message:
            guard let column = try messages(of: shard) else { return Self.unknown(shard) }
            return Codes(codes: column.codes, texts: column.values.map { String(decoding: $0, as: UTF8.self) })
        case .attribute(let key):
            switch try attribute(key, of: shard) {
            case .unknown: return Self.unknown(shard)
            case .absent: return Codes(codes: RowList(), texts: [])
            case .column(let column):
                return Codes(codes: column.codes, texts: column.values.map { value in value.withUnsafeBytes { LogField.text($0) } })
            }
        }
    }

    private static func unknown(_ shard: LogShard) -> Codes {
        Codes(codes: RowList(repeatElement(AttributeColumn.unknown, count: shard.count)), texts: [])
    }

    /// Returns the place of a record by its message.
    private static func place(
        _ field: LogField, _ shard: LogShard, _ row: Int, _ message: UnsafeRawBufferPointer, _ breakdown: inout LogBreakdown
    ) -> Int {
        guard case .attribute(let key) = field else {
            return LogField.pattern(message).map { breakdown.place(of: $0) } ?? LogBreakdown.without
        }
        let value = LogField.value(of: key, record: message, shard.origins, scope: Int(shard.columns.origins[row]), LogField.text)
        return value.map { breakdown.place(of: $0) } ?? LogBreakdown.without
    }

    /// Returns the place of records that have an attribute by their origin alone.
    private static func place(_ field: LogField, _ origins: OriginTable, _ origin: Int, _ breakdown: inout LogBreakdown) -> Int {
        guard case .attribute(let key) = field,
            let value = LogField.value(of: key, origins, scope: origin, LogField.text)
        else { return LogBreakdown.without }
        return breakdown.place(of: value)
    }

    /// Returns the number of a record; those of origins are kept for records without their own.
    private func number(
        _ key: String, _ measures: LogVerdicts.Attribute, _ shard: LogShard, _ row: Int, _ originNumbers: inout [Int: Double?]
    ) throws(SQLiteFile.Failure) -> Double? {
        switch measures {
        case .unknown: return try value(of: key, shard, row, LogField.number) ?? nil
        case .absent: break
        case .column(let column):
            let code = row < column.codes.count ? column.codes[row] : AttributeColumn.none
            if code == AttributeColumn.unknown { return try value(of: key, shard, row, LogField.number) ?? nil }
            guard code == AttributeColumn.none else {
                return column.values[Int(code) - AttributeColumn.firstCode].withUnsafeBytes { LogField.number($0) }
            }
        }
        let origin = Int(shard.columns.origins[row])
        if let known = originNumbers[origin] { return known }
        let number = LogField.value(of: key, shard.origins, scope: origin, LogField.number) ?? nil
        originNumbers[origin] = .some(number)
        return number
    }

    /// Returns what the closure makes of the value of an attribute of a record that has to be read.
    private func value<Result>(
        of key: String, _ shard: LogShard, _ row: Int, _ body: (UnsafeRawBufferPointer) -> Result?
    ) throws(SQLiteFile.Failure) -> Result?? {
        try message(shard, row) { LogField.value(of: key, record: $0, shard.origins, scope: Int(shard.columns.origins[row]), body) }
    }

    /// Returns what the closure makes of a record; nil if it has been removed.
    private func message<Result>(
        _ shard: LogShard, _ row: Int, _ body: (UnsafeRawBufferPointer) -> Result?
    ) throws(SQLiteFile.Failure) -> Result? {
        var result: Result?
        try file.run("SELECT message FROM records WHERE id = ?", [.integer(LogShard.id(shard: shard.number, row: row))]) { found in
            result = found.withBytes(0, body)
            return false
        }
        return result
    }

    /// Returns the messages of records, whose rows are in rising order.
    private func messages(of rows: [Int], _ shard: LogShard) throws(SQLiteFile.Failure) -> ReadMessages {
        var read = ReadMessages()
        guard let first = rows.first, let last = rows.last else { return read }
        if last - first < Self.sparsest * rows.count {
            // A walk through the table takes a part of the time that asking for each record does.
            var next = 0
            try file.run(
                "SELECT id, message FROM records WHERE id >= ? AND id <= ? ORDER BY id",
                [.integer(LogShard.id(shard: shard.number, row: first)), .integer(LogShard.id(shard: shard.number, row: last))]
            ) { found in
                let row = LogShard.row(of: found.integer(0))
                while next < rows.count, rows[next] < row { next += 1 }
                if next < rows.count, rows[next] == row { found.withBytes(1) { read.append(row, $0) } }
                return next < rows.count
            }
        } else {
            for row in rows { _ = try message(shard, row) { read.append(row, $0) } }
        }
        return read
    }

    /// Of so many records beside each other at least one is wanted where all are walked through.
    private static let sparsest = 8

    /// The messages of some records, which are asked for in the order of their rows.
    private struct ReadMessages {
        private var bytes: [UInt8] = []
        private var ends: [(row: Int, end: Int)] = []
        private var place = 0

        mutating func append(_ row: Int, _ message: UnsafeRawBufferPointer) {
            bytes.append(contentsOf: message)
            ends.append((row, bytes.count))
        }

        /// Returns what the closure makes of a record; nil if it has been removed.
        mutating func next<Result>(_ row: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
            guard place < ends.count, ends[place].row == row else { return nil }
            let start = place == 0 ? 0 : ends[place - 1].end
            let end = ends[place].end
            place += 1
            return bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start..<end])) }
        }
    }
}
