// Hot if it is enabled: counters with separate cache lines for each processor.

import Synchronization

/// A few counters that many threads increment, and that are seldom read.
///
/// Users keep the value: a shared object would have its references counted by all threads.
/// `@unchecked`: the lanes are never freed, and only their atomics are written.
struct LaneCounters: @unchecked Sendable {
    /// The counters of a lane fill two cache lines, which are fetched together.
    static let maximumCount = 16

    private let lanes: UnsafeMutablePointer<Atomic<Int>>
    private let mask = ProcessorLane.count - 1

    init() {
        let count = ProcessorLane.count * Self.maximumCount
        lanes = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Atomic<Int>>.stride, alignment: 128)
            .bindMemory(to: Atomic<Int>.self, capacity: count)
        for index in 0..<count { (lanes + index).initialize(to: Atomic(0)) }
    }

    /// Increments a counter; `lane` is any number, best the processor's, and `counter` lies below ``maximumCount``.
    @inline(__always)
    func count(_ counter: Int, lane: Int) {
        assert((0..<Self.maximumCount).contains(counter), "A lane has the counter.")
        // Relaxed: counters are independent of each other.
        lanes[(lane & mask) &* Self.maximumCount &+ counter].wrappingAdd(1, ordering: .relaxed)
    }

    /// Returns the sum of a counter over all lanes.
    func sum(_ counter: Int) -> Int {
        assert((0..<Self.maximumCount).contains(counter), "A lane has the counter.")
        return (0...mask).reduce(0) { $0 &+ lanes[$1 &* Self.maximumCount &+ counter].load(ordering: .relaxed) }
    }
}
