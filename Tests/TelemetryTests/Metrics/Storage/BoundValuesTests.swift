// Values of bound histograms, which may wait in queues: none is lost, and none counts twice.

import Synchronization
import Testing

@testable import Telemetry

struct BoundValuesTests {
    private func point(_ rig: MetricRig, _ name: String = "h", _ reader: Int = 0) throws -> HistogramPoint {
        try #require(try rig.collect(reader)[name]?.histograms.first)
    }

    @Test func collectionHasEveryValueBeforeIt() throws {
        let rig = try MetricRig()
        let bound = rig.meter.histogram("h", boundaries: [1, 10]).bind()
        // More than a queue holds, and numbers that leave it filled to any degree.
        var count: UInt64 = 0
        for round in 1...100 {
            for value in 0..<round { bound.record(Double(value % 3) * 7) }
            count += UInt64(round)
            #expect(try point(rig).count == count)
        }
        let last = try point(rig)
        #expect(last.min == 0 && last.max == 14)
        #expect(last.bucketCounts.reduce(0, +) == count && last.bucketCounts.allSatisfy { $0 > 0 })
    }

    @Test func sumAndBoundsAreThoseOfTheValuesSinceTheLastDeltaCollection() throws {
        let rig = try MetricRig(.delta)
        let bound = rig.meter.histogram("h", boundaries: [1, 10]).bind()
        for value in [5.0, 3, 20] { bound.record(value) }
        let first = try point(rig)
        #expect(first.count == 3 && first.sum == 28 && first.min == 3 && first.max == 20 && first.bucketCounts == [0, 2, 1])
        for value in [7.0, 8, 7] { bound.record(value) }
        let second = try point(rig)
        #expect(second.count == 3 && second.sum == 22 && second.min == 7 && second.max == 8 && second.bucketCounts == [0, 3, 0])
        #expect(try rig.collect()["h"] == nil)
    }

    @Test func valuesAreExactDuringConcurrentCollection() throws {
        let rig = try MetricRig(.delta, MetricReaderOptions())
        let whole = rig.meter.histogram("h", of: Int.self, boundaries: [1, 2, 3])
        let (threads, rounds) = (4, 50_000)
        let running = Atomic(threads)
        let seen = Mutex<(count: UInt64, sum: Double)>((0, 0))
        let isDone = onThreads(threads + 1) { number in
            if number == threads {
                while running.load(ordering: .acquiring) > 0 {
                    guard let point = try? rig.collect(0)["h"]?.histograms.first else { continue }
                    seen.withLock { $0 = ($0.count + point.count, $0.sum + (point.sum ?? 0)) }
                }
            } else {
                let bound = whole.bind()
                for round in 0..<rounds {
                    // Some by the handle, some through the table, into the same cells.
                    if round % 10 == 0 { whole.record(round % 4) } else { bound.record(round % 4) }
                }
                running.wrappingSubtract(1, ordering: .releasing)
            }
        }
        #expect(isDone)
        if let rest = try rig.collect(0)["h"]?.histograms.first { seen.withLock { $0 = ($0.count + rest.count, $0.sum + (rest.sum ?? 0)) } }
        let total = UInt64(threads * rounds)
        let all = try point(rig, "h", 1)
        #expect(seen.withLock { $0.count } == total && all.count == total)
        #expect(all.bucketCounts == [total / 2, total / 4, total / 4, 0])
        #expect(all.sum == 1.5 * Double(total) && seen.withLock { $0.sum } == all.sum)
    }

    @Test func valuesOfAHandleThatIsGoneStillCount() throws {
        let rig = try MetricRig()
        let histogram = rig.meter.histogram("h")
        do {
            let bound = histogram.bind(["route": "/"])
            for _ in 0..<10 { bound.record(1) }
        }
        let again = histogram.bind(["route": "/"])
        for _ in 0..<10 { again.record(2) }
        let found = try point(rig)
        #expect(found.count == 20 && found.sum == 30)
    }

    @Test func refusedValueIsRefusedOnce() throws {
        let rig = try MetricRig()
        let bound = rig.meter.histogram("h").bind()
        bound.record(1)
        for value in [-1.0, .nan, .infinity] { bound.record(value) }
        #expect(try point(rig).count == 1 && point(rig).sum == 1)
    }

    @Test func measurementInASampledSpanIsFoundAmongOthers() throws {
        let rig = try MetricRig(filter: .traceBased)
        let bound = rig.meter.histogram("h", boundaries: [1, 10]).bind()
        let context = contextOfSpan(9)
        for _ in 0..<1_000 { bound.record(5) }
        // At most 31 are skipped after one that was no candidate, so that one of 32 in a row is looked at.
        for _ in 0..<40 { bound.record(5, context: context) }
        let found = try point(rig)
        #expect(found.count == 1_040)
        #expect(found.exemplars.map(\.spanID) == [SpanID(9)])
        // Collected exemplars begin anew: the next measurement is looked at.
        bound.record(5, context: contextOfSpan(11))
        #expect(try point(rig).exemplars.map(\.spanID) == [SpanID(11)])
    }
}
