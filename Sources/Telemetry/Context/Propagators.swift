// The global propagator.

/// The propagator of libraries that get none as a parameter.
public enum Propagators {
    /// The value of ``global`` until it is set.
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
