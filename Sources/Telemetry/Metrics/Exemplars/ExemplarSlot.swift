// Hot: the memory of one exemplar in a cell.

/// One exemplar that is kept, and what decides on the next.
///
/// Each measurement that is looked at draws a random number between 0 and 1, and the greatest are kept: so each has the same
/// chance, whatever lane it came through, and two lanes are joined by keeping the greatest of both. How many measurements will
/// draw less than the least one kept is drawn at once, and that many are passed over without being looked at.
struct ExemplarSlot {
    /// The number drawn; 0 as long as there is no exemplar.
    var draw = 0.0
    /// How many measurements are passed over: the next one is looked at.
    var skipUntilCount: UInt64 = 0
    var value: UInt64 = 0
    /// When it was measured, on the monotonic clock.
    var nanoseconds: UInt64 = 0
    var traceHigh: UInt64 = 0
    var traceLow: UInt64 = 0
    var span: UInt64 = 0
    /// What the measurement had beyond the attributes of its series.
    var filtered: Attributes?

    var isTaken: Bool { draw > 0 }

    mutating func clear() {
        draw = 0
        skipUntilCount = 0
        filtered = nil
    }
}

/// What is to be kept of a measurement.
struct ExemplarOffer {
    let value: UInt64
    let nanoseconds: UInt64
    let spanContext: SpanContext?
    let filtered: Attributes?
}
