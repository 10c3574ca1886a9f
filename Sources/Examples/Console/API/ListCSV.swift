// The lists of log records and traces as tables.

import ExampleSupport
import Telemetry

/// The forms in which a list is answered.
enum ListFormat: String {
    case json, csv
}

/// Answers with lists as CSV. What the JSON says beside the list is in header fields: `X-Next` is its `next`, `X-Partial` its `isPartial`.
enum ListCSV {
    static func logs(_ result: LogSearch.Result, _ blocks: [LogBlock]) -> ServiceResponse {
        var writer = CSVWriter(columns: ["time", "severity", "service", "body", "trace_id", "span_id", "attributes"])
        var last: ListPlace?
        for place in result.records {
            let block = blocks[place.block]
            // What does not fit comes with the next page.
            guard writer.bytes.count < TraceAnswer.maximumBytes else { return response(writer, "logs", next: last, result.isPartial) }
            last = ListPlace(time: block.sortTime[place.row], number: UInt64(block.firstNumber + place.row))
            write(block, place.row, to: &writer)
        }
        return response(writer, "logs", next: result.next, result.isPartial)
    }

    static func traces(_ result: TraceSearch.Result) -> ServiceResponse {
        var writer = CSVWriter(columns: ["start", "duration_ms", "service", "name", "spans", "errors", "trace_id"])
        for trace in result.traces {
            writer.field(RFC3339.text(nanoseconds: trace.start))
            writer.field("\(trace.duration / 1_000_000).\(String(1_000_000 + trace.duration % 1_000_000).dropFirst())")
            writer.field(trace.service)
            writer.field(trace.name)
            writer.field(trace.spans)
            writer.field(trace.errors)
            writer.field(trace.key.text)
            writer.endRow()
        }
        return response(writer, "traces", next: result.next, result.isPartial)
    }

    private static func write(_ block: LogBlock, _ row: Int, to writer: inout CSVWriter) {
        block.withMessage(row) { message in
            var body = UnsafeRawBufferPointer(start: nil, count: 0)
            var severity = LogSeverity(rawValue: block.severity[row])?.shortName ?? ""
            var walker = WireWalker(message)
            while (try? walker.next()) == true {
                switch walker.number {
                case 3 where block.severity[row] == 0: severity = Untrusted.text(walker.content, limit: OTLPValueWriter.maximumTextBytes)
                case 5: body = walker.content
                default: break
                }
            }
            writer.field(RFC3339.text(nanoseconds: block.time[row]))
            writer.field(severity)
            writer.field(block.serviceName(row))
            writer.field(text(body))
            let key = block.traceKey(row)
            writer.field(key.high | key.low == 0 ? "" : key.text)
            writer.field(block.spanID[row] == 0 ? "" : HexadecimalText.text(block.spanID[row]))
            writer.field(json { OTLPValueWriter.attributes(6, of: message, to: &$0) })
            writer.endRow()
        }
    }

    /// Returns the text of a value; of lists and maps the OTLP/JSON.
    private static func text(_ value: UnsafeRawBufferPointer) -> String {
        switch AttributeWalk.value(value) {
        case .text(let text): Untrusted.text(text, limit: OTLPValueWriter.maximumTextBytes)
        case .bool(let truth): "\(truth)"
        case .int(let number): "\(number)"
        case .double(let number): "\(number)"
        case .other: value.isEmpty ? "" : json { OTLPValueWriter.value(value, to: &$0) }
        }
    }

    private static func json(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        write(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func response(_ writer: CSVWriter, _ name: String, next: ListPlace?, _ isPartial: Bool) -> ServiceResponse {
        var response = ServiceResponse(status: 200, contentType: "text/csv; charset=utf-8; header=present", body: writer.bytes)
        response.headers["Content-Disposition"] = "attachment; filename=\"\(name).csv\""
        if let next { response.headers["X-Next"] = next.text }
        if isPartial { response.headers["X-Partial"] = "true" }
        return response
    }
}
