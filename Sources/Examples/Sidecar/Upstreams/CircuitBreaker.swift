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
    /// How often the state has changed: what requests of an earlier state report is out of date.
    private var generation = 0
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
    ///
    /// - Returns: the generation, with which the outcome is reported.
    mutating func begin(at now: UInt64) -> Int {
        assert(!isOpen(at: now), "The caller asks first.")
        if case .open = state { change(to: .halfOpen) }
        if state == .halfOpen { probeCount += 1 }
        return generation
    }

    /// Closes a half-open breaker as soon as a probe is answered: its body, or tunnel, may go on for long.
    mutating func answer(_ generation: Int) {
        if state == .halfOpen { succeed(generation) }
    }

    mutating func succeed(_ generation: Int) {
        guard generation == self.generation else { return }
        if state == .halfOpen { change(to: .closed) } else { failureCount = 0 }
    }

    /// Counts a failure; returns whether it has opened the breaker.
    mutating func fail(_ generation: Int, at now: UInt64) -> Bool {
        guard generation == self.generation else { return false }
        failureCount += 1
        guard state == .halfOpen || failureCount >= failureLimit else { return false }
        change(to: .open(until: now &+ openNanoseconds))
        return true
    }

    /// Takes back a request whose outcome says nothing about the endpoint.
    mutating func cancel(_ generation: Int) {
        if generation == self.generation, state == .halfOpen { probeCount -= 1 }
    }

    private mutating func change(to state: State) {
        self.state = state
        generation += 1
        (failureCount, probeCount) = (0, 0)
    }
}
