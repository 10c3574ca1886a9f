// Hot: the processor that the thread runs on, which selects the lane that it writes to.

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

    private let getProcessor: HiddenFunction.GetProcessor

    /// A shared value for code that is not hot.
    static let anywhere = ProcessorLane()

    init() {
        getProcessor = Self.getProcessor
    }

    /// The number of the present processor; only a hint, since the thread may move at any time.
    @inline(__always)
    var current: Int { Int(getProcessor()) }

    private static let getProcessor: HiddenFunction.GetProcessor = {
        if let function = HiddenFunction.getProcessor, function() >= 0 { return function }
        // Without `sched_getcpu` the address of the thread is hashed.
        return { Int32(truncatingIfNeeded: (UInt64(UInt(bitPattern: Int(bitPattern: pthread_self()))) &* 0x9E37_79B9_7F4A_7C15) >> 48) }
    }()
}
