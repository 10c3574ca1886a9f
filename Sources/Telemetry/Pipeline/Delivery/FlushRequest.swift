// The handshake between a caller of flush or shutdown and the worker.

import Synchronization

/// One call of flush or shutdown that waits for the thread that exports.
///
/// It is answered once: by the worker, or by its caller when the deadline comes first.
final class FlushRequest: Sendable {
    private struct State {
        /// True from the moment at which one side has decided on the answer.
        var isClaimed = false
        var result: FlushResult?
        var observers: [@Sendable (FlushResult) -> Void] = []
    }

    /// Closures that are called as the request proceeds.
    struct Hooks: Sendable {
        /// Called by the waiting caller if there is no result after half of the time.
        var atHalfTime: @Sendable (FlushRequest) -> Void = { _ in }
        /// Called by the waiting caller when the deadline comes first.
        var whenTimedOut: @Sendable (FlushRequest) -> Void = { _ in }
        /// Called once by the side that answers, before a caller can see the answer.
        var beforeAnswer: @Sendable (FlushRequest) -> Void = { _ in }
    }

    let isShutdown: Bool
    let deadline: Deadline
    /// The request concerns items accepted before this position; all items until it is set.
    let watermark = Atomic(Int.max)
    /// True if something was lost that the request concerns and that no finished request has reported.
    let coversLoss = Atomic(false)
    private let state = Locked(State())
    private let isDone = Semaphore()
    let halfTime: Deadline
    private let hooks: Hooks

    /// - Parameter halfTime: nil for half of the time from now to the deadline.
    init(isShutdown: Bool, deadline: Deadline, halfTime: Deadline? = nil, hooks: Hooks = Hooks()) {
        self.isShutdown = isShutdown
        self.deadline = deadline
        self.halfTime = halfTime ?? .after(deadline.remaining / 2)
        self.hooks = hooks
    }

    /// Returns a request that begins others once, at half time or when `begin` is called, and ends as they do.
    static func delayed(
        isShutdown: Bool, deadline: Deadline, _ start: @escaping @Sendable () -> [FlushRequest]
    ) -> (request: FlushRequest, begin: @Sendable () -> Void) {
        let parts = DelayedRequests(start)
        var hooks = Hooks()
        hooks.atHalfTime = { parts.begin(for: $0) }
        hooks.whenTimedOut = { _ in parts.expire() }
        let request = FlushRequest(isShutdown: isShutdown, deadline: deadline, hooks: hooks)
        return (request, { parts.begin(for: request) })
    }

    /// Runs asynchronous code on a thread of its own: the cooperative pool may be blocked to its last thread.
    static func running(
        isShutdown: Bool, deadline: Deadline, _ work: @escaping @Sendable () async -> FlushResult
    ) -> FlushRequest {
        let request = FlushRequest(isShutdown: isShutdown, deadline: deadline)
        let isStarted = WorkerThread.start(named: "telemetry-flush") {
            request.complete(ExportRunner(wake: WakeSignal()).run(until: deadline, work))
        }
        if !isStarted { request.complete(.failed) }
        return request
    }

    /// True once the caller can see an answer.
    var isAnswered: Bool { state.withLock { $0.result != nil } }

    /// Answers the request; returns false if it was answered before.
    ///
    /// - Parameter body: called if this is the answer, before the caller can see it.
    @discardableResult
    func complete(_ outcome: FlushResult, _ body: () -> Void = {}) -> Bool {
        let isFirst = state.withLock { state in
            defer { state.isClaimed = true }
            return !state.isClaimed
        }
        guard isFirst else { return false }
        hooks.beforeAnswer(self)
        body()
        let observers = state.withLock { state in
            state.result = outcome
            defer { state.observers = [] }
            return state.observers
        }
        // Observers run before waiting threads wake, so that callers see their effects.
        for observer in observers { observer(outcome) }
        isDone.post()
        return true
    }

    /// Calls a closure with the answer: at once if there is one, else later on the thread that answers.
    func observe(_ observer: @escaping @Sendable (FlushResult) -> Void) {
        let result = state.withLock { state in
            if state.result == nil { state.observers.append(observer) }
            return state.result
        }
        if let result { observer(result) }
    }

    /// Returns a request with its own deadline that gets the answer of this one.
    func follower(isShutdown: Bool, deadline: Deadline) -> FlushRequest {
        let follower = FlushRequest(isShutdown: isShutdown, deadline: deadline)
        observe { follower.complete($0) }
        return follower
    }

    /// Answers with `timedOut`, unless there is an answer.
    func expire() {
        guard !isAnswered else { return }
        hooks.whenTimedOut(self)
        if complete(.timedOut) { return }
        // The other side is answering at this very moment.
        if isDone.wait(until: .after(.milliseconds(100))) { isDone.post() }
    }

    /// Waits until there is a result or half of the time is over.
    func waitForHalfTime() {
        // Posted again, since the next waiter must find it done too.
        if isDone.wait(until: halfTime) { isDone.post() } else { hooks.atHalfTime(self) }
    }

    /// The result, or `timedOut` when the deadline comes first.
    func wait() -> FlushResult {
        if isDone.wait(until: deadline) { isDone.post() } else { expire() }
        return state.withLock { $0.result } ?? .timedOut
    }
}

extension [FlushRequest] {
    /// The worst of the results, or `timedOut` when a deadline comes first.
    ///
    /// From half time on a thread of its own waits: the caller's pool may be blocked to its last thread, and a deadline is a deadline. Most
    /// requests are answered before, and need none.
    func waitWithoutBlocking() async -> FlushResult {
        guard let halfTime = map(\.halfTime).min() else { return .completed }
        return await withCheckedContinuation { continuation in
            let answer = FirstAnswer { continuation.resume(returning: $0) }
            let watched = DeadlineWatch.shared.watch(until: halfTime) {
                let isStarted = WorkerThread.start(named: "telemetry-wait") { answer.give(wait()) }
                if !isStarted { answer.give(wait()) }
            }
            whenAnswered {
                watched.finish()
                answer.give($0)
            }
        }
    }

    /// The worst of the results, or `timedOut` when a deadline comes first. Blocks the caller's thread until then.
    func wait() -> FlushResult {
        // Half of the time passes for all at the same moment, so waiting in turn costs nothing.
        for request in self { request.waitForHalfTime() }
        return reduce(.completed) { $0.combined(with: $1.wait()) }
    }

    /// Calls a closure with the worst of the results once all requests are answered. Calls it at once if there is none.
    func whenAnswered(_ body: @escaping @Sendable (FlushResult) -> Void) {
        guard !isEmpty else { return body(.completed) }
        let tally = AnswerTally(count)
        for request in self {
            request.observe { result in
                if let worst = tally.add(result) { body(worst) }
            }
        }
    }
}

/// Passes on the first of several answers.
private final class FirstAnswer: Sendable {
    private let receiver: Locked<(@Sendable (FlushResult) -> Void)?>

    init(_ receiver: @escaping @Sendable (FlushResult) -> Void) {
        self.receiver = Locked(receiver)
    }

    func give(_ result: FlushResult) {
        let receiver = self.receiver.withLock { receiver in
            defer { receiver = nil }
            return receiver
        }
        receiver?(result)
    }
}

/// Collects the answers of several requests.
private final class AnswerTally: Sendable {
    private let state: Locked<(missing: Int, worst: FlushResult)>

    init(_ count: Int) {
        state = Locked((count, .completed))
    }

    /// Returns the worst of the answers when this is the last one.
    func add(_ result: FlushResult) -> FlushResult? {
        state.withLock { state in
            state.missing -= 1
            state.worst = state.worst.combined(with: result)
            return state.missing == 0 ? state.worst : nil
        }
    }
}

/// The parts of a delayed request, which begin later than it.
private final class DelayedRequests: Sendable {
    private let requests = Locked<[FlushRequest]?>(nil)
    private let start: @Sendable () -> [FlushRequest]

    init(_ start: @escaping @Sendable () -> [FlushRequest]) {
        self.start = start
    }

    func begin(for whole: FlushRequest) {
        let isFirst = requests.withLock { requests in
            defer { requests = requests ?? [] }
            return requests == nil
        }
        guard isFirst else { return }
        let begun = start()
        requests.withLock { $0 = begun }
        // Waited for, so that their own hooks run at half time too.
        let isStarted = WorkerThread.start(named: "telemetry-wait") { whole.complete(begun.wait()) }
        if !isStarted { begun.whenAnswered { whole.complete($0) } }
    }

    func expire() {
        for request in requests.withLock({ $0 }) ?? [] { request.expire() }
    }
}
