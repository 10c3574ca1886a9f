// Uniqueness, distribution and reseeding of identifiers.

import Synchronization
import Testing

@testable import Telemetry

struct RandomLanesTests {
    @Test func oneMillionIdentifiersAreUniqueAndNonZero() {
        let random = RandomLanes.shared
        var traces: Set<TraceID> = []
        var spans: Set<UInt64> = []
        traces.reserveCapacity(500_000)
        spans.reserveCapacity(1_000_000)
        for lane in 0..<500_000 {
            let numbers = random.traceAndSpanID(lane: lane)
            traces.insert(TraceID(high: numbers.high, low: numbers.low))
            spans.insert(numbers.span)
            spans.insert(random.spanID(lane: lane))
        }
        #expect(traces.count == 500_000 && spans.count == 1_000_000)
        #expect(!spans.contains(0) && traces.allSatisfy(\.isValid))
    }

    @Test(arguments: [true, false])
    func identifiersOfThreadsThatTakeTurnsOnAProcessorAreUnique(isRestartable: Bool) async {
        let random = RandomLanes(isRestartable: isRestartable && ProcessorSums.areRestartable)
        let (threads, identifiers) = (8, 50_000)
        let all = Mutex<Set<UInt64>>([])
        await onThreads(threads) { _ in
            var own: [UInt64] = []
            for count in 0..<identifiers {
                own.append(random.number())
                if count % 1_000 == 0 { WorkerThread.letOthersRun() }
            }
            all.withLock { $0.formUnion(own) }
        }
        #expect(all.withLock { $0.count } == threads * identifiers)
    }

    @Test func bitsAreUniformlyDistributed() {
        let random = RandomLanes.shared
        var counts = [Int](repeating: 0, count: 192)
        for lane in 0..<20_000 {
            let numbers = random.traceAndSpanID(lane: lane)
            for bit in 0..<64 {
                counts[bit] += Int(numbers.high >> UInt64(bit) & 1)
                counts[64 + bit] += Int(numbers.low >> UInt64(bit) & 1)
                counts[128 + bit] += Int(numbers.span >> UInt64(bit) & 1)
            }
        }
        // Ten standard deviations of 71 either way.
        #expect(counts.allSatisfy { (9_290...10_710).contains($0) })
    }

    @Test func reseedChangesSequence() {
        // A forked child reseeds first: it would otherwise continue the sequence of its parent.
        let random = RandomLanes.shared
        let goesOn = (0..<100).count { _ in Self.isContinued(random.number(), by: random.number()) }
        #expect(goesOn > 0, "The numbers of one lane follow each other.")
        for _ in 0..<100 {
            let before = random.number()
            random.reseed()
            #expect(!Self.isContinued(before, by: random.number()))
        }
    }

    /// Whether a number stands fewer than 2³² places after another in the sequence of one lane.
    private static func isContinued(_ first: UInt64, by second: UInt64) -> Bool {
        let golden: UInt64 = 0x9E37_79B9_7F4A_7C15
        // The inverse of an odd number modulo 2⁶⁴, by Newton's iteration.
        let inverse = (0..<6).reduce(golden) { guess, _ in guess &* (2 &- golden &* guess) }
        return (unmixed(second) &- unmixed(first)) &* inverse < 1 << 32
    }

    /// Undoes the finalizer of SplitMix64.
    private static func unmixed(_ number: UInt64) -> UInt64 {
        var number = number ^ (number >> 31) ^ (number >> 62)
        number &*= 0x3196_42B2_D24D_8EC3
        number ^= (number >> 27) ^ (number >> 54)
        number &*= 0x96DE_1B17_3F11_9089
        return number ^ (number >> 30) ^ (number >> 60)
    }
}
