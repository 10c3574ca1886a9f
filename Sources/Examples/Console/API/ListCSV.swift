// The lists of log records, traces and operations as tables.

import ExampleSupport
import Telemetry

/// The forms in which a list is answered.
enum ListFormat: String {
    case json, csv
}

/// Answers with lists as CSV. What the JSON says beside the list is in header fields: `X-Next` is its `next`, `X-Partial` its `isPartial`.
enum ListCSV {
    /// - Parameter maximumBytes: the bytes after which no more records are added.
    static func logs(
        _ result: LogSearch.Result, _ blocks: [LogBlock], maximumBytes: Int = TraceAnswer.maximumBytes
    ) -> ServiceResponse {
        var writer = CSVWriter(columns: ["time", "severity", "service", "body", "trace_id", "span_id", "attributes"])
        var last: ListPlace?
        for place in result.records {
            let block = blocks[place.block]
            // What does not fit comes with the next page.
            guard writer.bytes.count < maximumBytes else { return response(writer, "logs", next: last, result.isPartial) }
            last = ListPlace(time: block.sortTime[place.row], number: UInt64(block.firstNumber + place.row))
            write(block, place.row, to: &writer)
        }
        return response(writer, "logs", next: result.next, result.isPartial)
    }

    static func traces(_ result: TraceSearch.Result) -> ServiceResponse {
        var writer = CSVWriter(columns: ["start", "duration_ms", "service", "name", "spans", "errors", "trace_id"])
        for trace in result.traces {
            writer.field(RFC3339.text(nanoseconds: trace.start))
            writer.field(milliseconds(trace.duration))
            writer.field(trace.service)
            writer.field(trace.name)
            writer.field(trace.spans)
            writer.field(trace.errors)
            writer.field(trace.key.text)
            writer.endRow()
        }
        return response(writer, "traces", next: result.next, result.isPartial)
    }

    /// The operations of two runs; the fields of a run that has none of them are empty.
    static func operations(_ comparison: RunComparison) -> ServiceResponse {
        var writer = CSVWriter(columns: [
            "service", "name", "kind", "a_calls", "a_errors", "a_p50_ms", "a_p95_ms", "a_p99_ms", "b_calls", "b_errors", "b_p50_ms",
            "b_p95_ms", "b_p99_ms",
        ])
        for operation in comparison.operations {
            writer.field(operation.service)
            writer.field(operation.name)
            let kind = Int(operation.kind)
            writer.field(SearchCondition.kinds.indices.contains(kind) ? SearchCondition.kinds[kind] : "\(kind)")
            for run in [comparison.first, comparison.second] { write(run.operations[operation], to: &writer) }
            writer.endRow()
        }
        return response(writer, "operations", next: nil, comparison.isPartial)
    }

    private static func write(_ figures: CallFigures?, to writer: inout CSVWriter) {
        guard let figures else {
            for _ in 0..<5 { writer.field("") }
            return
        }
        for number in [figures.calls, figures.errors] { writer.field(Int(exactly: number).map(String.init) ?? "\(number)") }
        for share in [0.5, 0.95, 0.99] { writer.field(milliseconds(figures.durations.percentile(share))) }
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

    /// Returns nanoseconds as milliseconds with all digits.
    private static func milliseconds(_ duration: UInt64) -> String {
        "\(duration / 1_000_000).\(String(1_000_000 + duration % 1_000_000).dropFirst())"
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
