// The JSON of Jaeger's query service.

import ExampleSupport
import Telemetry

/// Writes traces and names as Jaeger's query service does.
enum JaegerAnswer {
    struct Operation: Hashable {
        let name: String
        let kind: UInt8
    }

    static func error(_ message: String, status: Int) -> JSONValue {
        ["data": .null, "total": 0, "limit": 0, "offset": 0, "errors": [["code": .integer(Int64(status)), "msg": .string(message)]]]
    }

    static func names(_ names: [String]) -> [UInt8] {
        answer(total: names.count) { writer in
            for name in names { writer.value(text: name) }
        }
    }

    static func operations(_ operations: [Operation]) -> [UInt8] {
        answer(total: operations.count) { writer in
            for operation in operations {
                writer.beginObject()
                writer.member("name", operation.name)
                writer.member("spanKind", SearchCondition.kinds[Int(operation.kind)])
                writer.endObject()
            }
        }
    }

    static func dependencies(_ map: ServiceMap, service: String?) -> [UInt8] {
        let edges = map.edges.filter { edge in
            let (from, to) = (map.nodes[edge.from], map.nodes[edge.to])
            return from.kind == .service && to.kind == .service && (service.map { $0 == from.name || $0 == to.name } ?? true)
        }
        return answer(total: edges.count) { writer in
            for edge in edges {
                writer.beginObject()
                writer.member("parent", map.nodes[edge.from].name)
                writer.member("child", map.nodes[edge.to].name)
                writer.member("callCount", Int(edge.figures.calls.rounded()))
                writer.endObject()
            }
        }
    }

    static func traces(_ traces: [TraceSpans]) -> [UInt8] {
        answer(total: traces.count) { writer in
            for trace in traces {
                // What does not fit is left out, and says so in its own trace.
                write(trace, to: &writer)
            }
        }
    }

    private static func answer(total: Int, _ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("data")
        writer.beginArray()
        write(&writer)
        writer.endArray()
        writer.member("total", total)
        writer.member("limit", 0)
        writer.member("offset", 0)
        writer.key("errors")
        writer.null()
        writer.endObject()
        return writer.bytes
    }

    private static func write(_ trace: TraceSpans, to writer: inout JSONWriter) {
        var origins = OriginList()
        var written = 0
        let id = trace.key.text
        writer.beginObject()
        writer.member("traceID", id)
        writer.key("spans")
        writer.beginArray()
        for place in trace.places {
            guard written < TraceAnswer.maximumSpans, writer.bytes.count < TraceAnswer.maximumBytes else { break }
            written += 1
            let block = trace.blocks[place.block]
            let origin = origins.numbers(block.origins, block: place.block, scope: block.places.scope[place.row])
            write(block, place.row, traceID: id, process: origin.resource, to: &writer)
        }
        writer.endArray()
        writer.key("processes")
        writer.beginObject()
        for (number, resource) in origins.resources.enumerated() {
            writer.key(text: "p\(number + 1)")
            writer.beginObject()
            writer.member("serviceName", resource.service)
            writer.key("tags")
            writer.beginArray()
            resource.bytes.withUnsafeBytes { tags(1, of: $0, except: "service.name", to: &writer) }
            writer.endArray()
            writer.endObject()
        }
        writer.endObject()
        writer.key("warnings")
        if written < trace.places.count {
            writer.beginArray()
            writer.value(text: "\(trace.places.count - written) of \(trace.places.count) spans are left out.")
            writer.endArray()
        } else {
            writer.null()
        }
        writer.endObject()
    }

    private static func write(_ block: SpanBlock, _ row: Int, traceID: String, process: Int, to writer: inout JSONWriter) {
        block.withMessage(row) { message in
            let parts = SpanParts(message)
            writer.beginObject()
            writer.member("traceID", traceID)
            writer.member("spanID", identifier: block.spanID[row])
            writer.key("operationName")
            OTLPValueWriter.text(parts.name, to: &writer)
            references(of: message, traceID: traceID, parent: block.parent[row], to: &writer)
            // Jaeger has microseconds, as numbers.
            writer.key("startTime")
            writer.value(block.start[row] / 1_000)
            writer.key("duration")
            writer.value(block.duration[row] == SpanBlock.open ? 0 : block.duration[row] / 1_000)
            writer.key("tags")
            writer.beginArray()
            tags(9, of: message, except: nil, to: &writer)
            if (1...5).contains(block.kind(row)) { tag("span.kind", text: SearchCondition.kinds[Int(block.kind(row))], to: &writer) }
            if block.status(row) > 0 {
                tag("otel.status_code", text: block.isError(row) ? "ERROR" : "OK", to: &writer)
                if !parts.statusMessage.isEmpty {
                    tag(
                        "otel.status_description", text: Untrusted.text(parts.statusMessage, limit: OTLPValueWriter.maximumTextBytes),
                        to: &writer)
                }
            }
            if block.isError(row) { tag("error", true, to: &writer) }
            tag("otel.scope.name", text: block.origins.scopes[Int(block.places.scope[row])].name, to: &writer)
            writer.endArray()
            logs(of: message, to: &writer)
            writer.member("processID", "p\(process + 1)")
            writer.key("warnings")
            writer.null()
            writer.endObject()
        }
    }

    private static func references(of message: UnsafeRawBufferPointer, traceID: String, parent: UInt64, to writer: inout JSONWriter) {
        writer.key("references")
        writer.beginArray()
        if parent != 0 {
            writer.beginObject()
            writer.member("refType", "CHILD_OF")
            writer.member("traceID", traceID)
            writer.member("spanID", identifier: parent)
            writer.endObject()
        }
        var walker = WireWalker(message)
        while (try? walker.next()) == true {
            guard walker.number == 13, walker.hasContent else { continue }
            var link = WireWalker(walker.content)
            writer.beginObject()
            writer.member("refType", "FOLLOWS_FROM")
            while (try? link.next()) == true {
                guard link.number == 1 || link.number == 2, link.hasContent else { continue }
                writer.key(link.number == 1 ? "traceID" : "spanID")
                writer.value(hexadecimal: link.content)
            }
            writer.endObject()
        }
        writer.endArray()
    }

    private static func logs(of message: UnsafeRawBufferPointer, to writer: inout JSONWriter) {
        writer.key("logs")
        writer.beginArray()
        var walker = WireWalker(message)
        while (try? walker.next()) == true {
            guard walker.number == 11, walker.hasContent else { continue }
            var time: UInt64 = 0
            var name = UnsafeRawBufferPointer(start: nil, count: 0)
            var event = WireWalker(walker.content)
            while (try? event.next()) == true {
                if event.number == 1 { time = event.value } else if event.number == 2 { name = event.content }
            }
            writer.beginObject()
            writer.key("timestamp")
            writer.value(time / 1_000)
            writer.key("fields")
            writer.beginArray()
            if !name.isEmpty { tag("event", text: Untrusted.text(name, limit: OTLPValueWriter.maximumTextBytes), to: &writer) }
            tags(3, of: walker.content, except: nil, to: &writer)
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
    }

    private static func tags(_ field: Int, of message: UnsafeRawBufferPointer, except name: String?, to writer: inout JSONWriter) {
        AttributeWalk.forEach(field, of: message) { key, value in
            if let name, key.elementsEqual(name.utf8) { return true }
            writer.beginObject()
            writer.key("key")
            OTLPValueWriter.text(key, to: &writer)
            switch AttributeWalk.value(value) {
            case .text(let text):
                writer.member("type", "string")
                writer.key("value")
                OTLPValueWriter.text(text, to: &writer)
            case .bool(let truth):
                writer.member("type", "bool")
                writer.member("value", truth)
            case .int(let number):
                writer.member("type", "int64")
                writer.key("value")
                writer.value(number)
            case .double(let number):
                writer.member("type", "float64")
                writer.member("value", number)
            case .other:
                // Jaeger has no lists and maps: it has their JSON as text.
                var json = JSONWriter()
                OTLPValueWriter.value(value, to: &json)
                writer.member("type", "string")
                writer.member("value", String(decoding: json.bytes, as: UTF8.self))
            }
            writer.endObject()
            return true
        }
    }

    private static func tag(_ key: String, text: String, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("key", key)
        writer.member("type", "string")
        writer.member("value", text)
        writer.endObject()
    }

    private static func tag(_ key: String, _ truth: Bool, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("key", key)
        writer.member("type", "bool")
        writer.member("value", truth)
        writer.endObject()
    }
}
