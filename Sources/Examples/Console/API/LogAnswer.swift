// The JSON of log records.

import Telemetry

/// Writes log records as the JSON API has them.
enum LogAnswer {
    static func list(_ result: LogSearch.Result, _ blocks: [LogBlock]) -> [UInt8] {
        var writer = JSONWriter()
        var origins = OriginList()
        var isClipped = false
        var last: ListPlace?
        writer.beginObject()
        writer.key("logs")
        writer.beginArray()
        for place in result.records {
            let block = blocks[place.block]
            guard writer.bytes.count < TraceAnswer.maximumBytes else {
                isClipped = true
                break
            }
            last = ListPlace(time: block.sortTime[place.row], number: UInt64(block.firstNumber + place.row))
            let scope = block.places.scope[place.row]
            let origin = origins.numbers(block.origins, block: place.block, scope: scope)
            write(block, place.row, resource: origin.resource, to: &writer)
        }
        writer.endArray()
        origins.writeResources(to: &writer)
        // What did not fit into the answer comes with the next page.
        ListTail.write(result.matched, result.scanned, result.isPartial, isClipped ? last : result.next, to: &writer)
        writer.endObject()
        return writer.bytes
    }

    private static func write(_ block: LogBlock, _ row: Int, resource: Int, to writer: inout JSONWriter) {
        block.withMessage(row) { message in
            var observed: UInt64 = 0
            var (text, event) = (UnsafeRawBufferPointer(start: nil, count: 0), UnsafeRawBufferPointer(start: nil, count: 0))
            var body: UnsafeRawBufferPointer?
            var walker = WireWalker(message)
            while (try? walker.next()) == true {
                switch walker.number {
                case 3: text = walker.content
                case 5: body = walker.content
                case 11: observed = walker.value
                case 12: event = walker.content
                default: break
                }
            }
            writer.beginObject()
            writer.member("time", quoted: block.time[row])
            writer.member("observed", quoted: observed)
            writer.member("severity", Int(block.severity[row]))
            writer.key("severityText")
            OTLPValueWriter.text(text, to: &writer)
            writer.key("body")
            if let body { OTLPValueWriter.value(body, to: &writer) } else { writer.null() }
            writer.key("event")
            OTLPValueWriter.text(event, to: &writer)
            writer.key("attributes")
            OTLPValueWriter.attributes(6, of: message, to: &writer)
            let key = block.traceKey(row)
            writer.member("traceId", key.high | key.low == 0 ? "" : key.text)
            writer.member("spanId", identifier: block.spanID[row])
            writer.member("service", block.serviceName(row))
            writer.member("resource", resource)
            writer.member("scope", block.origins.scopes[Int(block.places.scope[row])].name)
            writer.member("id", "\(block.firstNumber + row)")
            writer.endObject()
        }
    }

    static func volume(_ volume: LogSearch.Volume) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("start", quoted: volume.start)
        writer.member("step", quoted: volume.step)
        writer.key("counts")
        writer.beginArray()
        for counts in volume.counts {
            levels(counts, to: &writer)
        }
        writer.endArray()
        writer.member("total", quoted: volume.total)
        writer.key("services")
        writer.beginArray()
        for (service, counts) in volume.services.sorted(by: { ($1.value.reduce(0, +), $0.key) < ($0.value.reduce(0, +), $1.key) }) {
            writer.beginObject()
            writer.member("service", service)
            writer.key("counts")
            levels(counts, to: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.member("isPartial", volume.isPartial)
        writer.endObject()
        return writer.bytes
    }

    /// Writes counts by severity.
    static func levels(_ counts: [Int], to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("trace", counts[0])
        writer.member("debug", counts[1])
        writer.member("info", counts[2])
        writer.member("warn", counts[3])
        writer.member("error", counts[4])
        writer.member("fatal", counts[5])
        writer.endObject()
    }
}
