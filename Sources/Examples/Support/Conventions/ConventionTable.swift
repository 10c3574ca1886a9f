// The semantic conventions as far as telemetry can be held against them.

import Telemetry

/// The attributes, metrics and events of the semantic conventions by name.
package struct ConventionTable: Sendable {
    /// The types of attributes, by the letter that the table has for them.
    package enum ValueType: Character, Sendable {
        case string = "s"
        case int = "i"
        case double = "d"
        case boolean = "b"
        case strings = "S"
        case ints = "I"
        case doubles = "D"
        case booleans = "B"
        case any = "a"
    }

    package enum Stability: Character, Sendable {
        case stable = "S"
        case releaseCandidate = "R"
        case development = "D"
    }

    package enum Instrument: Character, Sendable {
        case counter = "c"
        case upDownCounter = "u"
        case gauge = "g"
        case histogram = "h"
    }

    package struct Attribute: Sendable {
        package var type = ValueType.any
        /// True for a family of keys that begin with the name.
        package var isTemplate = false
        package var stability = Stability.development
        /// The known values; empty unless the values are enumerated.
        package var members: [Substring] = []
        /// The names to use instead of a deprecated one, of which there may be none; nil for one that is not deprecated.
        package var replacements: [Substring]?
    }

    package struct Metric: Sendable {
        package var instrument = Instrument.gauge
        package var unit = ""
        package var stability = Stability.development
        package var required: [Substring] = []
        package var recommended: [Substring] = []
        package var replacements: [Substring]?
    }

    package struct Event: Sendable {
        package var stability = Stability.development
        package var required: [Substring] = []
        package var replacements: [Substring]?
    }

    /// The conventions of the version that this repository follows.
    package static let current = ConventionTable(attributes: attributes, metrics: metrics, events: events)

    private var attributesByName: [Substring: Attribute] = [:]
    private var metricsByName: [Substring: Metric] = [:]
    private var eventsByName: [Substring: Event] = [:]
    /// The first words of all names, which are not an application's to use.
    private var namespaces: Set<Substring> = []

    private init(attributes: String, metrics: String, events: String) {
        for fields in Self.entries(attributes) {
            let isTemplate = fields[1].first == "t"
            var attribute = Attribute(isTemplate: isTemplate, stability: Self.stability(fields[2]))
            attribute.type = (isTemplate ? fields[1].dropFirst() : fields[1]).first.flatMap(ValueType.init) ?? .any
            attribute.members = Self.list("=", fields) ?? []
            attribute.replacements = Self.list(">", fields)
            attributesByName[fields[0]] = attribute
            namespaces.insert(Self.namespace(fields[0]))
        }
        for fields in Self.entries(metrics) {
            var metric = Metric(unit: String(fields[2]), stability: Self.stability(fields[3]))
            metric.instrument = fields[1].first.flatMap(Instrument.init) ?? .gauge
            metric.required = Self.list("!", fields) ?? []
            metric.recommended = Self.list("~", fields) ?? []
            metric.replacements = Self.list(">", fields)
            metricsByName[fields[0]] = metric
            namespaces.insert(Self.namespace(fields[0]))
        }
        for fields in Self.entries(events) {
            var event = Event(stability: Self.stability(fields[1]))
            event.required = Self.list("!", fields) ?? []
            event.replacements = Self.list(">", fields)
            eventsByName[fields[0]] = event
        }
        // The SDK's specification has it, not the registry.
        attributesByName["otel.metric.overflow"] = Attribute(type: .boolean, stability: .stable)
    }

    private static func entries(_ text: String) -> [[Substring]] { text.split(separator: ";").map { $0.split(separator: " ") } }

    private static func stability(_ field: Substring) -> Stability { field.first.flatMap(Stability.init) ?? .development }

    private static func list(_ mark: Character, _ fields: [Substring]) -> [Substring]? {
        fields.dropFirst().last { $0.first == mark }?.dropFirst().split(separator: ",")
    }

    private static func namespace(_ name: Substring) -> Substring { name.prefix { $0 != "." } }

    /// The attribute of a name, or the family that it belongs to.
    package func attribute(_ name: String) -> Attribute? {
        if let attribute = attributesByName[name[...]], !attribute.isTemplate { return attribute }
        var rest = name[...]
        while let dot = rest.lastIndex(of: ".") {
            rest = rest[..<dot]
            if let attribute = attributesByName[rest], attribute.isTemplate { return attribute }
        }
        return nil
    }

    package func metric(_ name: String) -> Metric? { metricsByName[name[...]] }

    package func event(_ name: String) -> Event? { eventsByName[name[...]] }

    /// Returns whether a name begins as those of the conventions do.
    package func isReserved(_ name: String) -> Bool { name.contains(".") && namespaces.contains(Self.namespace(name[...])) }

    /// Returns the attribute whose name is used as a namespace by another name; nil if there is none.
    package func attributeUsedAsNamespace(of name: String) -> Substring? {
        var rest = name[...]
        while let dot = rest.lastIndex(of: ".") {
            rest = rest[..<dot]
            if let attribute = attributesByName[rest], !attribute.isTemplate, attribute.replacements == nil { return rest }
        }
        return nil
    }
}
