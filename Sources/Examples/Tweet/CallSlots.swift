// Bounds how many calls of another service run at once.

import Synchronization

/// Lets a number of calls run at the same time; further ones wait in order, up to a bound.
///
/// Waiting needs no timer of its own: a call that waits began later than all that run, so that their deadlines pass before its own.
final class CallSlots: Sendable {
    private struct State {
        var freeCount: Int
        var waiting: [CheckedContinuation<Bool, Never>] = []

        mutating func takeFree() -> Bool {
            guard freeCount > 0 else { return false }
            freeCount -= 1
            return true
        }
    }

    private let state: Mutex<State>
    private let maximumWaiting: Int

    init(count: Int, maximumWaiting: Int) {
        state = Mutex(State(freeCount: count))
        self.maximumWaiting = maximumWaiting
    }

    /// Waits for a free slot, which the caller must release; returns false at once if too many callers wait already.
    func acquire() async -> Bool {
        if state.withLock({ $0.takeFree() }) { return true }
        return await withCheckedContinuation { continuation in
            let answer: Bool? = state.withLock { state in
                if state.takeFree() { return true }
                guard state.waiting.count < maximumWaiting else { return false }
                state.waiting.append(continuation)
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Passes the slot on to the caller that has waited longest.
    func release() {
        let next: CheckedContinuation<Bool, Never>? = state.withLock { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.freeCount += 1
            return nil
        }
        next?.resume(returning: true)
    }
}
