// One thread that serves many sockets.

/// What an event loop calls when a socket is ready or time is up; always on the loop's own thread.
protocol EventHandler: AnyObject {
    /// Called with `ended` alone, too, when the loop ends without having been asked to.
    func isReady(_ readiness: Poller.Readiness)
    /// Called at the time last named, or earlier. Returns when to be called again, in monotonic nanoseconds; the greatest number is never.
    func checkTime(_ now: UInt64) -> UInt64
}

/// A thread that waits for many sockets and calls their handlers.
///
/// `@unchecked`: handlers and times are touched on the loop's thread only; what other threads hand in is behind the lock.
final class EventLoop: @unchecked Sendable {
    private struct Inbox {
        var work: [@Sendable () -> Void] = []
        var isEnding = false
    }

    /// Times are kept to this many nanoseconds, so that many handlers are asked together.
    private static let timeGrain: UInt64 = 5_000_000

    /// A wait ends after that time even if nothing happens: closing the descriptors that it waits with does not end it.
    private static let longestWait: Int32 = 30_000

    let poller: Poller
    private let wake = WakeDescriptor()
    private let inbox = Locked(Inbox())
    /// In a forked child the thread does not exist.
    private let generation = ProcessGeneration.current
    private var handlers: [UInt64: any EventHandler] = [:]
    private var nextKey: UInt64 = 1
    private var nextCheck = UInt64.max
    private var lastCheck: UInt64 = 0
    /// Where sockets are read into; shared by all handlers, since only one runs at a time.
    let receiveBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)

    /// Starts the thread; nil when the system gives no more threads or descriptors.
    init?(named name: String) {
        guard wake.isUsable, let poller = Poller() else { return nil }
        self.poller = poller
        guard poller.add(wake.descriptor, key: 0, .readable), WorkerThread.start(named: name, { self.run() }) else { return nil }
    }

    deinit {
        receiveBuffer.deallocate()
    }

    /// Runs the closure on the loop's thread soon; false when the loop has ended.
    @discardableResult
    func execute(_ work: @escaping @Sendable () -> Void) -> Bool {
        let isFirst: Bool? = inbox.withLock { inbox in
            guard !inbox.isEnding, generation == ProcessGeneration.current else { return nil }
            inbox.work.append(work)
            return inbox.work.count == 1
        }
        if isFirst == true { wake.raise() }
        return isFirst != nil
    }

    /// Ends the thread after the work that it has been given.
    func end() {
        inbox.withLock { $0.isEnding = true }
        wake.raise()
    }

    /// Watches a socket for a handler; on the loop's thread only. Returns the key for later calls, nil when the system refuses.
    func add(_ handler: any EventHandler, _ descriptor: Int32, _ interest: Poller.Readiness) -> UInt64? {
        let key = nextKey
        nextKey += 1
        guard poller.add(descriptor, key: key, interest) else { return nil }
        handlers[key] = handler
        return key
    }

    /// Asks a handler about the time only.
    func add(_ handler: any EventHandler) -> UInt64 {
        let key = nextKey
        nextKey += 1
        handlers[key] = handler
        return key
    }

    func change(_ key: UInt64, _ descriptor: Int32, _ interest: Poller.Readiness) {
        poller.change(descriptor, key: key, interest)
    }

    func remove(_ key: UInt64, _ descriptor: Int32? = nil) {
        handlers[key] = nil
        if let descriptor { poller.remove(descriptor) }
    }

    /// Has the handlers asked about the time at this time, if it is not to be earlier anyway.
    func check(at time: UInt64) {
        if time < nextCheck { nextCheck = time }
    }

    private func run() {
        while true {
            var isIdle = true
            let isWaiting = poller.wait(milliseconds: waitMilliseconds()) { key, readiness in
                isIdle = false
                if key == 0 { wake.clear() } else { handlers[key]?.isReady(readiness) }
            }
            // Where the system has closed descriptors it reports nothing: that is looked at when nothing else is to be done.
            guard isWaiting, !isIdle || wake.isIntact else { return endWithoutDescriptors() }
            let (work, isEnding) = inbox.withLock { inbox in
                defer { inbox.work.removeAll() }
                return (inbox.work, inbox.isEnding)
            }
            for item in work { item() }
            if isEnding { break }
            guard nextCheck != .max else { continue }
            let now = SystemClock.monotonicNanoseconds()
            if now >= dueTime { checkTimes(now) }
        }
        handlers = [:]
    }

    /// Ends because the program has closed the descriptors: everything that waits is told, since nothing would ever happen again.
    private func endWithoutDescriptors() {
        Diagnostics.reportClosedDescriptors("an HTTP server or client has ended")
        let work = inbox.withLock { inbox in
            inbox.isEnding = true
            defer { inbox.work.removeAll() }
            return inbox.work
        }
        for item in work { item() }
        for handler in Array(handlers.values) { handler.isReady(.ended) }
        handlers = [:]
    }

    private var dueTime: UInt64 { max(nextCheck, lastCheck + Self.timeGrain) }

    private func waitMilliseconds() -> Int32 {
        guard nextCheck != .max else { return Self.longestWait }
        let (due, now) = (dueTime, SystemClock.monotonicNanoseconds())
        return due <= now ? 0 : min(Self.longestWait, Int32(clamping: (due - now) / 1_000_000 + 1))
    }

    private func checkTimes(_ now: UInt64) {
        lastCheck = now
        // First, since a handler may bring in another one with a time of its own.
        nextCheck = .max
        for handler in Array(handlers.values) { check(at: handler.checkTime(now)) }
    }
}

extension EventLoop: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // A task must come to its end even when the loop has: then on the thread that wakes it up.
        if !execute({ job.runSynchronously(on: self.asUnownedTaskExecutor()) }) { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
