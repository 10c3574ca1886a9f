// Transcodes log records from OTLP bytes to JSON, without intermediate values.

/// Writes log records as lines of JSON into a reused buffer.
struct JSONLineEncoder: Sendable {
    private let format: JSONLineFormat
    private var json = AttributeJSON()
    private var times = JSONLineTimeWriter()
    /// The scope of the current records, and its layout.
    private var scope: RecordedScope?
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
    mutating func begin(_ scope: RecordedScope) {
        // Most records have the scope of the record before.
        if scope === self.scope { return }
        self.scope = scope
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
        let start = json.beginMembers()
        assert(start == 0, "The members of the record before have been removed.")
        let record = LogLineRecord(message, attributes: &json)
        json.writer.beginObject()
        layout.text.withUnsafeBytes { text in
            for step in layout.steps { write(step, of: layout, text, record, attributesFrom: start) }
        }
        json.writer.endObject()
        json.writer.endLine()
        lineCount += 1
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
        times.write(time, as: style, to: &json.writer)
    }
}

/// The fields of an OTLP `LogRecord` message, as views of its bytes.
private struct LogLineRecord {
    private typealias Field = OTLPSchema.LogRecord

    var time: UInt64 = 0
    var observedTime: UInt64 = 0
    var severityNumber: UInt32 = 0
    var flags: UInt8 = 0
    var severityText = UnsafeRawBufferPointer(start: nil, count: 0)
    var body: UnsafeRawBufferPointer?
    var eventName = UnsafeRawBufferPointer(start: nil, count: 0)
    var traceID = UnsafeRawBufferPointer(start: nil, count: 0)
    var spanID = UnsafeRawBufferPointer(start: nil, count: 0)

    /// Reads the message; its attributes are kept for the next object.
    init(_ message: UnsafeRawBufferPointer, attributes json: inout AttributeJSON) {
        var reader = WireReader(message)
        while let field = try? reader.next() {
            switch field.number {
            case Field.time.number: time = field.number64
            case Field.severityNumber.number: severityNumber = UInt32(truncatingIfNeeded: field.number64)
            case Field.severityText.number: severityText = field.bytes
            case Field.body.number: body = field.bytes
            case Field.attributes.number: json.addMember(field.bytes)
            case Field.flags.number: flags = UInt8(truncatingIfNeeded: field.number64)
            case Field.traceID.number: traceID = field.bytes
            case Field.spanID.number: spanID = field.bytes
            case Field.observedTime.number: observedTime = field.number64
            case Field.eventName.number: eventName = field.bytes
            default: break
            }
        }
    }

    /// Whether the record has a valid trace identifier: the right length and not all zeros.
    var hasTrace: Bool { traceID.count == 16 && traceID.contains { $0 != 0 } }
    var hasSpan: Bool { spanID.count == 8 && spanID.contains { $0 != 0 } }
}
