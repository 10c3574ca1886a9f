// Hot: keeps pointers on the processor that the thread runs on, without a lock.

import TelemetryMachine

/// One stack of a few pointers for each lane.
///
/// Where the kernel restarts interrupted sequences, only threads on its own processor touch a stack, with plain instructions. A locked one
/// waits until all stores before it are done, of which a span has many.
///
/// `@unchecked`: the pointer is constant, and what is behind it is changed as described.
struct ProcessorStacks: @unchecked Sendable {
    /// The pointers of a stack at most: with their number they fill two cache lines, which the processor fetches together.
    static let capacity = Int(telemetry_machine_stack_capacity)

    private let lanes: UnsafeMutableRawPointer
    private let kernelArea = telemetry_machine_rseq_offset()
    private let laneCount: UInt32

    /// Makes empty stacks; never freed. Must be called only where ``ProcessorSums/areRestartable``.
    init() {
        assert(ProcessorSums.areRestartable, "The kernel restarts interrupted sequences.")
        let size = ProcessorLane.count * Int(telemetry_machine_lane_size)
        lanes = .allocate(byteCount: size, alignment: Int(telemetry_machine_lane_size))
        lanes.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        laneCount = UInt32(ProcessorLane.count)
    }

    /// Whether a processor has a stack of its own.
    @inline(__always)
    func hasStack(_ processor: Int) -> Bool { UInt(bitPattern: processor) < UInt(laneCount) }

    /// Takes the pointer out that was put last; nil if there is none, or the thread was moved just now.
    @inline(__always)
    func pop() -> UnsafeMutableRawPointer? { telemetry_machine_pop_on_processor(kernelArea, lanes, laneCount) }

    /// Puts a pointer in; returns false if there is no room, or the thread was moved just now.
    @inline(__always)
    func push(_ pointer: UnsafeMutableRawPointer) -> Bool { telemetry_machine_push_on_processor(kernelArea, lanes, laneCount, pointer) }
}
