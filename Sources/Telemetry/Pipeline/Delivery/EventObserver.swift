// One optional observer of rare events.

/// Notifies one observer of rare events.
final class EventObserver<Event: Sendable>: Sendable {
    private struct State {
        var number = 0
        var observer: (@Sendable (Event) -> Void)?
    }

    private let state = Locked(State())

    /// True if there is an observer; else an event need not be made.
    var isPresent: Bool { state.withLock { $0.observer != nil } }

    /// Sets the observer, which is called for each event from now on; on any thread, without a lock.
    ///
    /// - Returns: the number by which it ends.
    @discardableResult func observe(_ body: @escaping @Sendable (Event) -> Void) -> Int {
        state.withLock { state in
            state.number += 1
            state.observer = body
            return state.number
        }
    }

    /// Removes the observer of a number, unless another one has taken its place.
    func end(_ number: Int) {
        // Released without the lock: it may hold much that ends with it.
        let ended = state.withLock { state in
            guard state.number == number else { return nil as (@Sendable (Event) -> Void)? }
            defer { state.observer = nil }
            return state.observer
        }
        _ = ended
    }

    func report(_ event: Event) {
        state.withLock { $0.observer }?(event)
    }
}
