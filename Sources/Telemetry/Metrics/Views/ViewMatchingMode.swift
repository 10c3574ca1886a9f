// The two ways to combine views that select the same instrument.

/// What becomes of an instrument that several views select. (Specification: metrics SDK, "View matching mode", in development.)
public enum ViewMatchingMode: Sendable, Hashable {
    /// Each view makes a metric of its own.
    case independent
    /// Views are put together: what the last one says counts, and an attribute is kept when all keep it.
    ///
    /// There is one metric for each name that views give the instrument. Views that give none have their say about all of them.
    case composable
}
