// The rules for names, types, units and required attributes.

import Telemetry

/// Holds attributes, metrics and events against the table.
struct ConventionRules {
    typealias Report = (ConventionFinding) -> Void

    private let table: ConventionTable

    init(_ table: ConventionTable) {
        self.table = table
    }

    // MARK: Attributes

    func checkAttribute(_ name: String, _ value: AttributeValue, _ signal: ConventionFinding.Signal, _ take: Report) {
        func report(_ rule: ConventionFinding.Rule, _ level: ConventionFinding.Level, _ message: String) {
            take(ConventionFinding(rule, level, signal, name, message))
        }
        guard let attribute = table.attribute(name) else {
            if !name.contains(".") { report(.missingNamespace, .improvement, "a name has a namespace, as in shop.\(name.bounded)") }
            if !Self.hasFormat(name) { report(.invalidFormat, .violation, Self.formatRule) }
            if let taken = table.attributeUsedAsNamespace(of: name) {
                report(.illegalNamespace, .violation, "\(taken) is an attribute and no namespace")
            } else if table.isReserved(name) {
                report(.missingAttribute, .violation, "the conventions have no such attribute, and the namespace is theirs")
            } else {
                report(.missingAttribute, .information, "an attribute of one's own, which the conventions do not have")
            }
            return
        }
        if let replacements = attribute.replacements {
            report(.deprecated, .violation, Self.deprecation(replacements))
            return
        }
        guard Self.has(value, attribute) else {
            report(.typeMismatch, .violation, "the value is \(Self.type(of: value)); it should be \(Self.name(of: attribute.type))")
            return
        }
        if attribute.stability != .stable { report(.notStable, .improvement, Self.name(of: attribute.stability)) }
        // One whose only known value is that for others takes any.
        if !attribute.members.isEmpty, attribute.members != ["_OTHER"], !Self.isMember(value, attribute.members) {
            let known = attribute.members.prefix(4).joined(separator: ", ") + (attribute.members.count > 4 ? " and others" : "")
            report(.undefinedEnumVariant, .information, "a value that the conventions do not have; known are \(known)")
        }
    }

    private static let formatRule = "names are lower-case words of letters and digits, with . or _ between"

    /// Lower-case words that begin with a letter at the beginning, with one dot or underscore between two.
    static func hasFormat(_ name: String) -> Bool {
        var isWordStart = true
        for (place, byte) in name.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): isWordStart = false
            case UInt8(ascii: "0")...UInt8(ascii: "9") where place > 0: isWordStart = false
            case UInt8(ascii: "."), UInt8(ascii: "_"):
                guard !isWordStart else { return false }
                isWordStart = true
            default: return false
            }
        }
        return !isWordStart
    }

    private static func deprecation(_ replacements: [Substring]) -> String {
        guard let first = replacements.first else { return "deprecated, without replacement" }
        return "deprecated; use \(replacements.count > 3 ? "\(first) and others" : replacements.joined(separator: ", "))"
    }

    private static func name(of stability: ConventionTable.Stability) -> String {
        stability == .releaseCandidate ? "a release candidate, not stable yet" : "in development, not stable"
    }

    private static func has(_ value: AttributeValue, _ attribute: ConventionTable.Attribute) -> Bool {
        switch (attribute.type, value) {
        case (.any, _), (.string, .string), (.int, .int), (.double, .double), (.double, .int), (.boolean, .bool): return true
        case (.strings, .array(let values)): return values.allSatisfy { $0.stringValue != nil }
        case (.ints, .array(let values)): return values.allSatisfy { $0.intValue != nil }
        case (.doubles, .array(let values)): return values.allSatisfy { $0.doubleValue != nil || $0.intValue != nil }
        case (.booleans, .array(let values)): return values.allSatisfy { $0.boolValue != nil }
        default: return false
        }
    }

    private static func isMember(_ value: AttributeValue, _ members: [Substring]) -> Bool {
        switch value {
        case .string(let text): members.contains(text[...])
        case .int(let number): members.contains("\(number)")
        default: true
        }
    }

    private static func type(of value: AttributeValue) -> String {
        switch value {
        case .string: "a string"
        case .bool: "a boolean"
        case .int: "an int"
        case .double: "a double"
        case .bytes: "bytes"
        case .array: "an array of another type"
        case .map: "a map"
        case .empty: "empty"
        }
    }

    private static func name(of type: ConventionTable.ValueType) -> String {
        switch type {
        case .string: "a string"
        case .int: "an int"
        case .double: "a double"
        case .boolean: "a boolean"
        case .strings: "an array of strings"
        case .ints: "an array of ints"
        case .doubles: "an array of doubles"
        case .booleans: "an array of booleans"
        case .any: "any"
        }
    }

    // MARK: Metrics

    /// - Parameter instrument: nil if no instrument records such data.
    func checkMetric(_ name: String, unit: String, _ instrument: ConventionTable.Instrument?, _ take: Report) {
        func report(_ rule: ConventionFinding.Rule, _ level: ConventionFinding.Level, _ message: String) {
            take(ConventionFinding(rule, level, .metric, name, message))
        }
        guard let metric = table.metric(name) else {
            if !Self.hasFormat(name) { report(.invalidFormat, .violation, Self.formatRule) }
            if table.isReserved(name) {
                report(.missingMetric, .violation, "the conventions have no such metric, and the namespace is theirs")
            } else {
                report(.missingMetric, .information, "a metric of one's own, which the conventions do not have")
            }
            return
        }
        if let replacements = metric.replacements {
            report(.deprecated, .violation, Self.deprecation(replacements))
            return
        }
        if instrument != metric.instrument {
            let found = instrument.map(Self.name) ?? "no instrument's data"
            report(.unexpectedInstrument, .violation, "this is \(found); it should be \(Self.name(of: metric.instrument))")
        }
        if unit != metric.unit {
            report(.unitMismatch, .violation, "the unit is \"\(unit.bounded)\"; it should be \"\(metric.unit)\"")
        }
        if metric.stability != .stable { report(.notStable, .improvement, Self.name(of: metric.stability)) }
    }

    private static func name(of instrument: ConventionTable.Instrument) -> String {
        switch instrument {
        case .counter: "a counter"
        case .upDownCounter: "an up-down counter"
        case .gauge: "a gauge"
        case .histogram: "a histogram"
        }
    }

    func checkPoint(of name: String, _ attributes: Attributes, _ take: Report) {
        guard let metric = table.metric(name), metric.replacements == nil, attributes["otel.metric.overflow"] == nil else { return }
        for key in metric.required where attributes[String(key)] == nil {
            take(
                ConventionFinding(
                    .requiredAttributeNotPresent, .violation, .metric, String(key), "\(name) requires it, and a point lacks it")
            )
        }
        for key in metric.recommended where attributes[String(key)] == nil {
            take(
                ConventionFinding(
                    .recommendedAttributeNotPresent, .improvement, .metric, String(key), "recommended for \(name), and a point lacks it"))
        }
    }

    // MARK: Events

    func checkEvent(_ name: String, _ attributes: Attributes, _ take: Report) {
        guard !name.isEmpty else { return }
        func report(_ rule: ConventionFinding.Rule, _ level: ConventionFinding.Level, _ subject: String, _ message: String) {
            take(ConventionFinding(rule, level, .log, subject, message))
        }
        guard let event = table.event(name) else {
            if !Self.hasFormat(name) { report(.invalidFormat, .violation, name, Self.formatRule) }
            if table.isReserved(name) {
                report(.missingEvent, .violation, name, "the conventions have no such event, and the namespace is theirs")
            } else {
                report(.missingEvent, .information, name, "an event of one's own, which the conventions do not have")
            }
            return
        }
        if let replacements = event.replacements { return report(.deprecated, .violation, name, Self.deprecation(replacements)) }
        for key in event.required where attributes[String(key)] == nil {
            report(.requiredAttributeNotPresent, .violation, String(key), "\(name) requires it, and a record lacks it")
        }
        if event.stability != .stable { report(.notStable, .improvement, name, Self.name(of: event.stability)) }
    }
}
