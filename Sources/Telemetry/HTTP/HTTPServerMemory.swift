// The memory limit of a server, and the release of heap pages after a burst.

import Synchronization

/// Counts the bytes that all connections of one server hold: header fields, bodies, and unsent responses.
///
/// Beyond the limit the connections that hold most release memory: an incomplete request is refused with 503, a connection with an unread
/// response is closed. Reading is not paused instead: incomplete requests free nothing until they are complete, so that stalled ones would
/// block all others until they time out, and unread bytes would fill buffers of the system, which are not counted here.
final class HTTPServerMemory: EventHandler {
    /// The share of the limit, in eighths, that stays in use after memory was released: the rest is room for many reads.
    private static let eighthsKept = 7

    let limit: Int
    // Unchecked: a number, which no access holds on to.
    @exclusivity(unchecked) private(set) var total = 0
    /// Bytes of responses in transit from handlers to the loop. Relaxed: the loop bounds their sum once they have arrived.
    private let inTransit = Atomic(0)
    private let loop: EventLoop
    private var trimming = TrimSchedule()
    private var key: UInt64?

    init(limit: Int, loop: EventLoop) {
        self.limit = max(1, limit)
        self.loop = loop
        guard limit < 1 else { return }
        let error = ConfigurationError(
            setting: "maximumHeldBytes", value: "\(limit)", expected: "the bytes of one request or more; \(self.limit) is used")
        Diagnostics.report(.error, topic: "http.maximumHeldBytes", error.description)
    }

    /// Updates the bytes of a connection; returns whether the limit is exceeded.
    func change(from old: Int, to new: Int) -> Bool {
        loop.assertIsCurrent()
        total += new - old
        assert(total >= 0, "Connections release no more than they hold.")
        if new < old, trimming.release(old - new, now: SystemClock.monotonicNanoseconds) {
            if key == nil { key = loop.add(self) }
            loop.check(at: trimming.dueTime)
        }
        return total > limit
    }

    /// True if enough was released after the limit was exceeded.
    var hasRoom: Bool { total <= limit / 8 * Self.eighthsKept }

    // MARK: Responses in transit, on any thread

    /// Counts a response that a handler passes to the loop; returns false if too many bytes are in transit already.
    func beginTransit(_ count: Int) -> Bool {
        let others = inTransit.add(count, ordering: .relaxed).oldValue
        guard others > 0, others + count > limit else { return true }
        inTransit.subtract(count, ordering: .relaxed)
        return false
    }

    var bytesInTransit: Int { inTransit.load(ordering: .relaxed) }

    func endTransit(_ count: Int) {
        inTransit.subtract(count, ordering: .relaxed)
    }

    // MARK: Returning memory to the system

    func isReady(_ readiness: Poller.Readiness) {}

    func checkTime(_ now: UInt64) -> UInt64 {
        loop.assertIsCurrent()
        if trimming.takeDue(now) { Self.releaseFreePages() }
        return trimming.dueTime
    }

    /// Returns the free pages of all heap arenas to the system, where the C library can do so.
    ///
    /// `malloc_trim` holds the lock of one arena at a time and takes time in proportion to the free memory: for rare occasions.
    private static func releaseFreePages() { _ = HiddenFunction.trimHeap?(0) }

    /// Stops the timer.
    func end() {
        loop.assertIsCurrent()
        if let key { loop.remove(key) }
        key = nil
    }
}

/// Decides when free heap pages are returned to the system, which the C library would otherwise keep.
struct TrimSchedule {
    /// Smaller amounts are kept, since they are needed again soon.
    static let worthwhileBytes = 16 << 20
    /// A burst is over this long after its last release; memory is returned during a burst that lasts longer than `longestTime`.
    static let quietTime: UInt64 = 1_000_000_000
    static let longestTime: UInt64 = 10_000_000_000

    private var releasedBytes = 0
    private var releasedSinceCheck = false
    private var firstTime: UInt64 = 0
    /// When to check again; `UInt64.max` if there is nothing to return.
    private(set) var dueTime = UInt64.max

    /// Counts released bytes; returns true if ``dueTime`` has been set.
    mutating func release(_ count: Int, now: () -> UInt64) -> Bool {
        releasedBytes += count
        releasedSinceCheck = true
        guard releasedBytes >= Self.worthwhileBytes, dueTime == .max else { return false }
        firstTime = now()
        dueTime = firstTime + Self.quietTime
        return true
    }

    /// Returns true if memory must be returned now; the count is then reset.
    mutating func takeDue(_ now: UInt64) -> Bool {
        guard now >= dueTime else { return false }
        if releasedSinceCheck && now < firstTime + Self.longestTime {
            releasedSinceCheck = false
            dueTime = now + Self.quietTime
            return false
        }
        self = TrimSchedule()
        return true
    }
}
