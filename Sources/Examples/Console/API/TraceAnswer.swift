// The JSON of traces: the list, and one trace with its spans.

import Telemetry

/// Writes traces as the JSON API has them.
enum TraceAnswer {
    /// The spans of a trace that are shown; the others are counted.
    static let maximumSpans = 20_000
    /// The bytes of an answer, after which no more spans are added.
    static let maximumBytes = 16 << 20

    static func list(_ result: TraceSearch.Result) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("traces")
        writer.beginArray()
        for trace in result.traces { write(trace, to: &writer) }
        writer.endArray()
        ListTail.write(result.matched, result.scanned, result.isPartial, result.next, to: &writer)
        writer.endObject()
        return writer.bytes
    }

    private static func write(_ trace: TraceSummary, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("traceId", trace.key.text)
        writer.member("start", quoted: trace.start)
        writer.member("duration", quoted: trace.duration)
        writer.member("name", trace.name)
        writer.member("service", trace.service)
        writer.member("kind", Int(trace.kind))
        writer.key("services")
        writer.beginArray()
        for service in trace.services {
            writer.beginObject()
            writer.member("name", service.name)
            writer.member("spans", service.spans)
            writer.member("errors", service.errors)
            writer.endObject()
        }
        writer.endArray()
        writer.member("spans", trace.spans)
        writer.member("errors", trace.errors)
        writer.member("status", trace.errors > 0 ? "error" : "ok")
        writer.member("isComplete", trace.isComplete)
        writer.member("open", trace.open)
        writer.member("run", trace.run)
        writer.endObject()
    }

    /// Writes a trace; the earliest spans if it has more than are shown.
    ///
    /// - Parameter logs: the number of its log records.
    static func detail(_ trace: TraceSpans, logs: Int) -> [UInt8] {
        var writer = JSONWriter()
        let orphans = trace.orphans
        let summary = TraceSummary(trace, runs: RunNames())
        writer.beginObject()
        writer.member("traceId", trace.key.text)
        writer.member("start", quoted: summary.start)
        writer.member("duration", quoted: summary.duration)
        writer.member("isComplete", summary.isComplete)
        writer.member("dropped", quoted: trace.evicted)
        writer.member("duplicates", quoted: trace.duplicates)
        writer.member("totalSpans", trace.places.count)
        writer.member("logs", logs)
        var origins = OriginList()
        var written = 0
        writer.key("spans")
        writer.beginArray()
        for (number, place) in trace.places.enumerated() {
            guard written < maximumSpans, writer.bytes.count < maximumBytes else { break }
            written += 1
            let block = trace.blocks[place.block]
            let origin = origins.numbers(block.origins, block: place.block, scope: block.places.scope[place.row])
            write(block, place.row, origin, isOrphan: orphans[number], to: &writer)
        }
        writer.endArray()
        writer.member("isClipped", written < trace.places.count)
        origins.writeResources(to: &writer)
        origins.writeScopes(to: &writer)
        writer.endObject()
        return writer.bytes
    }

    private static func write(
        _ block: SpanBlock, _ row: Int, _ origin: (resource: Int, scope: Int), isOrphan: Bool, to writer: inout JSONWriter
    ) {
        block.withMessage(row) { message in
            let parts = SpanParts(message)
            writer.beginObject()
            writer.member("spanId", identifier: block.spanID[row])
            writer.member("parentSpanId", identifier: block.parent[row])
            writer.key("name")
            OTLPValueWriter.text(parts.name, to: &writer)
            writer.member("kind", Int(block.kind(row)))
            writer.member("start", quoted: block.start[row])
            writer.member("end", quoted: parts.end)
            writer.member("status", Int(block.status(row)))
            writer.key("message")
            OTLPValueWriter.text(parts.statusMessage, to: &writer)
            writer.key("attributes")
            OTLPValueWriter.attributes(9, of: message, to: &writer)
            writer.member("droppedAttributes", parts.droppedAttributes)
            writer.member("droppedEvents", parts.droppedEvents)
            writer.member("droppedLinks", parts.droppedLinks)
            writeEvents(of: message, to: &writer)
            writeLinks(of: message, to: &writer)
            writer.member("resource", origin.resource)
            writer.member("scope", origin.scope)
            writer.key("traceState")
            OTLPValueWriter.text(parts.traceState, to: &writer)
            writer.member("isOrphan", isOrphan)
            writer.endObject()
        }
    }

    private static func writeEvents(of message: UnsafeRawBufferPointer, to writer: inout JSONWriter) {
        writer.key("events")
        writer.beginArray()
        var walker = WireWalker(message)
        var count = 0
        while (try? walker.next()) == true {
            guard walker.number == 11, walker.hasContent, count < OTLPValueWriter.maximumElements else { continue }
            count += 1
            var time: UInt64 = 0
            var name = UnsafeRawBufferPointer(start: nil, count: 0)
            var event = WireWalker(walker.content)
            while (try? event.next()) == true {
                if event.number == 1 { time = event.value } else if event.number == 2 { name = event.content }
            }
            writer.beginObject()
            writer.member("time", quoted: time)
            writer.key("name")
            OTLPValueWriter.text(name, to: &writer)
            writer.key("attributes")
            OTLPValueWriter.attributes(3, of: walker.content, to: &writer)
            writer.endObject()
        }
        writer.endArray()
    }

    private static func writeLinks(of message: UnsafeRawBufferPointer, to writer: inout JSONWriter) {
        writer.key("links")
        writer.beginArray()
        var walker = WireWalker(message)
        var count = 0
        while (try? walker.next()) == true {
            guard walker.number == 13, walker.hasContent, count < OTLPValueWriter.maximumElements else { continue }
            count += 1
            var (trace, span) = (UnsafeRawBufferPointer(start: nil, count: 0), UnsafeRawBufferPointer(start: nil, count: 0))
            var link = WireWalker(walker.content)
            while (try? link.next()) == true {
                if link.number == 1 { trace = link.content } else if link.number == 2 { span = link.content }
            }
            writer.beginObject()
            writer.key("traceId")
            writer.value(hexadecimal: trace)
            writer.key("spanId")
            writer.value(hexadecimal: span)
            writer.key("attributes")
            OTLPValueWriter.attributes(4, of: walker.content, to: &writer)
            writer.endObject()
        }
        writer.endArray()
    }
}

/// The parts of a span that the columns do not have, valid as long as its message.
struct SpanParts {
    private(set) var name = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var traceState = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var statusMessage = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var end: UInt64 = 0
    private(set) var droppedAttributes = 0
    private(set) var droppedEvents = 0
    private(set) var droppedLinks = 0

    init(_ message: UnsafeRawBufferPointer) {
        var walker = WireWalker(message)
        while (try? walker.next()) == true {
            switch walker.number {
            case 3: traceState = walker.content
            case 5: name = walker.content
            case 8: end = walker.value
            case 10: droppedAttributes = Int(clamping: walker.value)
            case 12: droppedEvents = Int(clamping: walker.value)
            case 14: droppedLinks = Int(clamping: walker.value)
            case 15:
                var status = WireWalker(walker.content)
                while (try? status.next()) == true {
                    if status.number == 2 { statusMessage = status.content }
                }
            default: break
            }
        }
    }
}

/// The end of every list.
enum ListTail {
    static func write(_ matched: Int, _ scanned: Int, _ isPartial: Bool, _ next: ListPlace?, to writer: inout JSONWriter) {
        writer.member("matched", quoted: matched)
        writer.member("scanned", quoted: scanned)
        writer.member("isPartial", isPartial)
        writer.key("next")
        if let next { writer.value(text: next.text) } else { writer.null() }
    }
}
