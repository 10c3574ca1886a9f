// Name resolution with deadlines and interruptions.

/// Looks up the addresses of one host.
///
/// The system's resolver has no deadline, so it runs on its own thread, which is abandoned if it takes too long; no other thread is
/// started until it returns.
final class HostLookup: Sendable {
    typealias Resolver = @Sendable (_ host: String, _ port: Int) -> Result<[SocketAddress], SocketAddress.ResolutionError>

    private struct State {
        var isRunning = false
        var result: Result<[SocketAddress], SocketAddress.ResolutionError>?
    }

    private let host: String
    private let port: Int
    private let resolve: Resolver
    private let state = Locked(State())

    init(host: String, port: Int, resolver: @escaping Resolver) {
        self.host = host
        self.port = port
        resolve = resolver
    }

    /// Returns the addresses of the host, at least one.
    func addresses(_ interruption: Interruption, until deadline: Deadline) throws(HTTPClientError) -> [SocketAddress] {
        if case .success(let addresses) = SocketAddress.resolve(host: host, port: port, isNumeric: true) { return addresses }
        // A late result is still valid; a late failure may have been transient.
        if case .success(let late)? = takeResult() { return late }
        try start(interruption)
        var result: Result<[SocketAddress], SocketAddress.ResolutionError>?
        let outcome = interruption.wait(until: deadline) {
            result = takeResult()
            return result != nil
        }
        switch (outcome, result) {
        case (_, .success(let addresses)?) where !addresses.isEmpty: return addresses
        case (_, .success?): throw .unknownHost(host, reason: "it has no address")
        case (_, .failure(let error)?): throw .unknownHost(host, reason: error.reason)
        case (.interrupted, nil): throw .interrupted
        case (.closed, nil): throw .descriptorsClosed
        case (_, nil): throw .unknownHost(host, reason: "the system's resolver has not answered in time")
        }
    }

    private func takeResult() -> Result<[SocketAddress], SocketAddress.ResolutionError>? {
        state.withLock { state in
            defer { state.result = nil }
            return state.result
        }
    }

    private func start(_ interruption: Interruption) throws(HTTPClientError) {
        let isRunning = state.withLock { state in
            defer { state.isRunning = true }
            return state.isRunning
        }
        guard !isRunning else { return }
        let isStarted = WorkerThread.start(named: "http-resolve") { [self] in
            let result = resolve(host, port)
            state.withLock { $0 = State(isRunning: false, result: result) }
            interruption.notify()
        }
        guard !isStarted else { return }
        state.withLock { $0.isRunning = false }
        throw .unknownHost(host, reason: "the system gives no more threads")
    }
}
