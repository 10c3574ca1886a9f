// Handmade OTLP log records and their encoded lines.

@testable import Telemetry

/// Log records as OTLP messages, and the lines that are written for them.
enum LogLines {
    static let traceID: [UInt8] = [0x5B, 0x8E, 0xFF, 0xF7, 0x98, 0x03, 0x81, 0x03, 0xD2, 0x69, 0xB6, 0x33, 0x81, 0x3F, 0xC6, 0x0C]
    static let spanID: [UInt8] = [0xEE, 0xE1, 0x9B, 0x7E, 0xC3, 0xC1, 0xB1, 0x74]
    /// 2026-11-21T04:06:00.012345678Z
    static let time: UInt64 = 1_795_233_960_012_345_678

    static let scope = RecordedScope(
        InstrumentationScope(name: "album-store", version: "1.4"),
        resource: RecordedResource(Resource(attributes: ["service.name": "albums", "process.pid": 7], schemaURL: "")))

    /// An `AnyValue` message.
    static func anyValue(_ value: AttributeValue) -> [UInt8] {
        var list = WireWriter()
        list.field(1, attributes: ["value": value])
        return list.bytes.withUnsafeBytes { bytes in
            var outer = WireReader(bytes)
            var inner = WireReader((try? outer.next())?.bytes ?? UnsafeRawBufferPointer(start: nil, count: 0))
            var last: [UInt8] = []
            while let field = try? inner.next() { if field.number == 2 { last = Array(field.bytes) } }
            return last
        }
    }

    /// A `KeyValue` message with a key of any bytes.
    static func keyValue(_ key: [UInt8], _ value: AttributeValue) -> [UInt8] {
        var message = WireWriter()
        message.field(1, message: key)
        message.field(2, message: anyValue(value))
        return message.bytes
    }

    /// A `LogRecord` message. Pairs, since keys may come twice.
    static func record(
        _ body: AttributeValue? = nil, severity: UInt64 = 0, severityText: String = "", time: UInt64 = 0, observedTime: UInt64 = 0,
        attributes: [(String, AttributeValue)] = [], eventName: String = "", traceID: [UInt8] = [], spanID: [UInt8] = [],
        flags: UInt32? = 0
    ) -> [UInt8] {
        var message = WireWriter()
        if time > 0 { fixed64(1, time, &message) }
        message.field(2, varint: severity)
        message.field(3, text: severityText)
        if let body { message.field(5, message: anyValue(body)) }
        for (key, value) in attributes { message.field(6, message: keyValue(Array(key.utf8), value)) }
        if let flags {
            message.tag(8, .fixed32)
            message.append(withUnsafeBytes(of: flags.littleEndian) { Array($0) })
        }
        if !traceID.isEmpty { message.field(9, message: traceID) }
        if !spanID.isEmpty { message.field(10, message: spanID) }
        if observedTime > 0 { fixed64(11, observedTime, &message) }
        message.field(12, text: eventName)
        return message.bytes
    }

    private static func fixed64(_ field: Int, _ number: UInt64, _ message: inout WireWriter) {
        message.tag(field, .fixed64)
        message.append(withUnsafeBytes(of: number.littleEndian) { Array($0) })
    }

    static func bytes(_ messages: [[UInt8]], _ format: JSONLineFormat, scope: RecordedScope = scope) -> [UInt8] {
        var encoder = JSONLineEncoder(format)
        encoder.begin(ScopeReference(keptAlive: scope))
        for message in messages { message.withUnsafeBytes { encoder.append($0) } }
        return encoder.lines
    }

    /// The line of one record, without its end.
    static func line(_ message: [UInt8], _ format: JSONLineFormat) -> String {
        String(decoding: bytes([message], format).dropLast(), as: UTF8.self)
    }

    static func batch(_ messages: [[UInt8]], scope: RecordedScope = scope) -> LogBatch {
        var fields = WireWriter()
        for message in messages { fields.field(2, message: message) }
        var chunk = Chunk(scope: ScopeReference(keptAlive: scope), buffer: ChunkBuffer(capacity: max(1, fields.bytes.count)))
        var cursor = chunk.addItem(ofSize: fields.bytes.count, countingAs: messages.count)
        fields.bytes.withUnsafeBytes { cursor.copy($0) }
        var items = ItemBatch()
        items.add(ChunkSlice(chunk))
        return LogBatch(items: items)
    }
}

/// The objects of a JSON document, looked at for keys that one of them has twice.
struct JSONKeys {
    private let bytes: [UInt8]
    private var place = 0
    private(set) var hasDuplicates = false

    init(_ bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
        var open: [Set<[UInt8]>] = []
        while place < self.bytes.count {
            switch self.bytes[place] {
            case UInt8(ascii: "{"): open.append([])
            case UInt8(ascii: "}"): open.removeLast()
            case UInt8(ascii: "\""):
                let text = string()
                if place + 1 < self.bytes.count, self.bytes[place + 1] == UInt8(ascii: ":"), !open[open.count - 1].insert(text).inserted {
                    hasDuplicates = true
                }
            default: break
            }
            place += 1
        }
    }

    /// Returns the raw string at the position, which moves to its closing quote.
    private mutating func string() -> [UInt8] {
        let start = place + 1
        place = start
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") { place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1 }
        return Array(bytes[start..<min(place, bytes.count)])
    }
}

extension JSONValue {
    /// Returns the JSON text of an attribute's value.
    init(_ value: AttributeValue) {
        switch value {
        case .string(let text): self = .string(text)
        case .bool(let truth): self = .bool(truth)
        case .int(let number): self = .integer(number)
        case .double(let number) where number.isFinite: self = .number(number)
        case .double(let number): self = .string(number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity")
        case .bytes(let bytes): self = .string(Base64.encode(bytes))
        case .array(let values): self = .array(values.map { JSONValue($0) })
        case .map(let entries): self = .object(entries.mapValues { JSONValue($0) })
        case .empty: self = .null
        }
    }
}
