// A clock for tests.

/// A clock that changes only when it is advanced: tests use it instead of sleeping.
public final class ManualClock: Sendable {
    private struct State {
        var wall: UInt64
        var monotonic: UInt64
        var observers: [@Sendable () -> Void] = []
    }

    private let state: Locked<State>
    let latest = LatestAnchor()

    /// Starts at a point in time, 2001-09-09T01:46:40Z unless another is given.
    public init(startingAt start: Timestamp = Timestamp(nanosecondsSinceEpoch: 1_000_000_000_000_000_000)) {
        state = Locked(State(wall: start.nanosecondsSinceEpoch, monotonic: 0))
    }

    deinit { latest.deallocate() }

    /// The time of the wall clock.
    public var now: Timestamp { Timestamp(nanosecondsSinceEpoch: wallNanoseconds()) }

    /// Advances the clock, and notifies its observers.
    public func advance(by duration: Duration) {
        let nanoseconds = UInt64(max(0, duration.saturatedNanoseconds))
        let observers = state.withLock { state in
            state.wall &+= nanoseconds
            state.monotonic &+= nanoseconds
            return state.observers
        }
        for observer in observers { observer() }
    }

    /// Sets the wall clock forward, or back by a negative duration, as an administrator does; the monotonic clock is unchanged.
    public func stepWallClock(by duration: Duration) {
        state.withLock { state in
            state.wall = Timestamp(nanosecondsSinceEpoch: state.wall).advanced(by: duration).nanosecondsSinceEpoch
        }
    }

    func wallNanoseconds() -> UInt64 { state.withLock { $0.wall } }

    func monotonicNanoseconds() -> UInt64 { state.withLock { $0.monotonic } }

    /// Calls the closure after each advance, on the thread that advanced the clock.
    func observe(_ observer: @escaping @Sendable () -> Void) {
        state.withLock { $0.observers.append(observer) }
    }
}
