// One optional observer of rare events.

/// Tells one who has asked for it of something that happens seldom.
final class EventObserver<Event: Sendable>: Sendable {
    private let observer = Locked<(@Sendable (Event) -> Void)?>(nil)

    /// Whether somebody has asked: else an event need not be made.
    var isPresent: Bool { observer.withLock { $0 != nil } }

    /// Has a closure called for each event from now on; on any thread, without a lock.
    func observe(_ body: @escaping @Sendable (Event) -> Void) {
        observer.withLock { $0 = body }
    }

    func report(_ event: Event) {
        observer.withLock { $0 }?(event)
    }
}
