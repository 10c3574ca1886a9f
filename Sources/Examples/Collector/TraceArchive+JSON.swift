// The JSON of `/traces` and `/traces/:id`. Numbers of 64 bits are texts, as in OTLP/JSON.

import ExampleSupport
import Telemetry

extension TraceArchive.Trace {
    /// The span without a parent; the earliest one before that is received.
    private var root: ReadableSpan? {
        spans.first { !$0.parentSpanID.isValid } ?? spans.min { $0.startTime < $1.startTime }
    }

    /// The trace in the list of traces.
    var summary: JSONValue {
        var services: [String] = []
        var known: Set<String> = []
        for span in spans {
            let service = span.resource.serviceName
            if known.insert(service).inserted { services.append(service) }
        }
        return [
            "traceId": .string("\(id)"), "root": .string(root?.name ?? ""), "services": .array(services.map { .string($0) }),
            "spans": .integer(Int64(spans.count)), "droppedSpans": .integer(Int64(droppedSpanCount)),
            "errors": .integer(Int64(spans.count { $0.isError })), "complete": .bool(isComplete),
            "durationNanoseconds": .string("\(durationInNanoseconds)"),
        ]
    }

    /// Returns the trace with all its spans, in the order of their start times.
    ///
    /// - Parameter logs: the log records of the trace, which stand beside the spans.
    func json(with logs: TraceArchive.Logs) -> JSONValue {
        let ordered = spans.map { (time: $0.startTime, span: $0) }.sorted { $0.time < $1.time }.map(\.span)
        guard case .object(let summary) = summary else { return .null }
        var origins = Origins()
        return .object(
            JSONObject(
                summary.members.filter { $0.key != "spans" } + [
                    .init(key: "spans", value: .array(ordered.map { $0.json(&origins) })),
                    .init(key: "logs", value: .array(logs.records.map { $0.json(&origins) })),
                    .init(key: "droppedLogs", value: .integer(Int64(logs.droppedCount))),
                ]))
    }

    private var durationInNanoseconds: UInt64 {
        guard let start = spans.map(\.startTime).min(), let end = spans.map(\.endTime).max(), end > start else { return 0 }
        return end.nanosecondsSinceEpoch - start.nanosecondsSinceEpoch
    }
}

/// A cache of scopes and resources as JSON, since many spans share them.
private struct Origins {
    private var made: [ObjectIdentifier: (scope: JSONValue, resource: JSONValue)] = [:]

    mutating func json(_ identity: ObjectIdentifier, _ scope: InstrumentationScope, _ resource: Resource) -> (
        scope: JSONValue, resource: JSONValue
    ) {
        if let known = made[identity] { return known }
        let new: (scope: JSONValue, resource: JSONValue) = (
            [
                "name": .string(scope.name), "version": .string(scope.version), "schemaUrl": .string(scope.schemaURL),
                "attributes": scope.attributes.json,
            ],
            ["schemaUrl": .string(resource.schemaURL), "attributes": resource.attributes.json]
        )
        made[identity] = new
        return new
    }
}

extension Resource {
    /// The name of the service that sent it; empty without one.
    var serviceName: String { attributes["service.name"]?.description ?? "" }
}

extension Timestamp {
    fileprivate var json: JSONValue { .string("\(nanosecondsSinceEpoch)") }
}

extension ReadableSpan {
    fileprivate var isError: Bool { if case .error = status { true } else { false } }

    fileprivate func json(_ origins: inout Origins) -> JSONValue {
        let size = receivedSize
        let origin = origins.json(size.shared, instrumentationScope, resource)
        return [
            "spanId": .string("\(spanID)"), "parentSpanId": parentSpanID.isValid ? .string("\(parentSpanID)") : .null,
            "name": .string(name), "kind": .string("\(kind)"), "service": .string(resource.serviceName), "status": statusJSON,
            "startTimeUnixNano": startTime.json, "endTimeUnixNano": endTime.json, "attributes": attributes.json,
            "events": .array(
                events.map { event in
                    ["name": .string(event.name), "timeUnixNano": event.time.json, "attributes": event.attributes.json]
                }),
            "links": .array(
                links.map { link in
                    [
                        "traceId": .string("\(link.context.traceID)"), "spanId": .string("\(link.context.spanID)"),
                        "traceState": .string(link.context.traceState.headerValue), "attributes": link.attributes.json,
                    ]
                }),
            "traceState": .string(context.traceState.headerValue), "droppedAttributesCount": .integer(Int64(droppedAttributeCount)),
            "droppedEventsCount": .integer(Int64(droppedEventCount)), "droppedLinksCount": .integer(Int64(droppedLinkCount)),
            "truncatedValues": .integer(Int64(size.cutCount)), "scope": origin.scope, "resource": origin.resource,
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
    fileprivate func json(_ origins: inout Origins) -> JSONValue {
        let size = receivedSize
        let origin = origins.json(size.shared, instrumentationScope, resource)
        return [
            "timeUnixNano": time.json, "severityNumber": .integer(Int64(severity.rawValue)),
            "severityText": .string(severityText ?? ""), "body": body?.json ?? .null, "eventName": .string(eventName ?? ""),
            "service": .string(resource.serviceName), "spanId": spanID.isValid ? .string("\(spanID)") : .null,
            "attributes": attributes.json,
            "truncatedValues": .integer(Int64(size.cutCount)), "scope": origin.scope, "resource": origin.resource,
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
        case .int(let number): .string("\(number)")
        case .double(let number): number.isFinite ? .number(number) : .string("\(number)")
        case .bytes(let bytes): .array(bytes.map { .integer(Int64($0)) })
        case .array(let values): .array(values.map(\.json))
        case .map(let entries):
            .object(JSONObject(entries.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: $0.value.json) }))
        case .empty: .null
        }
    }
}
