// Hot: keeps the anchor that all spans share, and renews it.

import Synchronization

/// The latest anchor of a clock, and the time until which it is used.
///
/// Alone on its cache lines: each root span reads it, and it is written at most ten times a second, or once by each thread that finds it
/// expired at the same time. `@unchecked`: the pointer is constant, and only atomics lie behind it.
struct LatestAnchor: @unchecked Sendable {
    /// How long an anchor is used before the wall clock is read again. A step of the wall clock is seen that late at most.
    static let lifetime: UInt64 = 100_000_000

    private let numbers: UnsafeMutablePointer<Atomic<UInt64>>

    init() {
        // Two cache lines, which the processor fetches together.
        numbers = UnsafeMutableRawPointer.allocate(byteCount: 128, alignment: 128).bindMemory(to: Atomic<UInt64>.self, capacity: 2)
        // An expired anchor: the first reader renews it.
        numbers.initialize(to: Atomic(0))
        (numbers + 1).initialize(to: Atomic(0))
    }

    func deallocate() { numbers.deallocate() }

    /// Returns the anchor; nil if it has expired.
    @inline(__always)
    func value(at monotonic: UInt64) -> ClockAnchor? {
        // Acquiring: a thread that reads the new expiry also reads the anchor that was stored before it.
        monotonic < numbers[1].load(ordering: .acquiring) ? stored : nil
    }

    @inline(__always)
    private var stored: ClockAnchor { ClockAnchor(offset: numbers[0].load(ordering: .relaxed)) }

    /// Renews the anchor by a reading of both clocks. Threads may do so concurrently: each stores an anchor that its reading allows.
    func renew(wall: UInt64, after earlier: UInt64, before later: UInt64) -> ClockAnchor {
        let anchor = stored.renewed(wall: wall, after: earlier, before: later)
        numbers[0].store(anchor.offset, ordering: .relaxed)
        numbers[1].store(later &+ Self.lifetime, ordering: .releasing)
        return anchor
    }
}
