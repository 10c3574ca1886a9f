// Name resolution with deadlines and interruptions, and the health of the addresses found.

import Synchronization

/// Knows the addresses of one host for all connections to it, and looks them up again in the background.
///
/// The system's resolver has no deadline, so it runs on its own thread, which is abandoned if it takes too long; no other thread is
/// started until it returns. Only the first connection waits for it, and one whose addresses have all failed.
final class HostDirectory: Sendable {
    private struct State {
        var book = AddressBook()
        var isLooking = false
        /// True if all addresses have failed since the last answer: the host may have moved.
        var hasMoved = false
        /// The failure of the latest lookup; nil while one runs.
        var failure: HTTPClientError?
        /// Notified of the end of a lookup.
        var waiting: [Interruption] = []

        var needsAnswer: Bool { book.isEmpty || hasMoved }
    }

    /// The limits of the time for which an answer is used.
    private static let lifetimes: ClosedRange<Duration> = .seconds(1) ... .seconds(3600)
    /// The time after which a failed lookup is repeated in the background.
    private static let repetition = Duration.seconds(1)

    let policy: AddressPolicy
    /// How soon its addresses answer.
    let answers: AnswerTimes
    private let host: String
    private let port: Int
    private let resolver: any NameResolver
    private let clock: TelemetryClock
    /// True if there is nothing to look up.
    private let isFixed: Bool
    private let state: Locked<State>
    /// When the name is to be looked up again. Relaxed: two threads that read it late start one lookup.
    private let due = Atomic<UInt64>(0)
    /// Counts the changes of the addresses.
    private let changeCount = Atomic<UInt64>(0)

    init(
        host: String, port: Int, policy: AddressPolicy = AddressPolicy(), resolver: any NameResolver = SystemResolver(),
        clock: TelemetryClock = .system, answers: AnswerTimes = AnswerTimes()
    ) {
        self.host = host
        self.port = port
        self.policy = policy
        self.answers = answers
        self.resolver = resolver
        self.clock = clock
        var state = State()
        if case .success(let addresses) = SocketAddress.resolve(host: host, port: port, isNumeric: true) {
            _ = state.book.replace(addresses)
        }
        isFixed = !state.book.isEmpty
        self.state = Locked(state)
    }

    /// Creates the directory of what a URL leads to: of the proxy if there is one. A socket of the file system has nothing to look up.
    convenience init(
        for url: HTTPURL, proxy: HTTPProxy?, policy: AddressPolicy = AddressPolicy(), resolver: any NameResolver = SystemResolver(),
        clock: TelemetryClock = .system, answers: AnswerTimes = AnswerTimes()
    ) {
        let peer = proxy?.url ?? url
        if url.socketPath == nil {
            self.init(host: peer.host, port: peer.port, policy: policy, resolver: resolver, clock: clock, answers: answers)
        } else {
            self.init([], policy: policy, clock: clock, answers: answers)
        }
    }

    /// Creates the directory of peers that are known.
    ///
    /// - Parameter answers: how soon they and their like answer.
    init(_ addresses: [SocketAddress], policy: AddressPolicy, clock: TelemetryClock, answers: AnswerTimes = AnswerTimes()) {
        (host, port, resolver) = ("", 0, SystemResolver())
        self.policy = policy
        self.answers = answers
        self.clock = clock
        var state = State()
        _ = state.book.replace(addresses)
        isFixed = true
        self.state = Locked(state)
    }

    var now: UInt64 { clock.monotonicNanoseconds() }

    /// Counts the changes of the addresses.
    var changes: UInt64 { changeCount.load(ordering: .relaxed) }

    /// The addresses known so far, in the order of the resolver.
    var known: [SocketAddress] { state.withLock { $0.book.addresses } }

    func holds(_ address: SocketAddress) -> Bool { state.withLock { $0.book.holds(address) } }

    /// Returns whether there is a healthy address of the same family besides this one.
    func hasOther(than address: SocketAddress) -> Bool {
        let now = now
        return state.withLock { $0.book.hasOther(than: address, at: now) }
    }

    /// Returns all addresses, at least one, in the order in which they are to be tried.
    func candidates(_ interruption: Interruption, until deadline: Deadline) throws(HTTPClientError) -> [SocketAddress] {
        try prepare(interruption, until: deadline)
        let now = now
        var generator = LaneGenerator()
        return state.withLock { $0.book.candidates(at: now, using: &generator) }
    }

    // MARK: Health

    /// Leaves an address for a while.
    ///
    /// - Parameter requested: how long it has asked for.
    func fail(_ address: SocketAddress, requested: Duration? = nil) {
        let (now, fraction) = (now, LaneGenerator.fraction())
        state.withLock { $0.book.fail(address, at: now, policy, requested: requested, fraction: fraction) }
    }

    func succeed(_ address: SocketAddress) { state.withLock { $0.book.succeed(address) } }

    /// Makes the next connection wait for a new answer, since all addresses have failed.
    func expire() {
        guard !isFixed else { return }
        state.withLock { $0.hasMoved = true }
    }

    // MARK: Lookups

    /// Starts a lookup in the background if the answer has become old.
    func refreshIfDue() {
        guard !isFixed, now >= due.load(ordering: .relaxed) else { return }
        _ = start()
    }

    /// Starts a lookup in the background, since no address is healthy.
    func refresh() {
        guard !isFixed else { return }
        _ = start()
    }

    /// Waits until at least one address is known.
    func prepare(_ interruption: Interruption, until deadline: Deadline) throws(HTTPClientError) {
        guard !isFixed else { return }
        let (needsAnswer, hasOld) = state.withLock { state in
            defer { if state.needsAnswer { state.waiting.append(interruption) } }
            return (state.needsAnswer, !state.book.isEmpty)
        }
        guard needsAnswer else { return refreshIfDue() }
        defer { state.withLock { state in state.waiting.removeAll { $0 === interruption } } }
        guard start() else { throw .unknownHost(host, reason: "the system gives no more threads") }
        // Addresses that have failed are better than none: they are left a part of the time.
        let limit = hasOld ? min(deadline, .after(deadline.remaining / 4)) : deadline
        let outcome = interruption.wait(until: limit) { state.withLock { !$0.needsAnswer || $0.failure != nil } }
        if case .interrupted = outcome { throw .interrupted }
        let (hasAddresses, failure) = state.withLock { (!$0.book.isEmpty, $0.failure) }
        guard !hasAddresses else { return }
        if case .closed = outcome { throw .descriptorsClosed }
        throw failure ?? .unknownHost(host, reason: "the system's resolver has not answered in time")
    }

    /// Starts a lookup unless one runs; returns false if the system gives no thread.
    private func start() -> Bool {
        let isRunning = state.withLock { state in
            if !state.isLooking { state.failure = nil }
            defer { state.isLooking = true }
            return state.isLooking
        }
        guard !isRunning else { return true }
        due.store(.max, ordering: .relaxed)
        let isStarted = WorkerThread.start(named: "http-resolve") { [self] in take(resolver.resolve(host: host, port: port)) }
        if !isStarted {
            state.withLock { $0.isLooking = false }
            due.store(later(Self.repetition), ordering: .relaxed)
        }
        return isStarted
    }

    private func later(_ duration: Duration) -> UInt64 { Deadline(nanoseconds: now).advanced(by: duration).nanoseconds }

    /// Takes an answer; one without addresses leaves those that are known.
    private func take(_ result: Result<ResolvedName, SocketAddress.ResolutionError>) {
        let lifetime: Duration
        let reason: String?
        switch result {
        case .success(let name) where !name.addresses.isEmpty:
            lifetime = name.lifetime.map { min(max($0, Self.lifetimes.lowerBound), Self.lifetimes.upperBound) } ?? policy.refreshInterval
            reason = nil
        case .success: (lifetime, reason) = (Self.repetition, "it has no address")
        case .failure(let error): (lifetime, reason) = (Self.repetition, error.reason)
        }
        due.store(later(lifetime), ordering: .relaxed)
        let waiting = state.withLock { state in
            state.isLooking = false
            state.failure = reason.map { .unknownHost(host, reason: $0) }
            if reason == nil, case .success(let name) = result {
                state.hasMoved = false
                if state.book.replace(name.addresses) { changeCount.wrappingAdd(1, ordering: .relaxed) }
            }
            return state.waiting
        }
        for interruption in waiting { interruption.notify() }
    }
}

/// The random numbers of the process.
struct LaneGenerator: RandomNumberGenerator {
    func next() -> UInt64 { RandomLanes.shared.number() }

    /// Returns a random number from 0 to 1.
    static func fraction() -> Double { Double(RandomLanes.shared.number() >> 11) * 0x1p-53 }
}
