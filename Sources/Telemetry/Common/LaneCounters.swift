// Hot where it is switched on: numbers that many threads add to, each processor on cache lines of its own.

import Synchronization

/// A few numbers that many threads add to, and that are read now and then.
///
/// A value that its users keep: a shared object would have its references counted by all threads.
/// `@unchecked`: the lanes are never freed, as those who count are not, and only their atomics are written.
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

    /// Adds one; `lane` is any number, best the processor's, and `counter` lies below ``maximumCount``.
    @inline(__always)
    func count(_ counter: Int, lane: Int) {
        // Relaxed: each number is read for itself, at any time.
        lanes[(lane & mask) &* Self.maximumCount &+ counter].wrappingAdd(1, ordering: .relaxed)
    }

    /// What all lanes have counted.
    func sum(_ counter: Int) -> Int {
        (0...mask).reduce(0) { $0 &+ lanes[$1 &* Self.maximumCount &+ counter].load(ordering: .relaxed) }
    }
}
