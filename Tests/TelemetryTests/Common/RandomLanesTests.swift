// Identifiers are unique, never zero, and not repeated after a fork.

import Testing

@testable import Telemetry

@Suite struct RandomLanesTests {
    @Test func aMillionIdentifiersAreUniqueAndNotZero() {
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

    @Test func everyBitIsSetInHalfOfTheNumbers() {
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

    @Test func newSeedsChangeTheSequence() {
        // What a forked child does first. Without it the numbers below would go on where those above ended.
        let random = RandomLanes.shared
        var seen: Set<UInt64> = []
        for _ in 0..<50 {
            random.reseed()
            for _ in 0..<200 { seen.insert(random.number()) }
        }
        #expect(seen.count == 10_000)
    }
}
