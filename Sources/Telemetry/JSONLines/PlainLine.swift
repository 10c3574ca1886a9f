// Hot: writes the lines of records as nearly all are, in one piece.

/// Writes the line of a log record to memory that is reserved for all of it.
///
/// It gives up at the first text that is not ASCII, or needs escapes and is long; what ``JSONLineEncoder`` writes of any record is the rule for
/// what it writes.
struct PlainLine {
    /// Records with more attributes are none of these.
    static let maximumAttributes = 16
    /// Longer records are none of these if their texts need escapes, which may take six times their room.
    static let longestEscaped = 4096

    private(set) var cursor: JSONCursor
    private let start: UnsafeMutableRawPointer
    /// Where the room ends.
    private let end: UnsafeMutableRawPointer
    private let layout: JSONLineLayout
    /// Whether there is room for escapes.
    private let mayEscape: Bool
    /// Whether there was a text that cannot be written here.
    private var hasOther = false

    /// - Parameter room: what ``room(for:of:_:_:)`` says, which is reserved.
    init(_ cursor: JSONCursor, _ layout: JSONLineLayout, for message: UnsafeRawBufferPointer, room: Int) {
        self.cursor = cursor
        self.layout = layout
        start = cursor.pointer
        end = cursor.pointer + room
        mayEscape = message.count <= Self.longestEscaped
    }

    /// Returns the most that a line takes: each step writes text of the layout once, and a time, an identifier or attributes; all together write
    /// the texts of the record as often as the layout repeats them.
    static func room(
        for record: LogLineRecord, of message: UnsafeRawBufferPointer, _ attributes: PlainAttributes, _ layout: JSONLineLayout
    ) -> Int {
        let count = message.count * layout.repetitions + record.severityText.count * layout.severityRepetitions
        let texts = message.count <= longestEscaped ? JSONCursor.escapedRoom(for: count) : count
        let step = 4 + JSONLineTimeWriter.longest + attributes.count * (6 + JSONCursor.longestNumber)
        return layout.text.count + layout.steps.count * step + texts + 8
    }

    /// Writes the line; returns false if the record is not plain, whatever has been written.
    mutating func write(_ record: LogLineRecord, _ attributes: PlainAttributes, _ times: inout JSONLineTimeWriter) -> Bool {
        layout.text.withUnsafeBytes { text in
            for step in layout.steps where !write(step, text, record, attributes, &times) { return false }
            // Each member begins with a comma, the first of which becomes the brace.
            if cursor.pointer == start { cursor.byte(UInt8(ascii: ",")) }
            start.storeBytes(of: UInt8(ascii: "{"), as: UInt8.self)
            cursor.byte(UInt8(ascii: "}"))
            cursor.byte(UInt8(ascii: "\n"))
            return !hasOther
        }
    }

    /// Writes the members of a step; returns false if they are beyond plain lines.
    @inline(__always)
    private mutating func write(
        _ step: JSONLineLayout.Step, _ text: UnsafeRawBufferPointer, _ record: LogLineRecord,
        _ attributes: PlainAttributes, _ times: inout JSONLineTimeWriter
    ) -> Bool {
        func encoded(_ piece: JSONLineLayout.Piece) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: text[piece]) }
        switch step {
        case .fixed(let members): member(encoded(members))
        case .time(let key, let style):
            let time = record.time > 0 ? record.time : record.observedTime
            guard time > 0 else { return true }
            member(encoded(key))
            times.write(time, as: style, to: &cursor)
        case .observedTime(let key, let style):
            guard record.observedTime > 0 else { return true }
            member(encoded(key))
            times.write(record.observedTime, as: style, to: &cursor)
        case .severityText(let key):
            guard !record.severityText.isEmpty else { return record.severityNumber == 0 }
            member(encoded(key), record.severityText)
        case .severityNumber(let key):
            guard record.severityNumber != 0 else { return true }
            member(encoded(key))
            cursor.unsigned(UInt64(record.severityNumber))
        case .level(let key, let firstLevel):
            if (1...24).contains(record.severityNumber) {
                member(encoded(key))
                cursor.copy(encoded(layout.levels[firstLevel + (Int(record.severityNumber) - 1) / 4]))
            } else if !record.severityText.isEmpty {
                member(encoded(key), record.severityText)
            }
        case .body(let key):
            guard let body = record.body else { return true }
            guard let body = PlainAttribute.text(of: body) else { return false }
            member(encoded(key), body)
        case .attributes(let key):
            guard attributes.count > 0 else { return true }
            member(encoded(key))
            let brace = cursor.pointer
            write(attributes)
            brace.storeBytes(of: UInt8(ascii: "{"), as: UInt8.self)
            cursor.byte(UInt8(ascii: "}"))
        case .flatAttributes: write(attributes)
        case .eventName(let key):
            if !record.eventName.isEmpty { member(encoded(key), record.eventName) }
        case .traceID(let key, let prefix):
            guard record.hasTrace else { return true }
            member(encoded(key))
            cursor.byte(UInt8(ascii: "\""))
            cursor.copy(encoded(prefix))
            cursor.hexadecimal(record.traceID)
            cursor.byte(UInt8(ascii: "\""))
        case .spanID(let key):
            guard record.hasTrace, record.hasSpan else { return true }
            member(encoded(key))
            cursor.byte(UInt8(ascii: "\""))
            cursor.hexadecimal(record.spanID)
            cursor.byte(UInt8(ascii: "\""))
        case .traceFlags(let key):
            guard record.hasTrace else { return true }
            member(encoded(key))
            cursor.byte(UInt8(ascii: "\""))
            withUnsafeBytes(of: record.flags) { cursor.hexadecimal($0) }
            cursor.byte(UInt8(ascii: "\""))
        case .traceSampled(let key):
            guard record.hasTrace else { return true }
            member(encoded(key))
            cursor.truth(record.flags & 1 != 0)
        }
        return true
    }

    /// Writes encoded members, or an encoded key whose value comes next.
    @inline(__always)
    private mutating func member(_ encoded: UnsafeRawBufferPointer) {
        cursor.byte(UInt8(ascii: ","))
        cursor.copy(encoded)
    }

    @inline(__always)
    private mutating func member(_ key: UnsafeRawBufferPointer, _ text: UnsafeRawBufferPointer) {
        member(key)
        quoted(text)
    }

    /// Writes a text with its quotes, and once more if it needs escapes.
    @inline(__always)
    private mutating func quoted(_ text: UnsafeRawBufferPointer) {
        let start = cursor.pointer
        cursor.quoted(checking: text)
        if !cursor.isPlain { escape(text, from: start) }
    }

    @inline(never)
    private mutating func escape(_ text: UnsafeRawBufferPointer, from start: UnsafeMutableRawPointer) {
        if hasOther || !mayEscape || !cursor.rewrite(escaping: text, from: start, upTo: end) { hasOther = true }
    }

    private mutating func write(_ attributes: PlainAttributes) {
        for index in 0..<attributes.count {
            let attribute = attributes[index]
            cursor.byte(UInt8(ascii: ","))
            quoted(attribute.key)
            cursor.byte(UInt8(ascii: ":"))
            switch attribute.value.tag {
            case UInt64(OTLPSchema.AnyValue.string.tag): quoted(attribute.value.bytes)
            case UInt64(OTLPSchema.AnyValue.bool.tag): cursor.truth(attribute.value.number64 != 0)
            case UInt64(OTLPSchema.AnyValue.int.tag): cursor.integer(Int64(bitPattern: attribute.value.number64))
            default: cursor.double(Double(bitPattern: attribute.value.number64))
            }
        }
    }
}
