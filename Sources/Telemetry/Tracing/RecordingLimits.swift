// Hot: span limits in the widths that recording compares.

/// The limits of a provider, laid out for the hot path.
struct RecordingLimits: Sendable {
    let values: AttributeValueLimits
    let attributeCount: Int32
    let eventCount: Int32
    let linkCount: Int32
    let eventAttributeCount: Int
    let linkAttributeCount: Int

    init(_ limits: SpanLimits) {
        values = limits.valueLimits
        attributeCount = Int32(clamping: max(0, limits.attributeCount))
        eventCount = Int32(clamping: max(0, limits.eventCount))
        linkCount = Int32(clamping: max(0, limits.linkCount))
        eventAttributeCount = max(0, limits.eventAttributeCount)
        linkAttributeCount = max(0, limits.linkAttributeCount)
    }

    /// Reports that a span exceeded its limits; the rate of such messages is limited for each scope.
    static func reportDiscards(of name: String, in scope: String) {
        Diagnostics.report(
            .warning, topic: "span.limits.\(scope)",
            "The span \"\(name)\" of \"\(scope)\" was given more attributes, events or links than its limits allow; what was too much is"
                + " dropped and counted. Record less, or raise the limits: SpanLimits, or OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT and its like.")
    }
}
