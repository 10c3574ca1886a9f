// Bounds how many calls of another service run at once.

import Synchronization

/// Lets a number of calls run at the same time; further ones wait in order, up to a bound.
///
/// Waiting needs no timer of its own: a call that waits began later than all that run, so that their deadlines pass before its own.
final class CallSlots: Sendable {
    private struct State {
        var freeCount: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>
    private let maximumWaiting: Int

    init(count: Int, maximumWaiting: Int) {
        state = Mutex(State(freeCount: count))
        self.maximumWaiting = maximumWaiting
    }

    /// Waits for a free slot, which the caller must release; returns false at once if too many callers wait already.
    func acquire() async -> Bool {
        let isFull = state.withLock { $0.freeCount == 0 && $0.waiting.count >= maximumWaiting }
        guard !isFull else { return false }
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.freeCount == 0 else {
                    state.freeCount -= 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
        return true
    }

    /// Passes the slot on to the caller that has waited longest.
    func release() {
        let next: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.freeCount += 1
            return nil
        }
        next?.resume()
    }
}
