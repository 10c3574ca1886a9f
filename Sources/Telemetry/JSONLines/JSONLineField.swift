// The building blocks of formats for lines of JSON.

/// A field of a line: its name, and its content from the log record.
public struct JSONLineField: Sendable, Hashable {
    enum Content: Sendable, Hashable {
        case time(JSONLineTime)
        case observedTime(JSONLineTime)
        case severityText
        case severityNumber
        case level(JSONLevels)
        case body
        case attributes
        case eventName
        case traceID(prefix: String)
        case spanID
        case traceFlags
        case traceSampled
        case scopeName
        case scopeVersion
        case resourceAttribute(String)
        case resource
        case constant(AttributeValue)
    }

    /// The name; nil for attributes on the top level.
    let name: String?
    let content: Content

    private init(_ name: String?, _ content: Content) {
        self.name = name
        self.content = content
    }
}

extension JSONLineField {
    /// The timestamp, or the observed timestamp if it is missing.
    public static func time(_ name: String, _ style: JSONLineTime = .rfc3339()) -> Self { Self(name, .time(style)) }

    /// The observed timestamp.
    public static func observedTime(_ name: String, _ style: JSONLineTime = .rfc3339()) -> Self { Self(name, .observedTime(style)) }

    /// The severity text, or the name of the severity number if it is missing: `INFO`, `WARN2`.
    public static func severityText(_ name: String) -> Self { Self(name, .severityText) }

    /// The number of the severity, 1 to 24.
    public static func severityNumber(_ name: String) -> Self { Self(name, .severityNumber) }

    /// The name of the severity range: one of six words or numbers; the severity text if the number is missing.
    public static func level(_ name: String, _ levels: JSONLevels = .uppercase) -> Self { Self(name, .level(levels)) }

    /// The body, which may be any value.
    public static func body(_ name: String) -> Self { Self(name, .body) }

    /// The attributes in an object of their own.
    public static func attributes(_ name: String) -> Self { Self(name, .attributes) }

    /// The attributes on the top level, beside the other fields.
    public static var attributes: Self { Self(nil, .attributes) }

    /// The name of an event.
    public static func eventName(_ name: String) -> Self { Self(name, .eventName) }

    /// The trace identifier: 32 hexadecimal digits.
    ///
    /// - Parameter prefix: text before the digits, such as `projects/my-project/traces/` for Google Cloud.
    public static func traceID(_ name: String, prefix: String = "") -> Self { Self(name, .traceID(prefix: prefix)) }

    /// The span identifier: 16 hexadecimal digits.
    public static func spanID(_ name: String) -> Self { Self(name, .spanID) }

    /// The trace flags: two hexadecimal digits, as in `traceparent`.
    public static func traceFlags(_ name: String) -> Self { Self(name, .traceFlags) }

    /// Whether the trace is sampled: true or false.
    public static func traceSampled(_ name: String) -> Self { Self(name, .traceSampled) }

    /// The name of the logger.
    public static func scopeName(_ name: String) -> Self { Self(name, .scopeName) }

    /// The version of the logger.
    public static func scopeVersion(_ name: String) -> Self { Self(name, .scopeVersion) }

    /// One attribute of the resource: `.resourceAttribute("service.name", as: "service")`.
    public static func resourceAttribute(_ key: String, as name: String) -> Self { Self(name, .resourceAttribute(key)) }

    /// All attributes of the resource in an object of their own.
    public static func resource(_ name: String) -> Self { Self(name, .resource) }

    /// A constant value in each line.
    public static func constant(_ name: String, _ value: AttributeValue) -> Self { Self(name, .constant(value)) }
}
