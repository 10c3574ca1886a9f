// What a check of telemetry against the semantic conventions finds.

/// One deviation from a rule, the same for all items that show it.
package struct ConventionFinding: Hashable, Sendable {
    package enum Level: String, CaseIterable, Sendable {
        case violation, improvement, information
    }

    /// The rules, with the names that Weaver's live check has for them; those of spans' names, kinds and statuses are our own.
    package enum Rule: String, CaseIterable, Sendable {
        case deprecated
        case typeMismatch = "type_mismatch"
        case unitMismatch = "unit_mismatch"
        case unexpectedInstrument = "unexpected_instrument"
        case requiredAttributeNotPresent = "required_attribute_not_present"
        case entityRequiredAttributeNotPresent = "entity_required_attribute_not_present"
        case missingAttribute = "missing_attribute"
        case missingMetric = "missing_metric"
        case missingEvent = "missing_event"
        case invalidFormat = "invalid_format"
        case illegalNamespace = "illegal_namespace"
        case spanKind = "span_kind"
        case spanName = "span_name"
        case spanStatus = "span_status"
        case nameCardinality = "name_cardinality"
        case recommendedAttributeNotPresent = "recommended_attribute_not_present"
        case missingNamespace = "missing_namespace"
        case notStable = "not_stable"
        case undefinedEnumVariant = "undefined_enum_variant"
        case conditionallyRequiredAttributeNotPresent = "conditionally_required_attribute_not_present"
    }

    package enum Signal: String, Sendable {
        case resource, scope, span, metric, log
        case spanEvent = "span_event"
    }

    package let rule: Rule
    package let level: Level
    package let signal: Signal
    /// The attribute, metric, event or span that deviates.
    package let subject: String
    /// What is so, and what would be right.
    package let message: String

    init(_ rule: Rule, _ level: Level, _ signal: Signal, _ subject: String, _ message: String) {
        self.rule = rule
        self.level = level
        self.signal = signal
        self.subject = subject.bounded
        self.message = message
    }
}

extension ConventionFinding {
    /// One item that shows a finding.
    package struct Occurrence: Sendable {
        package var service = ""
        /// The name of the span, metric or event.
        package var name = ""
        package var traceID = ""
    }
}

extension String {
    /// The text, cut where it is longer than names are.
    var bounded: String { utf8.count <= 200 ? self : String(prefix(160)) + "…" }
}
