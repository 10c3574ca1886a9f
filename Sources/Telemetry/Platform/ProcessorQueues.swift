// Hot: hands values over on the processor that the thread runs on, without a lock.

import Synchronization
import TelemetryMachine

/// Values that threads on one processor append, and that are taken out with a lock held.
///
/// Appending takes no locked instruction and changes one word that nobody else writes; taking out changes two others.
struct ProcessorQueue {
    static let capacity = telemetry_machine_queue_capacity
    private static let alignment = 128

    fileprivate let base: UnsafeMutablePointer<telemetry_machine_queue>

    /// Allocates an empty queue that refuses values.
    static func allocate() -> ProcessorQueue {
        let size = (MemoryLayout<telemetry_machine_queue>.size + alignment - 1) & ~(alignment - 1)
        let base = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: alignment)
            .bindMemory(to: telemetry_machine_queue.self, capacity: 1)
        base.initialize(to: telemetry_machine_queue())
        return ProcessorQueue(base: base)
    }

    func deallocate() { base.deallocate() }

    /// The words of the queue as atomics: the number appended, and the number at which values are refused.
    @inline(__always)
    private var words: UnsafeMutablePointer<Atomic<UInt64>> { UnsafeMutableRawPointer(base).assumingMemoryBound(to: Atomic<UInt64>.self) }

    @inline(__always)
    var isEmpty: Bool { words[0].load(ordering: .relaxed) == base.pointee.begin }

    /// Takes out all values, the oldest first.
    @inline(__always)
    func takeAll(_ body: (UInt64) -> Void) {
        // A value is written before it is counted.
        let end = words[0].load(ordering: .acquiring)
        assert(end &- base.pointee.begin <= UInt64(Self.capacity), "No value was written over another one.")
        withUnsafePointer(to: &base.pointee.values) { values in
            let values = UnsafeRawPointer(values).assumingMemoryBound(to: UInt64.self)
            for place in base.pointee.begin..<end { body(values[Int(truncatingIfNeeded: place) & (Self.capacity &- 1)]) }
        }
        base.pointee.begin = end
    }

    /// Allows a number of values beyond those that were taken out, at most the capacity.
    func allow(_ count: Int) {
        assert(count >= 0 && count <= Self.capacity, "Values that were not taken out are not written over.")
        // Places are written again only after they were read.
        words[1].store(base.pointee.begin &+ UInt64(count), ordering: .releasing)
    }
}

/// One queue for each lane.
///
/// Only where the kernel restarts interrupted sequences: elsewhere nothing is appended.
struct ProcessorQueues: @unchecked Sendable {
    // Unchecked: the owner keeps the memory of the queues alive, and the table is constant.
    private let queues: UnsafeMutablePointer<UnsafeMutablePointer<telemetry_machine_queue>?>
    private let kernelArea = telemetry_machine_rseq_offset()
    private let laneCount: UInt32

    /// Whether values can be appended in this process.
    static let areAvailable = telemetry_machine_has_restartable_sequences()

    init(_ queues: [ProcessorQueue]) {
        assert(Self.areAvailable && queues.count == ProcessorLane.count, "There is a queue for each lane.")
        self.queues = .allocate(capacity: queues.count)
        for (place, queue) in queues.enumerated() { self.queues[place] = queue.base }
        laneCount = UInt32(queues.count)
    }

    func deallocate() { queues.deallocate() }

    /// Appends a value; returns false if it was not: the queue allows no more, the thread was moved just now, or its processor is beyond
    /// the lanes and shares one.
    @inline(__always)
    func append(_ value: UInt64) -> Bool { telemetry_machine_append_on_processor(kernelArea, queues, laneCount, value) }
}
