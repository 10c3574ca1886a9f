// One thread that serves many sockets.

import Synchronization

/// What an event loop calls when a socket is ready or a time has come; always on the loop's own thread.
protocol EventHandler: AnyObject {
    /// When `expire` is due, on the monotonic clock; `UInt64.max` for never. It may change with every call.
    var expiry: UInt64 { get }
    func isReady(_ readiness: Poller.Readiness)
    func expire(_ now: UInt64)
}

/// A thread that waits for many sockets and calls their handlers.
///
/// `@unchecked`: handlers and their number are touched on the loop's thread only; everything else is behind the lock.
final class EventLoop: @unchecked Sendable {
    private struct Inbox {
        var work: [@Sendable () -> Void] = []
        var isEnding = false
    }

    /// How often times are looked at while there is traffic. A scan costs less than keeping order among times that nearly
    /// always move before they come; without traffic the loop sleeps until the earliest.
    private static let scanInterval: UInt64 = 50_000_000

    private let poller: Poller
    private let wake = WakeDescriptor()
    private let inbox = Mutex(Inbox())
    private var handlers: [UInt64: any EventHandler] = [:]
    private var nextKey: UInt64 = 1
    /// Where sockets are read into; shared by all handlers, since only one runs at a time.
    let receiveBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)

    /// Starts the thread; nil when the system gives no more threads or descriptors.
    init?(named name: String) {
        guard let poller = Poller(), wake.descriptor >= 0 else { return nil }
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

    /// Knows a handler by the key that is returned, for its times; on the loop's thread only, as all that follows.
    func add(_ handler: any EventHandler) -> UInt64 {
        let key = nextKey
        nextKey += 1
        handlers[key] = handler
        return key
    }

    /// Forgets a handler, which has ended its watching.
    func remove(_ key: UInt64) {
        handlers[key] = nil
    }

    /// Watches a socket for the handler with that key.
    func watch(_ descriptor: Int32, _ key: UInt64, _ interest: Poller.Readiness) {
        poller.add(descriptor, key: key, interest)
    }

    func change(_ descriptor: Int32, _ key: UInt64, _ interest: Poller.Readiness) {
        poller.change(descriptor, key: key, interest)
    }

    func unwatch(_ descriptor: Int32) {
        poller.remove(descriptor)
    }

    private func run() {
        var lastScan = SystemClock.monotonicNanoseconds()
        var earliest = UInt64.max
        // Whether a time may have changed since the last scan: only what runs on this thread changes them.
        var isStale = true
        var work: [@Sendable () -> Void] = []
        while true {
            let now = SystemClock.monotonicNanoseconds()
            let next = isStale ? lastScan + Self.scanInterval : earliest
            if now >= next {
                isStale = false
                earliest = .max
                for handler in Array(handlers.values) {
                    let expiry = handler.expiry
                    if expiry <= now {
                        handler.expire(now)
                        isStale = true
                    } else {
                        earliest = min(earliest, expiry)
                    }
                }
                lastScan = now
                continue
            }
            poller.wait(milliseconds: Self.milliseconds(next - now)) { key, readiness in
                isStale = true
                if key == 0 { wake.clear() } else { handlers[key]?.isReady(readiness) }
            }
            let isEnding = inbox.withLock { inbox in
                swap(&work, &inbox.work)
                return inbox.isEnding
            }
            if !work.isEmpty { isStale = true }
            for item in work { item() }
            work.removeAll(keepingCapacity: true)
            if isEnding { break }
        }
        handlers = [:]
    }

    /// Rounded up, so that the time has come when the wait ends; -1 for ever.
    private static func milliseconds(_ nanoseconds: UInt64) -> Int32 {
        guard nanoseconds < 1_000_000_000_000_000 else { return -1 }
        return Int32(clamping: nanoseconds / 1_000_000 + 1)
    }
}
