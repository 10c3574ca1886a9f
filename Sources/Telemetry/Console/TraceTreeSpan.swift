// The input of the trace tree, from this process or from OTLP.

/// A finished span as ``TraceTree`` draws it and ``TraceAssembler`` keeps it.
package struct TraceTreeSpan: Sendable {
    /// An event of the span.
    package struct Event: Sendable {
        package var name: String
        package var time: Timestamp
        package var attributes: Attributes

        package init(name: String, time: Timestamp, attributes: Attributes = [:]) {
            self.name = name
            self.time = time
            self.attributes = attributes
        }
    }

    package var traceID: TraceID
    package var spanID: SpanID
    /// The identifier of the parent; invalid for a root.
    package var parentSpanID: SpanID
    /// Whether the context of the parent was received, as from the headers of a request: its span is most often in another process.
    package var hasRemoteParent: Bool
    package var name: String
    package var kind: SpanKind
    package var startTime: Timestamp
    package var endTime: Timestamp
    package var status: SpanStatus
    /// The name of the service; empty if unknown.
    package var service: String
    package var attributes: Attributes
    package var events: [Event]
    package var links: [SpanLink]
    /// The instrumentation scope.
    package var scope: InstrumentationScope
    /// The attributes of the resource.
    package var resource: Attributes

    package init(
        traceID: TraceID, spanID: SpanID, parentSpanID: SpanID = .invalid, hasRemoteParent: Bool = false, name: String,
        kind: SpanKind = .internal, startTime: Timestamp, endTime: Timestamp, status: SpanStatus = .unset, service: String = "",
        attributes: Attributes = [:], events: [Event] = [], links: [SpanLink] = [],
        scope: InstrumentationScope = InstrumentationScope(name: ""), resource: Attributes = [:]
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.parentSpanID = parentSpanID
        self.hasRemoteParent = hasRemoteParent
        self.name = name
        self.kind = kind
        self.startTime = startTime
        self.endTime = endTime
        self.status = status
        self.service = service
        self.attributes = attributes
        self.events = events
        self.links = links
        self.scope = scope
        self.resource = resource
    }

    /// The duration; zero if the span ends before its start because a clock was set back.
    var nanoseconds: UInt64 {
        endTime > startTime ? endTime.nanosecondsSinceEpoch - startTime.nanosecondsSinceEpoch : 0
    }

    var hasFailed: Bool {
        if case .error = status { true } else { false }
    }

    /// What stands before the name: a cross for an error, a tick for a status that was set to ok.
    var statusMark: String {
        switch status {
        case .error: "✗ "
        case .ok: "✓ "
        case .unset: ""
        }
    }
}

extension TraceTreeSpan {
    /// Copies the values that the tree shows from a finished span.
    package init(_ span: ReadableSpan) {
        self.init(
            traceID: span.traceID, spanID: span.spanID, parentSpanID: span.parentSpanID, hasRemoteParent: span.hasRemoteParent,
            name: span.name, kind: span.kind, startTime: span.startTime, endTime: span.endTime, status: span.status,
            service: span.resource.attributes["service.name"]?.stringValue ?? "", attributes: span.attributes,
            events: span.events.map { Event(name: $0.name, time: $0.time, attributes: $0.attributes) }, links: span.links,
            scope: span.instrumentationScope, resource: span.resource.attributes)
    }
}
