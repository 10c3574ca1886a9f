// Hot: the start time of a span and its clock anchor.

/// The start of a span in nanoseconds of wall time, and the anchor of its other times.
struct SpanStart: Equatable {
    let nanoseconds: UInt64
    let anchor: ClockAnchor

    /// The start where there is no recording span.
    static var none: SpanStart { SpanStart(nanoseconds: 0, anchor: .none) }
}
