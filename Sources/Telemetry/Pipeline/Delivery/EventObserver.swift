// One optional observer of rare events.

/// Notifies one observer of rare events.
final class EventObserver<Event: Sendable>: Sendable {
    private let observer = Locked<(@Sendable (Event) -> Void)?>(nil)

    /// True if there is an observer; else an event need not be made.
    var isPresent: Bool { observer.withLock { $0 != nil } }

    /// Sets the observer, which is called for each event from now on; on any thread, without a lock.
    func observe(_ body: @escaping @Sendable (Event) -> Void) {
        observer.withLock { $0 = body }
    }

    func report(_ event: Event) {
        observer.withLock { $0 }?(event)
    }
}
