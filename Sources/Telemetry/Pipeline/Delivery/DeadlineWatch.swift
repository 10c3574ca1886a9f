// Acts on deadlines that are seldom reached, without a thread for each.

import Synchronization

/// Watches deadlines that are usually met in time, all of them on one thread that ends when there has been nothing to watch for a while.
///
/// A thread of its own for each flush costs more than the flush, and the tasks of the caller's pool may be blocked.
final class DeadlineWatch: Sendable {
    /// What is watched: done once someone says so.
    final class Item: Sendable {
        fileprivate let deadline: Deadline
        fileprivate let act: @Sendable () -> Void
        private let isDoneFlag = Atomic(false)

        fileprivate init(_ deadline: Deadline, _ act: @escaping @Sendable () -> Void) {
            self.deadline = deadline
            self.act = act
        }

        fileprivate var isDone: Bool { isDoneFlag.load(ordering: .relaxed) }

        /// Makes the watch forget the deadline, unless it has come.
        func finish() { isDoneFlag.store(true, ordering: .relaxed) }
    }

    private struct State {
        var items: [Item] = []
        var isRunning = false
        var lastUse = Deadline.never
        /// Until when the thread sleeps.
        var wakeTime = Deadline.never
        /// The process that the thread belongs to.
        var generation = ProcessGeneration.current
    }

    private enum Step { case act([Item]), sleep(until: Deadline), end }

    /// The watch of the process.
    static let shared = DeadlineWatch()
    private static let idleTime = Duration.seconds(10)

    private let state = Locked(State())
    private let wake = WakeSignal()

    /// Calls the closure at the deadline, on the watching thread, unless the item is finished before.
    ///
    /// The closure must not take long. It is called at once if the system gives no thread.
    func watch(until deadline: Deadline, _ act: @escaping @Sendable () -> Void) -> Item {
        let item = Item(deadline, act)
        let now = Deadline.after(.zero)
        let (mustStart, mustWake) = state.withLock { state in
            if state.generation != ProcessGeneration.current { state = State() }
            state.items.removeAll(where: \.isDone)
            state.items.append(item)
            state.lastUse = now
            defer { state.isRunning = true }
            return (!state.isRunning, state.isRunning && deadline < state.wakeTime)
        }
        if mustStart {
            if !WorkerThread.start(named: "telemetry-watch", { self.run() }) { giveUp() }
        } else if mustWake {
            wake.raise()
        }
        return item
    }

    private func run() {
        while true {
            switch nextStep() {
            case .act(let items): for item in items where !item.isDone { item.act() }
            case .sleep(let time): _ = wake.wait(until: time)
            case .end: return
            }
        }
    }

    private func nextStep() -> Step {
        state.withLock { state in
            state.items.removeAll(where: \.isDone)
            let due = state.items.filter(\.deadline.hasPassed)
            if !due.isEmpty {
                state.items.removeAll(where: { item in due.contains { $0 === item } })
                return .act(due)
            }
            let idle = state.lastUse.advanced(by: Self.idleTime)
            if state.items.isEmpty && idle.hasPassed {
                state.isRunning = false
                return .end
            }
            state.wakeTime = state.items.map(\.deadline).min() ?? idle
            return .sleep(until: state.wakeTime)
        }
    }

    /// Treats all items as late, because there is no thread to watch them.
    private func giveUp() {
        let items = state.withLock { state in
            state.isRunning = false
            defer { state.items = [] }
            return state.items
        }
        for item in items where !item.isDone { item.act() }
    }
}
