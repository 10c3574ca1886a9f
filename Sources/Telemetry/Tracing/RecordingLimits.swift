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
        attributeCount = Int32(clamping: limits.attributeCount)
        eventCount = Int32(clamping: limits.eventCount)
        linkCount = Int32(clamping: limits.linkCount)
        eventAttributeCount = limits.eventAttributeCount
        linkAttributeCount = limits.linkAttributeCount
    }
}
