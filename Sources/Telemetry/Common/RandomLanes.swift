// Hot: random numbers for identifiers, without a lock and without a system call.

import Synchronization

/// Random 64-bit numbers from one generator a processor, seeded by the system and again in a forked child.
///
/// Each lane counts and passes the count, offset by three secret keys, through a mixing function that maps every number to
/// another (the finalizer of SplitMix64). One lane so never repeats an identifier, and two lanes, in one process or in
/// two, give the same trace identifier only when their keys agree in 128 bits.
enum RandomLanes {
    private struct Lane: ~Copyable {
        let counter = Atomic<UInt64>(0)
        let firstKey = Atomic<UInt64>(0)
        let secondKey = Atomic<UInt64>(0)
        let thirdKey = Atomic<UInt64>(0)
        // Fills up two cache lines: neighbours are fetched together.
        private let padding = (
            UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0),
            UInt64(0)
        )

        func seed() {
            var generator = SystemRandomNumberGenerator()
            counter.store(generator.next(), ordering: .relaxed)
            firstKey.store(generator.next(), ordering: .relaxed)
            secondKey.store(generator.next(), ordering: .relaxed)
            thirdKey.store(generator.next(), ordering: .relaxed)
        }
    }

    private static let mask = ProcessorLane.count - 1

    /// Never freed, and only its atomics are ever written: that is the proof for `nonisolated(unsafe)`.
    private nonisolated(unsafe) static let lanes: UnsafeMutablePointer<Lane> = {
        let lanes = UnsafeMutablePointer<Lane>.allocate(capacity: mask + 1)
        for index in 0...mask {
            (lanes + index).initialize(to: Lane())
            lanes[index].seed()
        }
        ForkObserver.onChild { RandomLanes.reseed() }
        return lanes
    }()

    /// Takes new seeds from the system; a forked child would otherwise repeat its parent's numbers.
    static func reseed() {
        for index in 0...mask { lanes[index].seed() }
    }

    /// A random identifier of a span, not zero.
    @inline(__always)
    static func spanID() -> UInt64 {
        let lane = lanes + (ProcessorLane.current() & mask)
        let count = lane.pointee.counter.wrappingAdd(golden, ordering: .relaxed).newValue
        return nonZero(mix(count &+ lane.pointee.thirdKey.load(ordering: .relaxed)))
    }

    /// Random identifiers of a trace and its root span, not zero.
    @inline(__always)
    static func traceAndSpanID() -> (high: UInt64, low: UInt64, span: UInt64) {
        let lane = lanes + (ProcessorLane.current() & mask)
        let count = lane.pointee.counter.wrappingAdd(golden, ordering: .relaxed).newValue
        let high = mix(count ^ lane.pointee.firstKey.load(ordering: .relaxed))
        let low = mix(count &+ lane.pointee.secondKey.load(ordering: .relaxed))
        return (high, nonZero(low), nonZero(mix(count &+ lane.pointee.thirdKey.load(ordering: .relaxed))))
    }

    /// Any random number.
    @inline(__always)
    static func number() -> UInt64 { spanID() }


    private static let golden: UInt64 = 0x9E37_79B9_7F4A_7C15

    @inline(__always)
    private static func mix(_ number: UInt64) -> UInt64 {
        var number = number
        number = (number ^ (number >> 30)) &* 0xBF58_476D_1CE4_E5B9
        number = (number ^ (number >> 27)) &* 0x94D0_49BB_1331_11EB
        return number ^ (number >> 31)
    }

    @inline(__always)
    private static func nonZero(_ number: UInt64) -> UInt64 { number == 0 ? golden : number }
}
