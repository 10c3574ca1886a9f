// Bounds how many requests each receiver of webhooks has at once.

import Synchronization
import Telemetry

/// Lets a few requests to each address run at the same time; further ones wait in order, so that no address takes anything from another one.
final class WebhookTurns: Sendable {
    private struct Waiting {
        let deadline: Deadline
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        /// The requests of each address that run; an address without one has no entry.
        var running: [String: Int] = [:]
        var waiting: [String: [Waiting]] = [:]
        var isClosed = false
    }

    private let count: Int
    private let maximumWaiting: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - count: the requests to one address that run at once.
    ///   - maximumWaiting: those to one address that wait.
    init(count: Int, maximumWaiting: Int) {
        self.count = count
        self.maximumWaiting = maximumWaiting
    }

    /// Waits for a turn, which the caller must end; returns false if too many wait for the address already, or after the end.
    ///
    /// - Parameter deadline: from when on it returns false, as soon as another request to the address ends.
    func begin(_ address: String, until deadline: Deadline) async -> Bool {
        await withCheckedContinuation { continuation in
            let answer: Bool? = state.withLock { state in
                if state.isClosed { return false }
                if state.running[address, default: 0] < count {
                    state.running[address, default: 0] += 1
                    return true
                }
                guard state.waiting[address, default: []].count < maximumWaiting else { return false }
                state.waiting[address, default: []].append(Waiting(deadline: deadline, continuation: continuation))
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Passes the turn on to the request that has waited longest for the same address, and refuses those whose time is over.
    func end(_ address: String) {
        let (late, next): ([Waiting], Waiting?) = state.withLock { state in
            var (late, left): ([Waiting], [Waiting]) = ([], [])
            for one in state.waiting.removeValue(forKey: address) ?? [] {
                if one.deadline.hasPassed { late.append(one) } else { left.append(one) }
            }
            guard let next = left.first else {
                let others = state.running[address, default: 1] - 1
                state.running[address] = others == 0 ? nil : others
                return (late, nil)
            }
            if left.count > 1 { state.waiting[address] = Array(left.dropFirst()) }
            return (late, next)
        }
        for one in late { one.continuation.resume(returning: false) }
        next?.continuation.resume(returning: true)
    }

    /// The requests to an address that wait.
    func waitingCount(_ address: String) -> Int { state.withLock { $0.waiting[address]?.count ?? 0 } }

    /// Refuses the requests that wait, and later ones.
    func close() {
        let refused = state.withLock { state in
            defer {
                state.isClosed = true
                state.waiting = [:]
            }
            return state.waiting.values.flatMap { $0 }
        }
        for one in refused { one.continuation.resume(returning: false) }
    }
}
