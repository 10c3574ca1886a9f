// Transcodes log records from OTLP bytes to JSON, without intermediate values.

/// Writes log records as lines of JSON into a reused buffer.
struct JSONLineEncoder: Sendable {
    private let format: JSONLineFormat
    private var json = AttributeJSON()
    private var times = JSONLineTimeWriter()
    /// The scope of the current records, which ``layouts`` keeps alive, and its layout.
    private var scope: ScopeReference?
    private var layout: JSONLineLayout?
    private var layouts: [ObjectIdentifier: (scope: RecordedScope, layout: JSONLineLayout)] = [:]

    /// The limit for cached layouts: programs have few scopes, but received scopes change.
    private static let maximumLayouts = 64
    /// Larger buffers are freed after use.
    private static let keptBytes = 1 << 20

    init(_ format: JSONLineFormat) {
        self.format = format.withoutRepetitions
    }

    /// The lines since the last ``removeAll()``.
    var lines: [UInt8] { json.writer.bytes }

    /// The number of bytes of the lines.
    var count: Int { json.writer.bytes.count }

    /// The number of lines.
    private(set) var lineCount = 0

    mutating func removeAll() {
        lineCount = 0
        json.writer.removeAll(keepingAtMost: Self.keptBytes)
    }

    /// Terminates a partial line that an earlier write left.
    mutating func appendLineEnd() { json.writer.endLine() }

    /// Sets the scope of the records that follow.
    @inline(__always)
    mutating func begin(_ scope: ScopeReference) {
        // Most records have the scope of the record before.
        if scope != self.scope { change(to: scope) }
    }

    @inline(never)
    private mutating func change(to reference: ScopeReference) {
        let scope = reference.scope
        self.scope = reference
        if let known = layouts[ObjectIdentifier(scope)] {
            layout = known.layout
        } else {
            if layouts.count >= Self.maximumLayouts { layouts.removeAll() }
            let made = JSONLineLayout(format, scope)
            layouts[ObjectIdentifier(scope)] = (scope, made)
            layout = made
        }
    }

    /// Writes a line for an OTLP `LogRecord` message; a damaged message is written as far as it is readable.
    mutating func append(_ message: UnsafeRawBufferPointer) {
        guard let layout else { return }
        lineCount += 1
        if !appendPlain(message, layout) { appendAny(message, layout) }
    }

    /// Writes the line of a record as most are, with few attributes that are not nested and texts in ASCII; returns whether it did.
    ///
    /// It takes a sixth of the instructions of any line.
    mutating func appendPlain(_ message: UnsafeRawBufferPointer, _ layout: JSONLineLayout) -> Bool {
        withUnsafeTemporaryAllocation(of: PlainAttribute.self, capacity: PlainLine.maximumAttributes) { memory in
            var attributes = PlainAttributes(memory)
            let record = LogLineRecord(message) { attributes.add($0) }
            guard attributes.arePlain(beside: layout.reserved) else { return false }
            let room = PlainLine.room(for: record, of: message, attributes, layout)
            return json.writer.writeDocument(upTo: room) { cursor in
                var line = PlainLine(cursor, layout, for: message, room: room)
                let isPlain = line.write(record, attributes, &times)
                cursor = line.cursor
                return isPlain
            }
        }
    }

    /// Writes the line of any record.
    mutating func appendAny(_ message: UnsafeRawBufferPointer, _ layout: JSONLineLayout) {
        let start = json.beginMembers()
        assert(start == 0, "The members of the record before have been removed.")
        let record = LogLineRecord(message) { json.addMember($0) }
        json.writer.beginObject()
        layout.text.withUnsafeBytes { text in
            for step in layout.steps { write(step, of: layout, text, record, attributesFrom: start) }
        }
        json.writer.endObject()
        json.writer.endLine()
        json.endMembers(from: start)
    }

    /// - Parameter text: the encoded text of the layout, in which the pieces of the step lie.
    private mutating func write(
        _ step: JSONLineLayout.Step, of layout: JSONLineLayout, _ text: UnsafeRawBufferPointer, _ record: LogLineRecord,
        attributesFrom start: Int
    ) {
        func encoded(_ piece: JSONLineLayout.Piece) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: text[piece]) }
        switch step {
        case .fixed(let members): json.writer.append(encoded: encoded(members))
        case .time(let key, let style): write(record.time > 0 ? record.time : record.observedTime, encoded(key), style)
        case .observedTime(let key, let style): write(record.observedTime, encoded(key), style)
        case .severityText(let key):
            if !record.severityText.isEmpty {
                write(encoded(key), text: record.severityText)
            } else if let severity = LogSeverity(rawValue: UInt8(clamping: record.severityNumber)), severity != .unspecified {
                json.writer.key(encoded: encoded(key))
                json.writer.value(text: severity.shortName)
            }
        case .severityNumber(let key):
            guard record.severityNumber != 0 else { return }
            json.writer.key(encoded: encoded(key))
            json.writer.value(record.severityNumber)
        case .level(let key, let firstLevel):
            guard (1...24).contains(record.severityNumber) else { return write(encoded(key), text: record.severityText) }
            json.writer.key(encoded: encoded(key))
            json.writer.append(encoded: encoded(layout.levels[firstLevel + (Int(record.severityNumber) - 1) / 4]))
        case .body(let key):
            guard let body = record.body else { return }
            json.writer.key(encoded: encoded(key))
            json.value(body)
        case .attributes(let key):
            guard json.hasMembers(from: start) else { return }
            json.writer.key(encoded: encoded(key))
            json.writer.beginObject()
            json.writeMembers(from: start)
            json.writer.endObject()
        case .flatAttributes: json.writeMembers(from: start, reserved: layout.reserved)
        case .eventName(let key): write(encoded(key), text: record.eventName)
        case .traceID(let key, let prefix):
            guard record.hasTrace else { return }
            json.writer.key(encoded: encoded(key))
            json.writer.value(hexadecimal: record.traceID, after: encoded(prefix))
        case .spanID(let key):
            guard record.hasTrace, record.hasSpan else { return }
            json.writer.key(encoded: encoded(key))
            json.writer.value(hexadecimal: record.spanID)
        case .traceFlags(let key):
            guard record.hasTrace else { return }
            json.writer.key(encoded: encoded(key))
            withUnsafeBytes(of: record.flags) { json.writer.value(hexadecimal: $0) }
        case .traceSampled(let key):
            guard record.hasTrace else { return }
            json.writer.key(encoded: encoded(key))
            json.writer.value(record.flags & 1 != 0)
        }
    }

    private mutating func write(_ key: UnsafeRawBufferPointer, text: UnsafeRawBufferPointer) {
        guard !text.isEmpty else { return }
        json.writer.key(encoded: key)
        json.writer.value(text: text)
    }

    private mutating func write(_ time: UInt64, _ key: UnsafeRawBufferPointer, _ style: JSONLineTime) {
        guard time > 0 else { return }
        json.writer.key(encoded: key)
        json.writer.writeValue(upTo: JSONLineTimeWriter.longest) { times.write(time, as: style, to: &$0) }
    }
}
