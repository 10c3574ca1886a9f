// Hot: counts on the processor that the thread runs on, without a lock.

import TelemetryMachine

/// Counts in lanes of two cache lines, one for each processor, each of which begins with its count.
///
/// Only where the kernel restarts interrupted sequences: elsewhere nothing is counted. Only what is counted here may change a count.
struct ProcessorCounts: Sendable {
    /// The bytes of a lane.
    static let laneSize = Int(telemetry_machine_lane_size)

    private let kernelArea: Int
    private let laneCount = UInt32(ProcessorLane.count)

    /// - Parameter isRestartable: other than that of the process in tests.
    init(isRestartable: Bool = ProcessorSums.areRestartable) {
        kernelArea = isRestartable ? telemetry_machine_rseq_offset() : 0
    }

    /// Whether anything is counted in this process.
    @inline(__always)
    var areRestartable: Bool { kernelArea != 0 }

    /// Adds a number to the count of the present processor; returns its lane and the sum. Nil if nothing was added: the thread was moved just
    /// now, or its processor is beyond the lanes.
    ///
    /// - Parameter lanes: one for each of ``ProcessorLane/count`` processors.
    @inline(__always)
    func advance(_ lanes: UnsafeMutableRawPointer, by number: UInt64) -> (lane: UnsafeMutableRawPointer, count: UInt64)? {
        assert(areRestartable, "Without the kernel's help another thread may come between.")
        var count: UInt64 = 0
        guard let lane = telemetry_machine_advance_on_processor(kernelArea, lanes, laneCount, number, &count) else { return nil }
        return (lane, count)
    }
}
