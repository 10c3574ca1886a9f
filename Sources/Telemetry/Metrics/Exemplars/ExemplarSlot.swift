// Hot: the memory of one exemplar in a cell.

/// One exemplar, and the draw that decides which measurement replaces it.
///
/// Each measurement that is looked at draws a random number between 0 and 1, and the greatest draws are kept. So every measurement has the
/// same chance, whatever its lane, and two lanes are merged by keeping the greatest draws of both. The number of measurements that would
/// draw less than the least draw kept is drawn at once, and that many are skipped without being looked at.
struct ExemplarSlot {
    /// The random number drawn; 0 while the slot is free.
    var draw = 0.0
    /// The count up to which measurements are skipped: the next one is looked at.
    var skipUntilCount: UInt64 = 0
    var value: UInt64 = 0
    /// The time of the measurement on the monotonic clock.
    var nanoseconds: UInt64 = 0
    var traceHigh: UInt64 = 0
    var traceLow: UInt64 = 0
    var span: UInt64 = 0
    /// The attributes of the measurement that its series does not have.
    var filtered: Attributes?

    var isTaken: Bool { draw > 0 }

    mutating func clear() {
        draw = 0
        skipUntilCount = 0
        filtered = nil
    }
}

/// A measurement that becomes an exemplar.
struct ExemplarOffer {
    let value: UInt64
    let nanoseconds: UInt64
    let spanContext: SpanContext?
    let filtered: Attributes?
}
