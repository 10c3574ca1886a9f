// One thread that serves many sockets.

import Synchronization

/// What an event loop calls when a socket is ready; always on the loop's own thread.
protocol EventHandler: AnyObject {
    func isReady(_ readiness: Poller.Readiness)
    /// Called several times a second, for whoever waits for something only so long.
    func tick(_ now: UInt64)
}

/// A thread that waits for many sockets and calls their handlers.
///
/// `@unchecked`: handlers and their number are touched on the loop's thread only; everything else is behind the lock.
final class EventLoop: @unchecked Sendable {
    private struct Inbox {
        var work: [@Sendable () -> Void] = []
        var isEnding = false
    }

    private static let tickMilliseconds: Int32 = 50

    private let poller: Poller
    private let wake = WakeDescriptor()
    private let inbox = Mutex(Inbox())
    private var handlers: [UInt64: any EventHandler] = [:]
    private var nextKey: UInt64 = 1
    /// Where sockets are read into; shared by all handlers, since only one runs at a time.
    let receiveBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)

    /// Starts the thread; nil when the system gives no more threads or descriptors.
    init?(named name: String) {
        guard let poller = Poller() else { return nil }
        self.poller = poller
        poller.add(wake.descriptor, key: 0, .readable)
        guard WorkerThread.start(named: name, { self.run() }) else { return nil }
    }

    deinit {
        receiveBuffer.deallocate()
    }

    /// Runs the closure on the loop's thread soon; false when the loop has ended.
    @discardableResult
    func execute(_ work: @escaping @Sendable () -> Void) -> Bool {
        let isFirst: Bool? = inbox.withLock { inbox in
            guard !inbox.isEnding else { return nil }
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

    /// Watches a socket for a handler; on the loop's thread only. Returns the key for later calls.
    func add(_ handler: any EventHandler, _ descriptor: Int32, _ interest: Poller.Readiness) -> UInt64 {
        let key = nextKey
        nextKey += 1
        handlers[key] = handler
        poller.add(descriptor, key: key, interest)
        return key
    }

    func change(_ key: UInt64, _ descriptor: Int32, _ interest: Poller.Readiness) {
        poller.change(descriptor, key: key, interest)
    }

    func remove(_ key: UInt64, _ descriptor: Int32) {
        handlers[key] = nil
        poller.remove(descriptor)
    }

    private func run() {
        var lastTick = SystemClock.monotonicNanoseconds()
        while true {
            poller.wait(milliseconds: handlers.isEmpty ? -1 : Self.tickMilliseconds) { key, readiness in
                if key == 0 { wake.clear() } else { handlers[key]?.isReady(readiness) }
            }
            let (work, isEnding) = inbox.withLock { inbox in
                defer { inbox.work.removeAll() }
                return (inbox.work, inbox.isEnding)
            }
            for item in work { item() }
            if isEnding { break }
            let now = SystemClock.monotonicNanoseconds()
            if now &- lastTick >= UInt64(Self.tickMilliseconds) * 1_000_000 {
                lastTick = now
                for handler in Array(handlers.values) { handler.tick(now) }
            }
        }
        handlers = [:]
    }
}
