// Precomputes the constant parts of lines for one scope.

/// The format for the records of one scope and resource, with constant members encoded once.
struct JSONLineLayout: Sendable {
    enum Step: Sendable {
        /// The encoded members that are the same in each line.
        case fixed([UInt8])
        case time(key: [UInt8], JSONLineTime)
        case observedTime(key: [UInt8], JSONLineTime)
        case severityText(key: [UInt8])
        case severityNumber(key: [UInt8])
        /// A level, with the encoded value of each range.
        case level(key: [UInt8], [[UInt8]])
        case body(key: [UInt8])
        case attributes(key: [UInt8])
        case flatAttributes(ReservedKeys)
        case eventName(key: [UInt8])
        case traceID(key: [UInt8], prefix: [UInt8])
        case spanID(key: [UInt8])
        case traceFlags(key: [UInt8])
        case traceSampled(key: [UInt8])
    }

    private(set) var steps: [Step] = []

    /// The prefix for attributes with the name of a field.
    static let attributePrefix = "attributes."

    init(_ format: JSONLineFormat, _ scope: RecordedScope) {
        let names = format.names
        for field in format.fields {
            guard let name = field.name else {
                steps.append(.flatAttributes(ReservedKeys(names, prefix: Self.attributePrefix)))
                continue
            }
            let key = Self.key(name)
            if let value = Self.fixedValue(of: field.content, scope) {
                append(fixed: key + value)
            } else if let step = Self.step(field.content, key) {
                steps.append(step)
            }
        }
    }

    /// Appends a piece; adjacent constants are merged.
    private mutating func append(fixed member: [UInt8]) {
        if case .fixed(let before)? = steps.last {
            steps[steps.count - 1] = .fixed(before + [UInt8(ascii: ",")] + member)
        } else {
            steps.append(.fixed(member))
        }
    }

    private static func key(_ name: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.key(text: name)
        return writer.bytes
    }

    private static func fixedValue(of content: JSONLineField.Content, _ scope: RecordedScope) -> [UInt8]? {
        switch content {
        case .scopeName: scope.scope.name.isEmpty ? nil : AttributeJSON.encoded(.string(scope.scope.name))
        case .scopeVersion: scope.scope.version.isEmpty ? nil : AttributeJSON.encoded(.string(scope.scope.version))
        case .resourceAttribute(let key): scope.resource.resource.attributes[key].map(AttributeJSON.encoded)
        case .resource:
            AttributeJSON.encoded(.map(Dictionary(scope.resource.resource.attributes.map { ($0.key, $0.value) }) { $1 }))
        case .constant(let value): AttributeJSON.encoded(value)
        default: nil
        }
    }

    private static func step(_ content: JSONLineField.Content, _ key: [UInt8]) -> Step? {
        switch content {
        case .time(let style): .time(key: key, style)
        case .observedTime(let style): .observedTime(key: key, style)
        case .severityText: .severityText(key: key)
        case .severityNumber: .severityNumber(key: key)
        case .level(let levels): .level(key: key, levels.all.map(AttributeJSON.encoded))
        case .body: .body(key: key)
        case .attributes: .attributes(key: key)
        case .eventName: .eventName(key: key)
        // The JSON text of the value without its quotes.
        case .traceID(let prefix): .traceID(key: key, prefix: Array(AttributeJSON.encoded(.string(prefix)).dropFirst().dropLast()))
        case .spanID: .spanID(key: key)
        case .traceFlags: .traceFlags(key: key)
        case .traceSampled: .traceSampled(key: key)
        case .scopeName, .scopeVersion, .resourceAttribute, .resource, .constant: nil
        }
    }
}
