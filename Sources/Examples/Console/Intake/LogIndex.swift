// Hot: what the index has of a log record, read in one pass over its bytes.

import ExampleSupport
import Telemetry

/// The numbers of a log record that its block keeps in columns.
struct LogIndex {
    private(set) var traceHigh: UInt64 = 0
    private(set) var traceLow: UInt64 = 0
    private(set) var spanID: UInt64 = 0
    private(set) var time: UInt64 = 0
    private(set) var observed: UInt64 = 0
    private(set) var severity: UInt8 = 0

    /// - Throws: if the message cannot be read, its body and attributes included.
    init(_ message: UnsafeRawBufferPointer) throws(OTLPRequestError) {
        var walker = WireWalker(message)
        while try MessageCheck.next(&walker) {
            switch walker.number {
            case 1 where !walker.hasContent: time = walker.value
            case 2 where !walker.hasContent: severity = walker.value <= 24 ? UInt8(walker.value) : 0
            case 5 where walker.hasContent: try MessageCheck.value(walker.content, depth: 0)
            case 6 where walker.hasContent: try MessageCheck.keyValue(walker.content, depth: 0)
            case 9 where walker.hasContent:
                try MessageCheck.identifier(walker.content, 16, "traceId")
                (traceHigh, traceLow) =
                    walker.contentCount == 16 ? (walker.content.bigEndian(at: 0), walker.content.bigEndian(at: 8)) : (0, 0)
            case 10 where walker.hasContent:
                try MessageCheck.identifier(walker.content, 8, "spanId")
                spanID = walker.contentCount == 8 ? walker.content.bigEndian(at: 0) : 0
            case 11 where !walker.hasContent: observed = walker.value
            default: break
            }
        }
    }
}
