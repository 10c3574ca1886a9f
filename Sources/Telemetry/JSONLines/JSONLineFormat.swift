// Formats for lines of JSON: predefined ones, and lists of fields.

/// The fields of a line, in order.
///
/// Use a predefined format, change it, or list fields:
///
/// ```swift
/// .jsonLines(.standardOutput, format: [.time("ts"), .level("lvl"), .body("msg"), .traceID("trace"), .attributes])
/// ```
///
/// Fields without a value are omitted: identifiers outside of a span, an empty event name.
///
/// Keys are unique. A top-level attribute with the name of a field gets the prefix `attributes.`. Of attributes with the same name
/// the last one wins.
public struct JSONLineFormat: Sendable, Hashable, ExpressibleByArrayLiteral {
    public var fields: [JSONLineField]

    public init(_ fields: [JSONLineField]) {
        self.fields = fields
    }

    public init(arrayLiteral elements: JSONLineField...) {
        self.init(elements)
    }

    /// Returns the format with more fields before the others.
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
    /// The top-level names of the fields.
    var names: [String] { fields.compactMap(\.name) }

    /// Throws if a line would have a key, or all attributes, twice.
    func check() throws(ConfigurationError) {
        var seen: Set<ExactText> = []
        for name in names where !seen.insert(ExactText(name)).inserted {
            throw ConfigurationError(setting: "format", value: name, expected: "each name for one field only")
        }
        if fields.count - names.count > 1 {
            throw ConfigurationError(setting: "format", value: "attributes", expected: "the attributes on the top level once only")
        }
    }

    /// Returns the format without repeated names.
    var withoutRepetitions: JSONLineFormat {
        var seen: Set<ExactText?> = []
        return JSONLineFormat(fields.filter { seen.insert($0.name.map(ExactText.init)).inserted })
    }
}
