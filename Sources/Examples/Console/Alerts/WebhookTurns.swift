// Bounds how many requests each receiver of webhooks has at once.

import Synchronization
import Telemetry

/// Lets a few requests to each address run at the same time; further ones wait in order, so that no address takes anything from another one.
final class WebhookTurns: Sendable {
    /// What became of a request that asked for its turn.
    enum Turn {
        /// It runs, and must be ended.
        case begun
        case late
        /// Too many wait for the address already.
        case refused
        /// There are no turns any more.
        case closed
    }

    private struct Waiting {
        let deadline: Deadline
        let continuation: CheckedContinuation<Turn, Never>
    }

    /// What waits for one address, in order.
    private struct Line {
        private var entries: [Waiting] = []
        private var first = 0

        var count: Int { entries.count - first }
        /// What waits.
        var all: ArraySlice<Waiting> { entries[first...] }

        mutating func append(_ one: Waiting) { entries.append(one) }

        mutating func popFirst() -> Waiting? {
            guard first < entries.count else { return nil }
            defer {
                first += 1
                // As many leave as stay at least.
                if first * 2 >= entries.count {
                    entries.removeFirst(first)
                    first = 0
                }
            }
            return entries[first]
        }
    }

    private struct State {
        /// The requests of each address that run; an address without one has no entry.
        var running: [String: Int] = [:]
        var waiting: [String: Line] = [:]
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

    /// Waits for a turn, which the caller must end if it has begun.
    ///
    /// - Parameter deadline: from when on the turn is late, which is told when it would be that of the request.
    func begin(_ address: String, until deadline: Deadline) async -> Turn {
        await withCheckedContinuation { continuation in
            let answer: Turn? = state.withLock { state in
                if state.isClosed { return .closed }
                if state.running[address, default: 0] < count {
                    state.running[address, default: 0] += 1
                    return .begun
                }
                guard state.waiting[address, default: Line()].count < maximumWaiting else { return .refused }
                state.waiting[address, default: Line()].append(Waiting(deadline: deadline, continuation: continuation))
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Passes the turn on to the request that has waited longest for the same address, and refuses those before it whose time is over.
    func end(_ address: String) {
        while let next = next(address) {
            let isLate = next.deadline.hasPassed
            next.continuation.resume(returning: isLate ? .late : .begun)
            if !isLate { return }
        }
    }

    /// Takes the request that has waited longest; nil if none waits, so that the turn is over.
    private func next(_ address: String) -> Waiting? {
        state.withLock { state in
            if let next = state.waiting[address]?.popFirst() {
                if state.waiting[address]?.count == 0 { state.waiting[address] = nil }
                return next
            }
            let others = state.running[address, default: 1] - 1
            state.running[address] = others == 0 ? nil : others
            return nil
        }
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// The requests to an address that wait.
    func waitingCount(_ address: String) -> Int { state.withLock { $0.waiting[address]?.count ?? 0 } }

    /// Refuses the requests that wait, and later ones.
    func close() {
        let refused = state.withLock { state in
            defer {
                state.isClosed = true
                state.waiting = [:]
            }
            return state.waiting
        }
        for line in refused.values { for one in line.all { one.continuation.resume(returning: .closed) } }
    }
}
