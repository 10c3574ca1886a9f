// Hot: tells which processor the thread runs on, so that each writes to memory of its own.

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Spreads threads over lanes: one lane a processor, so that two threads seldom meet in one.
enum ProcessorLane {
    /// A power of two, at least the number of processors and at most 64.
    static let count: Int = {
        let processors = max(1, min(64, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
        return 1 << (Int.bitWidth - (processors - 1).leadingZeroBitCount)
    }()

    /// The number of the present processor; only a hint, since the thread may move at any time.
    @inline(__always)
    static func current() -> Int {
        guard let processor = getProcessor else { return threadHash() }
        return Int(processor())
    }

    private static let getProcessor: HiddenFunction.GetProcessor? = {
        guard let function = HiddenFunction.getProcessor, function() >= 0 else { return nil }
        return function
    }()

    /// Where the processor cannot be told: threads lie at different addresses.
    private static func threadHash() -> Int {
        let address = UInt(bitPattern: Int(bitPattern: pthread_self()))
        return Int(truncatingIfNeeded: (UInt64(address) &* 0x9E37_79B9_7F4A_7C15) >> 48)
    }
}
