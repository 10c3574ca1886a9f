// The counts behind a rate limit.

import Synchronization

/// Counts requests for each client and window.
protocol RequestCounter: Sendable {
    /// Counts one request, and returns how many the client has sent in that window.
    func add(client: String, window: Int) async -> Int
}

/// Counts in the memory of the process, in the newest window only.
final class RequestCounts: RequestCounter {
    /// The clients that are counted apart, some 10 MB. More of them share one count: whoever sends from ever new addresses must not
    /// fill the memory, nor get around the limit.
    static let maximumClients = 65_536

    private struct State {
        var window = 0
        var counts: [String: Int] = [:]
    }

    private let state = Mutex(State())

    func add(client: String, window: Int) -> Int {
        state.withLock { state in
            if state.window != window { state = State(window: window) }
            let isKnown = state.counts.count < Self.maximumClients || state.counts[client] != nil
            return state.counts[isKnown ? client : "others", default: 0].add(1)
        }
    }
}

extension Int {
    fileprivate mutating func add(_ amount: Int) -> Int {
        self += amount
        return self
    }
}
