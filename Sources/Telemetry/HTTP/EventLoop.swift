// One thread that serves many sockets.

import Synchronization

/// Handles the events of a socket or a timer, on the loop's thread.
package protocol EventHandler: AnyObject {
    /// Called when the socket is ready; with `ended` alone if the loop ends because its descriptors were closed.
    func isReady(_ readiness: Poller.Readiness)
    /// Called at the time last returned, or earlier. Returns when to call again, in monotonic nanoseconds; `UInt64.max` for never.
    func checkTime(_ now: UInt64) -> UInt64
}

/// Does at the end of a round what is better done for several sockets at once, on the loop's thread.
package protocol RoundHandler: AnyObject {
    func endRound()
}

/// A thread that waits for many sockets and calls their handlers.
///
/// `@unchecked`: handlers and times are touched on the loop's thread only; work of other threads is behind the lock.
package final class EventLoop: @unchecked Sendable {
    private struct Inbox {
        var work: [@Sendable () -> Void] = []
        var isEnding = false
    }

    /// The resolution of times in nanoseconds, so that many handlers are called together.
    private static let timeGrain: UInt64 = 5_000_000

    /// The longest wait in milliseconds: a wait does not notice that its descriptors are closed.
    private static let longestWait: Int32 = 30_000

    /// How many handlers may wait before all of them are called.
    private static let mostFinishing = 16

    let poller: Poller
    private let wake = WakeDescriptor()
    private let inbox = Locked(Inbox())
    /// The number of the process that the thread exists in.
    private let generation = ProcessGeneration.current
    /// Which thread runs the loop, once it has begun.
    private let thread = Atomic<UInt>(0)
    private var handlers: [UInt64: any EventHandler] = [:]
    private var nextKey: UInt64 = 1
    private var nextCheck = UInt64.max
    private var lastCheck: UInt64 = 0
    /// Whether work may be in the inbox that nothing has raised the wake descriptor for.
    private var hasOwnWork = false
    /// What is called at the end of the round, and the time until which it may wait for other work.
    private var finishing: [any RoundHandler] = []
    private var finishingUntil = UInt64.max
    private var isFinishing = false
    /// The receive buffer of all handlers, only one of which runs at a time.
    package let receiveBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)

    /// Starts the thread; returns nil if the system has no more threads or descriptors.
    package init?(named name: String) {
        guard wake.isUsable, let poller = Poller() else { return nil }
        self.poller = poller
        guard poller.add(wake.descriptor, key: 0, .readable), WorkerThread.start(named: name, { self.run() }) else { return nil }
    }

    deinit {
        receiveBuffer.deallocate()
    }

    /// Asserts that the caller runs on the loop's thread.
    @inline(__always)
    package func assertIsCurrent() {
        assert(isCurrent, "What belongs to a loop is used on its thread only.")
    }

    /// True on the loop's thread.
    package var isCurrent: Bool { thread.load(ordering: .relaxed) == WorkerThread.current }

    /// Runs the closure on the loop's thread soon; returns false if the loop has ended.
    @discardableResult
    package func execute(_ work: @escaping @Sendable () -> Void) -> Bool {
        let isFirst: Bool? = inbox.withLock { inbox in
            guard !inbox.isEnding, generation == ProcessGeneration.current else { return nil }
            inbox.work.append(work)
            return inbox.work.count == 1
        }
        guard isFirst == true else { return isFirst != nil }
        // The thread itself need not be woken: it looks into the inbox before it waits.
        if isCurrent { hasOwnWork = true } else { wake.raise() }
        return true
    }

    /// Ends the thread after work that was submitted before.
    package func end() {
        inbox.withLock { $0.isEnding = true }
        wake.raise()
    }

    /// Watches a socket for a handler; returns the key for later calls, or nil if the system refuses. On the loop's thread only.
    package func add(_ handler: any EventHandler, _ descriptor: Int32, _ interest: Poller.Readiness) -> UInt64? {
        assertIsCurrent()
        let key = nextKey
        nextKey += 1
        guard poller.add(descriptor, key: key, interest) else { return nil }
        handlers[key] = handler
        return key
    }

    /// Adds a handler without a socket, for times only. On the loop's thread only.
    package func add(_ handler: any EventHandler) -> UInt64 {
        assertIsCurrent()
        let key = nextKey
        nextKey += 1
        handlers[key] = handler
        return key
    }

    package func change(_ key: UInt64, _ descriptor: Int32, _ interest: Poller.Readiness) {
        assertIsCurrent()
        poller.change(descriptor, key: key, interest)
    }

    package func remove(_ key: UInt64, _ descriptor: Int32? = nil) {
        assertIsCurrent()
        handlers[key] = nil
        if let descriptor { poller.remove(descriptor) }
    }

    /// Calls `checkTime` of all handlers at this time at the latest. On the loop's thread only.
    package func check(at time: UInt64) {
        assertIsCurrent()
        if time < nextCheck { nextCheck = time }
    }

    /// Calls `endRound` once the sockets that are ready have been handled and submitted work has run, or earlier: once several handlers wait for
    /// it, or before further work once the first has waited for its time. On the loop's thread only.
    ///
    /// - Parameters:
    ///   - time: the present time.
    ///   - patience: how long the handler may wait, in nanoseconds, before other work begins.
    package func finishRound(_ handler: any RoundHandler, at time: UInt64, within patience: UInt64) {
        assertIsCurrent()
        finishing.append(handler)
        let (limit, isFar) = time.addingReportingOverflow(patience)
        finishingUntil = min(finishingUntil, isFar ? .max : limit)
        if finishing.count >= Self.mostFinishing || time > finishingUntil { endRound() }
    }

    /// Calls what waits for the end of the round if it has waited for its time; called before work that may take long.
    package func endRoundIfDue() {
        // Mostly nothing waits, and then no clock is read.
        if !finishing.isEmpty, SystemClock.monotonicNanoseconds() > finishingUntil { endRound() }
    }

    private func endRound() {
        // What a handler adds meanwhile is called by the loop below.
        guard !finishing.isEmpty, !isFinishing else { return }
        isFinishing = true
        var next = 0
        while next < finishing.count {
            finishing[next].endRound()
            next += 1
        }
        finishing.removeAll(keepingCapacity: true)
        finishingUntil = .max
        isFinishing = false
    }

    /// Returns whether the loop ends after it.
    private func runSubmittedWork() -> Bool {
        var (work, isEnding) = inbox.withLock { inbox in
            defer { inbox.work.removeAll() }
            return (inbox.work, inbox.isEnding)
        }
        // Each is released before the next one runs, which may count on it: a server's port is free once its sockets are.
        work.reverse()
        while let item = work.popLast() {
            endRoundIfDue()
            item()
        }
        return isEnding
    }

    private func run() {
        thread.store(WorkerThread.current, ordering: .relaxed)
        while true {
            assert(finishing.isEmpty, "Nothing waits for the end of a round while the loop waits.")
            var isIdle = true
            let isWaiting = poller.wait(milliseconds: hasOwnWork ? 0 : waitMilliseconds()) { key, readiness in
                isIdle = false
                if key == 0 { wake.clear() } else { handlers[key]?.isReady(readiness) }
            }
            // Closed descriptors report no events: they are checked only when there is no other event.
            guard isWaiting, !isIdle || hasOwnWork || wake.isIntact else { return endWithoutDescriptors() }
            hasOwnWork = false
            let isEnding = runSubmittedWork()
            endRound()
            if isEnding { break }
            guard nextCheck != .max else { continue }
            let now = SystemClock.monotonicNanoseconds()
            if now >= dueTime { checkTimes(now) }
            endRound()
        }
        handlers = [:]
    }

    /// Ends because the program has closed the descriptors, and notifies all handlers, which would get no further events.
    private func endWithoutDescriptors() {
        Diagnostics.reportClosedDescriptors("an HTTP server or client has ended")
        inbox.withLock { $0.isEnding = true }
        // Nothing is sent any more: descriptors may be those of other files by now.
        (finishing, isFinishing) = ([], true)
        _ = runSubmittedWork()
        for handler in Array(handlers.values) { handler.isReady(.ended) }
        (handlers, finishing) = ([:], [])
    }

    private var dueTime: UInt64 { max(nextCheck, lastCheck + Self.timeGrain) }

    private func waitMilliseconds() -> Int32 {
        guard nextCheck != .max else { return Self.longestWait }
        let (due, now) = (dueTime, SystemClock.monotonicNanoseconds())
        return due <= now ? 0 : min(Self.longestWait, Int32(clamping: (due - now) / 1_000_000 + 1))
    }

    private func checkTimes(_ now: UInt64) {
        lastCheck = now
        // Reset first, since a handler may add another one with its own time.
        nextCheck = .max
        for handler in Array(handlers.values) { check(at: handler.checkTime(now)) }
    }
}

extension EventLoop: TaskExecutor {
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // After the end of the loop a task continues on the thread that resumes it.
        if !execute({ job.runSynchronously(on: self.asUnownedTaskExecutor()) }) { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
