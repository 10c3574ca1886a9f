// The end of a driver, for which tasks wait.

import Synchronization

/// Lets tasks wait until something has ended a number of times.
final class DatabaseClosing: Sendable {
    private struct State {
        var remaining: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(count: Int) {
        state = Mutex(State(remaining: count))
    }

    func countDown() {
        let waiting = state.withLock { state in
            state.remaining -= 1
            guard state.remaining == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if state.remaining > 0 { state.waiting.append(continuation) }
                return state.remaining <= 0
            }
            if hasEnded { continuation.resume() }
        }
    }
}
