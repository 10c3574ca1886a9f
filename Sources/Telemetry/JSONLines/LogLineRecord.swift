// Hot: reads log records for lines of JSON.

/// The fields of an OTLP `LogRecord` message, as views of its bytes.
struct LogLineRecord {
    private typealias Field = OTLPSchema.LogRecord

    private(set) var time: UInt64 = 0
    private(set) var observedTime: UInt64 = 0
    private(set) var severityNumber: UInt32 = 0
    private(set) var flags: UInt8 = 0
    private(set) var severityText = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var body: UnsafeRawBufferPointer?
    private(set) var eventName = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var traceID = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var spanID = UnsafeRawBufferPointer(start: nil, count: 0)

    /// Reads the message, and calls the closure with each attribute: a `KeyValue` message.
    @inline(__always)
    init(_ message: UnsafeRawBufferPointer, _ attribute: (UnsafeRawBufferPointer) -> Void) {
        var place = 0
        // The fields as this library writes them, each by its tag: a reader, which takes any field, needs three times the instructions.
        while message.count &- place >= 9, let base = message.baseAddress {
            let start = base + place
            let tag = start.load(as: UInt8.self)
            if tag == Field.time.tag || tag == Field.observedTime.tag {
                let number = UInt64(littleEndian: start.loadUnaligned(fromByteOffset: 1, as: UInt64.self))
                if tag == Field.time.tag { time = number } else { observedTime = number }
                place &+= 9
                continue
            }
            if tag == Field.flags.tag {
                flags = start.load(fromByteOffset: 1, as: UInt8.self)
                place &+= 5
                continue
            }
            let count = Int(start.load(fromByteOffset: 1, as: UInt8.self))
            guard count < 0x80 else { break }
            if tag == Field.severityNumber.tag {
                severityNumber = UInt32(count)
                place &+= 2
                continue
            }
            guard tag & 0x87 == WireType.lengthDelimited.rawValue, tag >= 8, count <= message.count &- place &- 2 else { break }
            let bytes = UnsafeRawBufferPointer(start: start + 2, count: count)
            switch tag {
            case Field.attributes.tag: attribute(bytes)
            case Field.severityText.tag: severityText = bytes
            case Field.body.tag: body = bytes
            case Field.traceID.tag: traceID = bytes
            case Field.spanID.tag: spanID = bytes
            case Field.eventName.tag: eventName = bytes
            default: break
            }
            place &+= 2 &+ count
        }
        if place < message.count { readRest(UnsafeRawBufferPointer(rebasing: message[place...]), attribute) }
    }

    /// Reads fields of any form.
    @inline(never)
    private mutating func readRest(_ message: UnsafeRawBufferPointer, _ attribute: (UnsafeRawBufferPointer) -> Void) {
        var reader = WireReader(message)
        while let field = reader.nextRaw() {
            switch field.number {
            case Field.time.number: time = field.number64
            case Field.severityNumber.number: severityNumber = UInt32(truncatingIfNeeded: field.number64)
            case Field.severityText.number: severityText = field.bytes
            case Field.body.number: body = field.bytes
            case Field.attributes.number: attribute(field.bytes)
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
    var hasTrace: Bool {
        guard traceID.count == 16 else { return false }
        return traceID.loadUnaligned(as: UInt64.self) | traceID.loadUnaligned(fromByteOffset: 8, as: UInt64.self) != 0
    }

    var hasSpan: Bool { spanID.count == 8 && spanID.loadUnaligned(as: UInt64.self) != 0 }
}
