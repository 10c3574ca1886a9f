// Hot: generates identifiers without a lock or a system call.

import Synchronization

/// Random 64-bit numbers from one generator for each processor, seeded by the system and again in a forked child.
///
/// Each lane counts and passes the count, offset by three secret keys, through a mixing function that maps every number to
/// another (the finalizer of SplitMix64). Therefore a lane never repeats an identifier, and two lanes, in one process or
/// in two, generate the same trace identifier only when their keys agree in 128 bits.
///
/// Where the kernel restarts interrupted sequences, a processor counts in a lane of its own without a locked instruction. Elsewhere, and when
/// the thread was moved just then, it counts atomically in another lane.
struct RandomLanes: @unchecked Sendable {
    // Unchecked: the lanes are never freed, and their counters are changed as described.
    /// Those that are counted in atomically, and then those of processors, if there are such.
    private let lanes: UnsafeMutablePointer<Lane>
    private let processor = ProcessorLane()
    private let mask: Int
    private let laneCount: Int
    private let counts: ProcessorCounts

    private struct Lane: ~Copyable {
        let counter = Atomic<UInt64>(0)
        let firstKey = Atomic<UInt64>(0)
        let secondKey = Atomic<UInt64>(0)
        let thirdKey = Atomic<UInt64>(0)
        // Pads the lane to two cache lines, which the processor fetches together.
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

    /// The generators of the process. Hot code keeps the value: accessing a global costs a call each time.
    static let shared: RandomLanes = {
        let lanes = RandomLanes()
        ForkObserver.onChild { RandomLanes.shared.reseed() }
        return lanes
    }()

    /// Seeds the lanes; never freed.
    ///
    /// - Parameter isRestartable: other than that of the process in tests.
    init(isRestartable: Bool = ProcessorSums.areRestartable) {
        counts = ProcessorCounts(isRestartable: isRestartable)
        let count = ProcessorLane.count
        assert(count & (count - 1) == 0, "The number of lanes is a power of two.")
        assert(MemoryLayout<Lane>.stride == ProcessorCounts.laneSize, "A lane of a processor begins with its counter.")
        laneCount = counts.areRestartable ? 2 * count : count
        lanes = UnsafeMutableRawPointer.allocate(byteCount: laneCount * MemoryLayout<Lane>.stride, alignment: MemoryLayout<Lane>.stride)
            .bindMemory(to: Lane.self, capacity: laneCount)
        mask = count - 1
        for index in 0..<laneCount { (lanes + index).initialize(to: Lane()) }
        reseed()
    }

    /// Seeds all lanes from the system; a forked child would otherwise repeat its parent's numbers.
    func reseed() {
        for index in 0..<laneCount { lanes[index].seed() }
    }

    /// Counts in a lane; returns it and its count. `number` is any number, best the processor's.
    @inline(__always)
    private func advance(_ number: Int) -> (UnsafeMutablePointer<Lane>, UInt64) {
        if counts.areRestartable, let (lane, count) = counts.advance(UnsafeMutableRawPointer(lanes + (mask &+ 1)), by: Self.golden) {
            return (lane.assumingMemoryBound(to: Lane.self), count)
        }
        let lane = lanes + (number & mask)
        return (lane, lane.pointee.counter.wrappingAdd(Self.golden, ordering: .relaxed).newValue)
    }

    /// Returns a random span identifier, not zero.
    @inline(__always)
    func spanID(lane number: Int) -> UInt64 {
        let (lane, count) = advance(number)
        return Self.nonZero(Self.mix(count &+ lane.pointee.thirdKey.load(ordering: .relaxed)))
    }

    /// Returns random identifiers of a trace and its root span, not zero.
    @inline(__always)
    func traceAndSpanID(lane number: Int) -> (high: UInt64, low: UInt64, span: UInt64) {
        let (lane, count) = advance(number)
        let high = Self.mix(count ^ lane.pointee.firstKey.load(ordering: .relaxed))
        let low = Self.mix(count &+ lane.pointee.secondKey.load(ordering: .relaxed))
        return (high, Self.nonZero(low), Self.nonZero(Self.mix(count &+ lane.pointee.thirdKey.load(ordering: .relaxed))))
    }

    /// Returns a random number, not zero.
    @inline(__always)
    func number() -> UInt64 { spanID(lane: currentLane) }

    /// The lane of the present processor, for the parameter `lane`.
    @inline(__always)
    var currentLane: Int { processor.current }

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
