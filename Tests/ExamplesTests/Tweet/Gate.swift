// Holds tasks of a test until it lets them go, and keeps what they saw.

import ExampleSupport
import Synchronization

/// Tasks wait until it is opened; from then on nothing waits.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            defer { state = State(isOpen: true) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}

/// The requests that a stand-in of a service has received.
final class Seen: Sendable {
    private let list = Mutex<[ServiceRequest]>([])

    var requests: [ServiceRequest] { list.withLock { $0 } }

    func add(_ request: ServiceRequest) { list.withLock { $0.append(request) } }
}
