// Hot: the processor that the thread runs on, which selects the lane that it writes to.

import TelemetryMachine

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Distributes threads over lanes, one for each processor, so that two threads seldom share one.
///
/// Users keep the value, because accessing a global costs a call each time.
struct ProcessorLane: Sendable {
    /// A power of two, at least the number of processors and at most 64.
    static let count: Int = {
        let processors = max(1, min(64, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
        return 1 << (Int.bitWidth - (processors - 1).leadingZeroBitCount)
    }()

    /// Where the kernel keeps the number of the processor for each thread; 0 if it does not.
    private let kernelArea: Int
    private let getProcessor: HiddenFunction.GetProcessor

    /// A shared value for code that is not hot.
    static let anywhere = ProcessorLane()

    /// - Parameter kernelArea: other than the area of this process in tests.
    init(kernelArea: Int = telemetry_machine_rseq_offset()) {
        self.kernelArea = kernelArea
        getProcessor = Self.getProcessor
    }

    /// The number of the present processor; only a hint, since the thread may move at any time.
    @inline(__always)
    var current: Int {
        // Four instructions, where `sched_getcpu` takes thirty.
        if kernelArea != 0 {
            let number = telemetry_machine_processor(kernelArea)
            if number >= 0 { return Int(number) }
        }
        return Int(getProcessor())
    }

    private static let getProcessor: HiddenFunction.GetProcessor = {
        if let function = HiddenFunction.getProcessor, function() >= 0 { return function }
        // Without `sched_getcpu` the address of the thread is hashed.
        return { Int32(truncatingIfNeeded: (UInt64(UInt(bitPattern: Int(bitPattern: pthread_self()))) &* 0x9E37_79B9_7F4A_7C15) >> 48) }
    }()
}
