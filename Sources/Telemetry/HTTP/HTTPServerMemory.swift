// What the connections of a server hold in memory: counted, bounded, and given back to the system after a burst.

import Synchronization

/// Counts the bytes that all connections of one server hold: header fields, bodies, and answers that peers have not taken.
///
/// Beyond the limit the connection that holds most gives way: an incomplete request is refused with 503, an answer that its peer leaves
/// untaken is cut off. Reading is not paused instead, because incomplete requests free nothing until they are complete: those that stall
/// would hold up all others until they time out, and what is not read would fill the system's own buffers, which nothing here counts.
final class HTTPServerMemory: EventHandler {
    /// How full the budget is once connections have given way, in eighths: room for many reads before the next one must.
    private static let eighthsKept = 7

    let limit: Int
    private(set) var total = 0
    /// Bytes of answers on their way from handlers to the loop. Relaxed: the loop bounds their sum once they have arrived.
    private let inTransit = Atomic(0)
    private let loop: EventLoop
    private var trimming = TrimSchedule()
    private var key: UInt64?

    init(limit: Int, loop: EventLoop) {
        precondition(limit > 0, "A server may hold at least one byte.")
        self.limit = limit
        self.loop = loop
    }

    /// Notes that a connection holds other than before. True when some connection must give way.
    func change(from old: Int, to new: Int) -> Bool {
        total += new - old
        assert(total >= 0, "Connections give back what they hold, and no more.")
        if new < old, trimming.release(old - new, now: SystemClock.monotonicNanoseconds) {
            if key == nil { key = loop.add(self) }
            loop.check(at: trimming.dueTime)
        }
        return total > limit
    }

    /// Whether enough has come free once the limit was exceeded.
    var hasRoom: Bool { total <= limit / 8 * Self.eighthsKept }

    // MARK: Answers on their way, on any thread

    /// Takes an answer in that a handler hands to the loop. False when too many are on their way already.
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

    // MARK: Giving memory back

    func isReady(_ readiness: Poller.Readiness) {}

    func checkTime(_ now: UInt64) -> UInt64 {
        if trimming.takeDue(now) { Self.releaseFreePages() }
        return trimming.dueTime
    }

    /// Returns the free pages of all heap arenas to the system, where the C library can do so.
    ///
    /// `malloc_trim` holds the lock of one arena at a time and takes time in proportion to the free memory: for rare occasions.
    private static func releaseFreePages() { _ = HiddenFunction.trimHeap?(0) }

    /// Ends the asking about time.
    func end() {
        if let key { loop.remove(key) }
        key = nil
    }
}

/// Decides when freed memory is worth being given back to the system: the C library keeps what threads free for their next use.
struct TrimSchedule {
    /// Less than that is kept, since it is needed again soon.
    static let worthwhileBytes = 16 << 20
    /// So long after the last release a burst is over; one that lasts longer is interrupted by giving memory back.
    static let quietTime: UInt64 = 1_000_000_000
    static let longestTime: UInt64 = 10_000_000_000

    private var releasedBytes = 0
    private var releasedSinceCheck = false
    private var firstTime: UInt64 = 0
    /// When to look again; the greatest number when there is nothing to give back.
    private(set) var dueTime = UInt64.max

    /// Counts bytes that were released. True when a time has been set at which to look again.
    mutating func release(_ count: Int, now: () -> UInt64) -> Bool {
        releasedBytes += count
        releasedSinceCheck = true
        guard releasedBytes >= Self.worthwhileBytes, dueTime == .max else { return false }
        firstTime = now()
        dueTime = firstTime + Self.quietTime
        return true
    }

    /// True if memory is to be given back now; the count is then reset.
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
