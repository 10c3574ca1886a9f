// Hot: what the index has of a span, read in one pass over its bytes.

import ExampleSupport
import Telemetry

/// The numbers of a span that its block keeps in columns. It is valid as long as the span's memory.
struct SpanIndex: ~Copyable {
    private(set) var traceHigh: UInt64 = 0
    private(set) var traceLow: UInt64 = 0
    private(set) var spanID: UInt64 = 0
    private(set) var parent: UInt64 = 0
    private(set) var start: UInt64 = 0
    private(set) var end: UInt64 = 0
    private(set) var kind: UInt8 = 0
    private(set) var status: UInt8 = 0
    private(set) var weight: Float = 1
    private(set) var name = UnsafeRawBufferPointer(start: nil, count: 0)

    /// Spans without identifiers belong to no trace.
    var isValid: Bool { traceHigh | traceLow != 0 && spanID != 0 }

    /// - Throws: if the message cannot be read, its attributes, events and links included.
    init(_ message: UnsafeRawBufferPointer) throws(OTLPRequestError) {
        var walker = WireWalker(message)
        while try MessageCheck.next(&walker) {
            switch walker.number {
            case 1 where walker.hasContent:
                try MessageCheck.identifier(walker.content, 16, "traceId")
                (traceHigh, traceLow) =
                    walker.contentCount == 16 ? (walker.content.bigEndian(at: 0), walker.content.bigEndian(at: 8)) : (0, 0)
            case 2 where walker.hasContent:
                try MessageCheck.identifier(walker.content, 8, "spanId")
                spanID = walker.contentCount == 8 ? walker.content.bigEndian(at: 0) : 0
            case 3 where walker.hasContent: weight = SamplingWeight.weight(ofTraceState: walker.content)
            case 4 where walker.hasContent:
                try MessageCheck.identifier(walker.content, 8, "parentSpanId")
                parent = walker.contentCount == 8 ? walker.content.bigEndian(at: 0) : 0
            case 5 where walker.hasContent: name = walker.content
            case 6 where !walker.hasContent: kind = walker.value <= 5 ? UInt8(walker.value) : 0
            case 7 where !walker.hasContent: start = walker.value
            case 8 where !walker.hasContent: end = walker.value
            case 9 where walker.hasContent: try MessageCheck.keyValue(walker.content, depth: 0)
            case 11 where walker.hasContent: try MessageCheck.attributes(3, of: walker.content)
            case 13 where walker.hasContent: try Self.checkLink(walker.content)
            case 15 where walker.hasContent: status = try Self.code(ofStatus: walker.content)
            default: break
            }
        }
    }

    private static func code(ofStatus message: UnsafeRawBufferPointer) throws(OTLPRequestError) -> UInt8 {
        var walker = WireWalker(message)
        var code: UInt8 = 0
        while try MessageCheck.next(&walker) {
            if walker.number == 3, !walker.hasContent { code = walker.value <= 2 ? UInt8(walker.value) : 0 }
        }
        return code
    }

    private static func checkLink(_ message: UnsafeRawBufferPointer) throws(OTLPRequestError) {
        var walker = WireWalker(message)
        while try MessageCheck.next(&walker) {
            guard walker.hasContent else { continue }
            switch walker.number {
            case 1: try MessageCheck.identifier(walker.content, 16, "traceId")
            case 2: try MessageCheck.identifier(walker.content, 8, "spanId")
            case 4: try MessageCheck.keyValue(walker.content, depth: 0)
            default: break
            }
        }
    }
}
