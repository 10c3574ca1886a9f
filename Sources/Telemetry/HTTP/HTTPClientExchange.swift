// One request of a client and whoever waits for its answer.

import Synchronization

/// One request of a client and whoever waits for its answer, which comes exactly once.
final class HTTPClientExchange: Sendable {
    typealias Outcome = Result<HTTPResponse, HTTPClientError>

    private struct State {
        var isDone = false
        /// Kept only while nobody has asked for it yet.
        var outcome: Outcome?
        var whenDone: (@Sendable (Outcome) -> Void)?
    }

    let request: HTTPClient.Request
    let deadline: Deadline
    private let state = Mutex(State())

    init(_ request: HTTPClient.Request, _ deadline: Deadline) {
        self.request = request
        self.deadline = deadline
    }

    var isDone: Bool { state.withLock { $0.isDone } }

    /// Calls the closure with the outcome, at once if it is there already.
    func whenDone(_ body: @escaping @Sendable (Outcome) -> Void) {
        let outcome = state.withLock { state in
            if !state.isDone { state.whenDone = body }
            return state.outcome
        }
        if let outcome { body(outcome) }
    }

    /// Sets the outcome; only the first counts.
    func finish(_ outcome: Outcome) {
        let whenDone = state.withLock { state -> (@Sendable (Outcome) -> Void)? in
            guard !state.isDone else { return nil }
            state.isDone = true
            state.outcome = state.whenDone == nil ? outcome : nil
            defer { state.whenDone = nil }
            return state.whenDone
        }
        whenDone?(outcome)
    }

    /// The request as it is sent.
    var bytes: [UInt8] {
        var text = "\(request.method) \(request.url.target) HTTP/1.1\r\n"
        if request.headers["Host"] == nil { text += "Host: \(request.url.authority)\r\n" }
        for (name, value) in request.headers where !["content-length", "transfer-encoding"].contains(name.lowercased()) {
            text += "\(name): \(value)\r\n"
        }
        if !request.body.isEmpty || ["POST", "PUT", "PATCH"].contains(request.method) {
            text += "Content-Length: \(request.body.count)\r\n"
        }
        return Array((text + "\r\n").utf8) + request.body
    }
}
