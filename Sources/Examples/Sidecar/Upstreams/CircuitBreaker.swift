// Decides whether an endpoint gets requests.

/// Opens after failures in a row, and lets a few requests through after a time: one that succeeds closes it, one that fails opens it again.
struct CircuitBreaker {
    enum State: Equatable {
        case closed
        /// Refuses all requests until that time, in monotonic nanoseconds.
        case open(until: UInt64)
        case halfOpen
    }

    let failureLimit: Int
    let openNanoseconds: UInt64
    let probeLimit: Int
    private(set) var state = State.closed
    private var failureCount = 0
    private var probeCount = 0

    init(failureLimit: Int, openNanoseconds: UInt64, probeLimit: Int) {
        precondition(failureLimit > 0 && probeLimit > 0, "A breaker opens after a failure, and lets a probe through.")
        self.failureLimit = failureLimit
        self.openNanoseconds = openNanoseconds
        self.probeLimit = probeLimit
    }

    /// Returns whether a request would be let through.
    func isOpen(at now: UInt64) -> Bool {
        switch state {
        case .closed: false
        case .open(let until): now < until
        case .halfOpen: probeCount >= probeLimit
        }
    }

    /// Counts a request that is let through; the caller reports its outcome by one of the methods below.
    mutating func begin(at now: UInt64) {
        assert(!isOpen(at: now), "The caller asks first.")
        if case .open = state { (state, probeCount) = (.halfOpen, 0) }
        if state == .halfOpen { probeCount += 1 }
    }

    mutating func succeed() {
        // Requests that began before the breaker opened do not close it.
        if case .open = state { return }
        (state, failureCount, probeCount) = (.closed, 0, 0)
    }

    /// Counts a failure; returns whether it has opened the breaker.
    mutating func fail(at now: UInt64) -> Bool {
        // Requests that began before the breaker opened do not open it for longer.
        if case .open = state { return false }
        failureCount += 1
        guard state == .halfOpen || failureCount >= failureLimit else { return false }
        (state, failureCount, probeCount) = (.open(until: now &+ openNanoseconds), 0, 0)
        return true
    }

    /// Takes back a request whose outcome says nothing about the endpoint.
    mutating func cancel() {
        if state == .halfOpen { probeCount = max(0, probeCount - 1) }
    }
}
