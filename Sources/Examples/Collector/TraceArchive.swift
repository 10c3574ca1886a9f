// The traces that the collector has received, the newest of them.

import ExampleSupport
import Telemetry

/// Keeps the last traces in memory, so that they can be looked at after they were drawn.
struct TraceArchive: Sendable {
    /// One trace, as far as its spans have come.
    struct Trace: Sendable {
        let id: TraceID
        var spans: [TraceTreeSpan] = []
        /// Whether its tree has been drawn.
        var isDrawn = false
    }

    static let maximumSpansPerTrace = 1_000

    let capacity: Int
    private(set) var receivedSpanCount = 0
    private(set) var forgottenTraceCount = 0
    private(set) var traces: [Trace] = []
    // The place of each trace in the list; the first one stands at `forgottenTraceCount`.
    private var places: [TraceID: Int] = [:]

    init(capacity: Int) {
        precondition(capacity > 0, "An archive holds at least one trace.")
        self.capacity = capacity
    }

    subscript(id: TraceID) -> Trace? {
        places[id].map { traces[$0 - forgottenTraceCount] }
    }

    mutating func add(_ span: TraceTreeSpan) {
        receivedSpanCount += 1
        modify(span.traceID) { trace in
            guard trace.spans.count < Self.maximumSpansPerTrace else { return }
            trace.spans.append(span)
        }
    }

    mutating func markDrawn(_ id: TraceID) {
        guard places[id] != nil else { return }
        modify(id) { $0.isDrawn = true }
    }

    private mutating func modify(_ id: TraceID, _ change: (inout Trace) -> Void) {
        if places[id] == nil {
            if traces.count == capacity {
                places[traces.removeFirst().id] = nil
                forgottenTraceCount += 1
            }
            places[id] = forgottenTraceCount + traces.count
            traces.append(Trace(id: id))
        }
        if let place = places[id] { change(&traces[place - forgottenTraceCount]) }
    }
}

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
    var json: JSONValue {
        let ordered = spans.sorted { $0.startTime < $1.startTime }
        guard case .object(let summary) = summary else { return .null }
        return .object(JSONObject(summary.members.filter { $0.key != "spans" } + [.init(key: "spans", value: .array(ordered.map(\.json)))]))
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
            "endTimeUnixNano": .integer(Int64(clamping: endTime.nanosecondsSinceEpoch)), "attributes": Self.json(attributes),
            "events": .array(
                events.map { event in
                    [
                        "name": .string(event.name), "timeUnixNano": .integer(Int64(clamping: event.time.nanosecondsSinceEpoch)),
                        "attributes": Self.json(event.attributes),
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

    private static func json(_ attributes: Attributes) -> JSONValue {
        .object(JSONObject(attributes.map { .init(key: $0.key, value: json($0.value)) }))
    }

    private static func json(_ value: AttributeValue) -> JSONValue {
        switch value {
        case .string(let text): .string(text)
        case .bool(let value): .bool(value)
        case .int(let number): .integer(number)
        case .double(let number): number.isFinite ? .number(number) : .string("\(number)")
        case .bytes(let bytes): .array(bytes.map { .integer(Int64($0)) })
        case .array(let values): .array(values.map(json))
        case .map(let entries):
            .object(JSONObject(entries.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: json($0.value)) }))
        case .empty: .null
        }
    }
}
