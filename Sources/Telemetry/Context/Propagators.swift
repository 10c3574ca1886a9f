// The global propagator.

/// The propagator that libraries use which were not handed one.
public enum Propagators {
    /// What ``global`` is until it is set.
    static let initial: any Propagator = NoOpPropagator()

    private static let state = Locked(initial)

    /// The propagator of the process; it does nothing until one is set.
    ///
    /// (Specification: context propagators API, "Global Propagators". A library that instruments others has no other way
    /// to find it.)
    public static var global: any Propagator {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
