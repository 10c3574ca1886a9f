// Which fields a line of JSON has for a log record, and what they are called.

/// The fields of a line, in order.
///
/// Take one that is there, change it, or write your own as a list:
///
/// ```swift
/// .jsonLines(.standardOutput, format: [.time("ts"), .level("lvl"), .body("msg"), .traceID("trace"), .attributes])
/// ```
///
/// A field that a record has nothing for is left out: identifiers outside of a span, an event name that is empty.
///
/// No key is there twice. Attributes that stand on the top level yield to the fields of the format: one that is called as a field is
/// gets `attributes.` before its name. Of attributes of the same name the last one counts.
public struct JSONLineFormat: Sendable, Hashable, ExpressibleByArrayLiteral {
    public var fields: [JSONLineField]

    public init(_ fields: [JSONLineField]) {
        self.fields = fields
    }

    public init(arrayLiteral elements: JSONLineField...) {
        self.init(elements)
    }

    /// The same line with more fields before the others.
    public func adding(_ fields: JSONLineField...) -> JSONLineFormat { JSONLineFormat(fields + self.fields) }
}

extension JSONLineFormat {
    /// The names of OpenTelemetry's data model, with the attributes in an object of their own.
    ///
    /// (Specification: trace context in non-OTLP log formats.)
    public static let openTelemetry: JSONLineFormat = [
        .time("timestamp"), .severityText("severity_text"), .severityNumber("severity_number"), .eventName("event_name"), .body("body"),
        .attributes("attributes"), .traceID("trace_id"), .spanID("span_id"), .traceFlags("trace_flags"), .scopeName("scope_name"),
        .resourceAttribute("service.name", as: "service.name"),
    ]

    /// Everything on the top level under short names: level in lower case, time to the millisecond, message, service, identifiers and
    /// the attributes.
    public static let flat: JSONLineFormat = [
        .level("level", .lowercase), .time("time", .rfc3339(fractionDigits: 3)), .body("message"), .eventName("event"),
        .resourceAttribute("service.name", as: "service"), .traceID("trace_id"), .spanID("span_id"), .attributes,
    ]

    /// What Python's JSON formatter writes together with OpenTelemetry's instrumentation of `logging`: the message, the attributes, and
    /// `otelTraceID`, `otelSpanID`, `otelTraceSampled` and `otelServiceName`. It has neither a time nor a level;
    /// `.pythonLogging.adding(.level("levelname"), .time("asctime"))` has both.
    public static let pythonLogging: JSONLineFormat = [
        .body("message"), .attributes, .traceID("otelTraceID"), .spanID("otelSpanID"), .traceSampled("otelTraceSampled"),
        .resourceAttribute("service.name", as: "otelServiceName"),
    ]
}

extension JSONLineFormat {
    /// The names that fields have on the top level.
    var names: [String] { fields.compactMap(\.name) }

    /// Throws where a line would have a key, or all of the attributes, twice.
    func check() throws(ConfigurationError) {
        var seen: Set<ExactText> = []
        for name in names where !seen.insert(ExactText(name)).inserted {
            throw ConfigurationError(setting: "format", value: name, expected: "each name for one field only")
        }
        if fields.count - names.count > 1 {
            throw ConfigurationError(setting: "format", value: "attributes", expected: "the attributes on the top level once only")
        }
    }

    /// The same line where each name is there once, whatever was asked for.
    var withoutRepetitions: JSONLineFormat {
        var seen: Set<ExactText?> = []
        return JSONLineFormat(fields.filter { seen.insert($0.name.map(ExactText.init)).inserted })
    }
}
