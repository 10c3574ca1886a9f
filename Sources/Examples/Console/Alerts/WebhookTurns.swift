// Bounds how many requests each receiver of webhooks has at once.

import Synchronization

/// Lets a few requests to each address run at the same time; further ones wait in order, so that they hold no thread that others need.
final class WebhookTurns: Sendable {
    private struct State {
        /// The requests of each address that run; an address without one has no entry.
        var running: [String: Int] = [:]
        var waiting: [String: [CheckedContinuation<Bool, Never>]] = [:]
        var waitingCount = 0
        var isClosed = false
    }

    private let count: Int
    private let maximumWaiting: Int
    private let state = Mutex(State())

    init(count: Int, maximumWaiting: Int) {
        self.count = count
        self.maximumWaiting = maximumWaiting
    }

    /// Waits for a turn, which the caller must end; returns false if too many wait already, or after the end.
    func begin(_ address: String) async -> Bool {
        await withCheckedContinuation { continuation in
            let answer: Bool? = state.withLock { state in
                if state.isClosed { return false }
                if state.running[address, default: 0] < count {
                    state.running[address, default: 0] += 1
                    return true
                }
                guard state.waitingCount < maximumWaiting else { return false }
                state.waiting[address, default: []].append(continuation)
                state.waitingCount += 1
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Passes the turn on to the request that has waited longest for the same address.
    func end(_ address: String) {
        let next: CheckedContinuation<Bool, Never>? = state.withLock { state in
            if var waiting = state.waiting[address] {
                let next = waiting.removeFirst()
                state.waiting[address] = waiting.isEmpty ? nil : waiting
                state.waitingCount -= 1
                return next
            }
            let left = state.running[address, default: 1] - 1
            state.running[address] = left == 0 ? nil : left
            return nil
        }
        next?.resume(returning: true)
    }

    /// Refuses the requests that wait, and later ones.
    func close() {
        let refused = state.withLock { state in
            defer {
                state.isClosed = true
                state.waiting = [:]
                state.waitingCount = 0
            }
            return state.waiting.values.flatMap { $0 }
        }
        for continuation in refused { continuation.resume(returning: false) }
    }
}
