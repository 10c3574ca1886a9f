// The part of the table of OTLP's fields that describes spans and log records.

extension OTLPSchema {
    // MARK: Traces

    package enum Span {
        @inline(__always) static var traceID: OTLPField { OTLPField(1, .identifier(size: 16), "traceId") }
        @inline(__always) static var spanID: OTLPField { OTLPField(2, .identifier(size: 8), "spanId") }
        @inline(__always) static var traceState: OTLPField { OTLPField(3, .string, "traceState") }
        @inline(__always) static var parentSpanID: OTLPField { OTLPField(4, .identifier(size: 8), "parentSpanId") }
        @inline(__always) static var name: OTLPField { OTLPField(5, .string, "name") }
        @inline(__always) static var kind: OTLPField { OTLPField(6, .enumeration, "kind") }
        @inline(__always) static var startTime: OTLPField { OTLPField(7, .fixed64, "startTimeUnixNano") }
        @inline(__always) static var endTime: OTLPField { OTLPField(8, .fixed64, "endTimeUnixNano") }
        @inline(__always) package static var attributes: OTLPField { .repeated(9, .message(.keyValue), "attributes") }
        @inline(__always) static var droppedAttributesCount: OTLPField { OTLPField(10, .uint32, "droppedAttributesCount") }
        @inline(__always) package static var events: OTLPField { .repeated(11, .message(.event), "events") }
        @inline(__always) static var droppedEventsCount: OTLPField { OTLPField(12, .uint32, "droppedEventsCount") }
        @inline(__always) package static var links: OTLPField { .repeated(13, .message(.link), "links") }
        @inline(__always) static var droppedLinksCount: OTLPField { OTLPField(14, .uint32, "droppedLinksCount") }
        @inline(__always) static var status: OTLPField { OTLPField(15, .message(.status), "status") }
        @inline(__always) static var flags: OTLPField { OTLPField(16, .fixed32, "flags") }

        static var fields: [OTLPField] {
            [
                traceID, spanID, traceState, parentSpanID, name, kind, startTime, endTime, attributes, droppedAttributesCount, events,
                droppedEventsCount, links, droppedLinksCount, status, flags,
            ]
        }

        package enum Event {
            @inline(__always) static var time: OTLPField { OTLPField(1, .fixed64, "timeUnixNano") }
            @inline(__always) static var name: OTLPField { OTLPField(2, .string, "name") }
            @inline(__always) package static var attributes: OTLPField { .repeated(3, .message(.keyValue), "attributes") }
            @inline(__always) static var droppedAttributesCount: OTLPField { OTLPField(4, .uint32, "droppedAttributesCount") }

            static var fields: [OTLPField] { [time, name, attributes, droppedAttributesCount] }
        }

        package enum Link {
            @inline(__always) static var traceID: OTLPField { OTLPField(1, .identifier(size: 16), "traceId") }
            @inline(__always) static var spanID: OTLPField { OTLPField(2, .identifier(size: 8), "spanId") }
            @inline(__always) static var traceState: OTLPField { OTLPField(3, .string, "traceState") }
            @inline(__always) package static var attributes: OTLPField { .repeated(4, .message(.keyValue), "attributes") }
            @inline(__always) static var droppedAttributesCount: OTLPField { OTLPField(5, .uint32, "droppedAttributesCount") }
            @inline(__always) static var flags: OTLPField { OTLPField(6, .fixed32, "flags") }

            static var fields: [OTLPField] { [traceID, spanID, traceState, attributes, droppedAttributesCount, flags] }
        }
    }

    /// The status of a span; field 1 is reserved.
    enum Status {
        @inline(__always) static var message: OTLPField { OTLPField(2, .string, "message") }
        @inline(__always) static var code: OTLPField { OTLPField(3, .enumeration, "code") }

        static var fields: [OTLPField] { [message, code] }
    }

    /// `StatusCode`, the values of ``Status/code``.
    enum StatusCode {
        @inline(__always) static var unset: UInt8 { 0 }
        @inline(__always) static var ok: UInt8 { 1 }
        @inline(__always) static var error: UInt8 { 2 }
    }

    /// `SpanFlags`, the bits of ``Span/flags`` and ``Span/Link/flags`` above the W3C trace flags.
    enum SpanFlags {
        /// `SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK`.
        @inline(__always) static var hasIsRemote: UInt32 { 0x100 }
        /// `SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK`.
        @inline(__always) static var isRemote: UInt32 { 0x200 }

        /// The value of the field: the W3C flags, and whether the parent or linked context is remote, which is always known.
        @inline(__always)
        static func value(traceFlags: UInt8, isRemote: Bool) -> UInt32 {
            UInt32(traceFlags) | hasIsRemote | (isRemote ? Self.isRemote : 0)
        }
    }

    // MARK: Logs

    package enum LogRecord {
        @inline(__always) static var time: OTLPField { OTLPField(1, .fixed64, "timeUnixNano") }
        @inline(__always) static var severityNumber: OTLPField { OTLPField(2, .enumeration, "severityNumber") }
        @inline(__always) static var severityText: OTLPField { OTLPField(3, .string, "severityText") }
        @inline(__always) package static var body: OTLPField { OTLPField(5, .message(.anyValue), "body") }
        @inline(__always) package static var attributes: OTLPField { .repeated(6, .message(.keyValue), "attributes") }
        @inline(__always) static var droppedAttributesCount: OTLPField { OTLPField(7, .uint32, "droppedAttributesCount") }
        @inline(__always) static var flags: OTLPField { OTLPField(8, .fixed32, "flags") }
        @inline(__always) static var traceID: OTLPField { OTLPField(9, .identifier(size: 16), "traceId") }
        @inline(__always) static var spanID: OTLPField { OTLPField(10, .identifier(size: 8), "spanId") }
        @inline(__always) static var observedTime: OTLPField { OTLPField(11, .fixed64, "observedTimeUnixNano") }
        @inline(__always) static var eventName: OTLPField { OTLPField(12, .string, "eventName") }

        static var fields: [OTLPField] {
            [
                time, severityNumber, severityText, body, attributes, droppedAttributesCount, flags, traceID, spanID, observedTime,
                eventName,
            ]
        }
    }
}
