// A log record on its way into the index: its numbers, and the words by which it is found.

import ExampleSupport
import Telemetry

/// What the index has of one log record.
struct LogStoreRow {
    /// Bytes of the body, and of all attributes together, that are indexed; what comes after them is kept, not found by its words.
    static let maximumBodyBytes = 16 << 10
    static let maximumAttributeBytes = 8 << 10
    /// Levels of values in values.
    private static let maximumDepth = 8
    /// A word that no text has, which keeps phrases from reaching from one attribute into the next.
    private static let border = " \u{E000} "

    let time: UInt64
    let severity: UInt8
    private(set) var body = ""
    private(set) var attributes = ""
    /// Words for what is no text: `a` for every record, `o` and the number of its origin, `s` and its severity, `t` and `p` with its trace and span,
    /// `x` if its attributes are not all indexed.
    private(set) var keys = ""

    init(_ message: UnsafeRawBufferPointer, arrival: UInt64, origin: UInt16) throws(OTLPRequestError) {
        let index = try LogIndex(message)
        let happened = index.time > 0 ? index.time : index.observed > 0 ? index.observed : arrival
        time = min(happened, arrival)
        severity = index.severity
        var (isCut, isFull) = (false, false)
        var walker = WireWalker(message)
        while (try? walker.next()) == true {
            guard walker.hasContent else { continue }
            switch walker.number {
            case 5:
                body = ""
                _ = Self.add(value: walker.content, to: &body, limit: Self.maximumBodyBytes, depth: 0)
            case 6 where !isFull:
                let (key, value) = AttributeWalk.pair(walker.content)
                attributes += Untrusted.text(key, limit: 256) + " "
                if !Self.add(value: value, to: &attributes, limit: Self.maximumAttributeBytes, depth: 0) { isCut = true }
                attributes += Self.border
            case 12 where !isFull: attributes += Untrusted.text(walker.content, limit: 256) + Self.border
            default: break
            }
            if attributes.utf8.count > Self.maximumAttributeBytes {
                (isCut, isFull) = (true, true)
                attributes = String(decoding: attributes.utf8.prefix(Self.maximumAttributeBytes), as: UTF8.self)
            }
        }
        keys = "a o\(origin) s\(severity)"
        let trace = TraceKey(high: index.traceHigh, low: index.traceLow)
        if trace.high | trace.low != 0 { keys += " " + Self.word(trace) }
        if index.spanID != 0 { keys += " " + Self.word(span: index.spanID) }
        if isCut { keys += " x" }
    }

    static func word(_ trace: TraceKey) -> String { "t" + trace.text }

    static func word(span: UInt64) -> String { "p" + HexadecimalText.text(span) }

    /// Appends the words of a value; returns false if they are not all appended.
    private static func add(value: UnsafeRawBufferPointer, to text: inout String, limit: Int, depth: Int) -> Bool {
        guard depth <= maximumDepth, text.utf8.count < limit else { return value.isEmpty }
        switch AttributeWalk.value(value) {
        case .text(let bytes):
            let room = limit - text.utf8.count
            text += bytes.count <= room ? String(decoding: bytes, as: UTF8.self) : String(decoding: bytes[..<room], as: UTF8.self)
            return bytes.count <= room
        case .bool(let truth): text += "\(truth)"
        case .int(let number): text += "\(number)"
        case .double(let number): text += "\(number)"
        case .other: return addParts(of: value, to: &text, limit: limit, depth: depth)
        }
        return true
    }

    /// Appends the words of a list or map; bytes have none.
    private static func addParts(of value: UnsafeRawBufferPointer, to text: inout String, limit: Int, depth: Int) -> Bool {
        var isWhole = true
        var walker = WireWalker(value)
        while (try? walker.next()) == true {
            guard walker.hasContent, walker.number == 5 || walker.number == 6 else { continue }
            let isMap = walker.number == 6
            var parts = WireWalker(walker.content)
            while (try? parts.next()) == true {
                guard parts.number == 1, parts.hasContent else { continue }
                var part = parts.content
                if isMap {
                    let (key, value) = AttributeWalk.pair(parts.content)
                    text += Untrusted.text(key, limit: 256) + " "
                    part = value
                }
                if !add(value: part, to: &text, limit: limit, depth: depth + 1) { isWhole = false }
                text += " "
                if text.utf8.count >= limit { return false }
            }
        }
        return isWhole
    }
}
