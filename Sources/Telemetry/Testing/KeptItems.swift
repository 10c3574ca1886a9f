// The memory of the exporters for tests.

/// Keeps items up to a limit until they are removed; later ones are dropped and counted.
final class KeptItems<Item: Sendable>: Sendable {
    private struct State {
        var items: [Item] = []
        var droppedCount = 0
        var isClosed = false
    }

    let capacity: Int
    private let state = Locked(State())

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// The error in the capacity, as all exporters for tests report it; nil if it is valid. A negative one keeps nothing.
    static func problem(capacity: Int) -> ConfigurationError? {
        capacity < 0 ? ConfigurationError(setting: "capacity", value: "\(capacity)", expected: "0 or more") : nil
    }

    /// The kept items, in the order of their arrival.
    var items: [Item] { state.withLock { $0.items } }

    var droppedCount: Int { state.withLock { $0.droppedCount } }

    /// Keeps items as far as there is room; returns false after ``close()``.
    func keep(_ items: [Item]) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            let room = max(0, capacity - state.items.count)
            state.items += items.prefix(room)
            state.droppedCount += max(0, items.count - room)
            return true
        }
    }

    func removeAll() {
        state.withLock { state in
            state.items = []
            state.droppedCount = 0
        }
    }

    /// Keeps nothing from now on.
    func close() { state.withLock { $0.isClosed = true } }
}
