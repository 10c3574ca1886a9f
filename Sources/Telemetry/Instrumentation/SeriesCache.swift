// Finds what exchanges have in common with those before them.

/// What the exchanges with one key have in common: span attributes that are encoded once, and series of metrics that are found once.
protocol ExchangeSeries: AnyObject, Sendable {
    associatedtype Key: Hashable & Sendable

    var key: Key { get }
    /// Whether the series counts its exchanges for itself; if not, there may be room for it later.
    var hasRoom: Bool { get }
}

/// Keeps the series that were used last.
final class SeriesCache<Series: ExchangeSeries>: Sendable {
    /// More series than a service has; beyond it they are made anew.
    private static var maximumCount: Int { 512 }
    /// The number of places; a power of two.
    static var recentCount: Int { 32 }

    private struct State: Sendable {
        /// The series that was last found at each place: hashing a key takes twice as long as comparing it with this one.
        var recent = [Series?](repeating: nil, count: recentCount)
        var all: [Series.Key: Series] = [:]
    }

    private let state = LockedCache { State() }

    /// Returns a series by what the caller knows of it before it has a key.
    ///
    /// - Parameters:
    ///   - place: a number that tells most keys apart.
    ///   - isWanted: whether a series that was found last at that place is that of the caller.
    ///   - key: called if it is not.
    ///   - make: makes the series of a key that was not seen lately.
    @inline(__always)
    func series(at place: Int, where isWanted: (Series) -> Bool, key: () -> Series.Key, _ make: (Series.Key) -> Series) -> Series {
        let place = place & (Self.recentCount - 1)
        let recent = state.withLock { $0.recent[place] }
        if let recent, isWanted(recent) { return recent }
        return series(at: place, key(), make)
    }

    @inline(never)
    private func series(at place: Int, _ key: Series.Key, _ make: (Series.Key) -> Series) -> Series {
        let known = state.withLock { state -> Series? in
            guard let found = state.all[key] else { return nil }
            state.recent[place] = found
            return found
        }
        if let known { return known }
        let made = make(key)
        guard made.hasRoom else { return made }
        let fresh = State()
        // What is no longer kept is freed after the lock is released.
        let former = state.withLock { state -> State? in
            var former: State?
            if state.all.count >= Self.maximumCount { (former, state) = (state, fresh) }
            state.all[key] = made
            state.recent[place] = made
            return former
        }
        withExtendedLifetime(former) {}
        return made
    }
}
