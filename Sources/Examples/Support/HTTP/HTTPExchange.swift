// The state of a request that is shared by its task and the event loop.

import Synchronization
import Telemetry

/// A request, its result, and the continuation that waits for it.
final class HTTPExchange: Sendable {
    private struct State {
        var result: Result<HTTPResponse, HTTPClientError>?
        var whenDone: (@Sendable (Result<HTTPResponse, HTTPClientError>) -> Void)?
    }

    let request: HTTPOutgoingRequest
    let deadline: Deadline
    private let state = Mutex(State())

    init(_ request: HTTPOutgoingRequest, _ deadline: Deadline) {
        self.request = request
        self.deadline = deadline
    }

    var isDone: Bool { state.withLock { $0.result != nil } }

    /// Calls the closure with the result, at once if there is one.
    func whenDone(_ body: @escaping @Sendable (Result<HTTPResponse, HTTPClientError>) -> Void) {
        let result = state.withLock { state in
            if state.result == nil { state.whenDone = body }
            return state.result
        }
        if let result { body(result) }
    }

    /// Sets the result; only the first counts.
    func finish(_ result: Result<HTTPResponse, HTTPClientError>) {
        let whenDone = state.withLock { state -> (@Sendable (Result<HTTPResponse, HTTPClientError>) -> Void)? in
            guard state.result == nil else { return nil }
            state.result = result
            defer { state.whenDone = nil }
            return state.whenDone
        }
        whenDone?(result)
    }
}
