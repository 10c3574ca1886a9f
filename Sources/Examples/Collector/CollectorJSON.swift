// What the collector shows of the traces that it has received, as JSON.

import ExampleSupport
import Telemetry

extension TraceArchive.Trace {
    /// The span that began the trace, as far as it has come.
    var root: TraceTreeSpan? {
        spans.first { !$0.parentSpanID.isValid } ?? spans.min { $0.startTime < $1.startTime }
    }

    /// What the list of traces shows.
    var summary: JSONValue {
        var services: [String] = []
        for span in spans where !services.contains(span.service) { services.append(span.service) }
        return [
            "traceId": .string("\(id)"), "root": .string(root?.name ?? ""), "services": .array(services.map { .string($0) }),
            "spans": .integer(Int64(spans.count)), "errors": .integer(Int64(spans.count { $0.isError })),
            "complete": .bool(isDrawn), "durationNanoseconds": .integer(durationInNanoseconds),
        ]
    }

    /// The trace with all its spans, in the order in which they began.
    ///
    /// - Parameter logs: the log records of the trace, which are shown beside the spans.
    func json(with logs: [ReadableLogRecord]) -> JSONValue {
        let ordered = spans.sorted { $0.startTime < $1.startTime }
        guard case .object(let summary) = summary else { return .null }
        return .object(
            JSONObject(
                summary.members.filter { $0.key != "spans" } + [
                    .init(key: "spans", value: .array(ordered.map(\.json))), .init(key: "logs", value: .array(logs.map(\.json))),
                ]))
    }

    private var durationInNanoseconds: Int64 {
        guard let start = spans.map(\.startTime).min(), let end = spans.map(\.endTime).max(), end > start else { return 0 }
        return Int64(clamping: end.nanosecondsSinceEpoch - start.nanosecondsSinceEpoch)
    }
}

extension TraceTreeSpan {
    fileprivate var isError: Bool { if case .error = status { true } else { false } }

    fileprivate var json: JSONValue {
        [
            "spanId": .string("\(spanID)"), "parentSpanId": parentSpanID.isValid ? .string("\(parentSpanID)") : .null,
            "name": .string(name), "kind": .string("\(kind)"), "service": .string(service), "status": statusJSON,
            "startTimeUnixNano": .integer(Int64(clamping: startTime.nanosecondsSinceEpoch)),
            "endTimeUnixNano": .integer(Int64(clamping: endTime.nanosecondsSinceEpoch)), "attributes": attributes.json,
            "events": .array(
                events.map { event in
                    [
                        "name": .string(event.name), "timeUnixNano": .integer(Int64(clamping: event.time.nanosecondsSinceEpoch)),
                        "attributes": event.attributes.json,
                    ]
                }),
        ]
    }

    private var statusJSON: JSONValue {
        switch status {
        case .unset: ["code": "unset"]
        case .ok: ["code": "ok"]
        case .error(let description): ["code": "error", "message": .string(description)]
        }
    }
}

extension ReadableLogRecord {
    fileprivate var json: JSONValue {
        [
            "timeUnixNano": .integer(Int64(clamping: time.nanosecondsSinceEpoch)), "severityNumber": .integer(Int64(severity.rawValue)),
            "severityText": .string(severityText), "body": body?.json ?? .null, "eventName": .string(eventName),
            "service": .string(resource.attributes["service.name"]?.description ?? ""), "scope": .string(scope.name),
            "spanId": spanID.isValid ? .string("\(spanID)") : .null, "attributes": attributes.json,
        ]
    }
}

extension Attributes {
    fileprivate var json: JSONValue { .object(JSONObject(map { .init(key: $0.key, value: $0.value.json) })) }
}

extension AttributeValue {
    fileprivate var json: JSONValue {
        switch self {
        case .string(let text): .string(text)
        case .bool(let value): .bool(value)
        case .int(let number): .integer(number)
        case .double(let number): number.isFinite ? .number(number) : .string("\(number)")
        case .bytes(let bytes): .array(bytes.map { .integer(Int64($0)) })
        case .array(let values): .array(values.map(\.json))
        case .map(let entries):
            .object(JSONObject(entries.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: $0.value.json) }))
        case .empty: .null
        }
    }
}
