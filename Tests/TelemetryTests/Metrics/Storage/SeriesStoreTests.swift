// Concurrent recording and collection: every measurement counts exactly once.

import Synchronization
import Testing

@testable import Telemetry

struct SeriesStoreTests {
    private static let threads = 4
    private static let rounds = 20_000

    /// Records on several threads while a delta reader and a cumulative reader collect continuously.
    ///
    /// - Parameter delta: called with the points of each delta collection.
    /// - Returns: the points of the last cumulative collection.
    private func record(
        _ rig: MetricRig, _ body: @escaping @Sendable (Int) -> Void, delta: ([String: MetricPoints]) -> Void
    ) throws -> [String: MetricPoints] {
        let isOver = Atomic(false)
        let (reader, cumulative) = (rig.readers[0], rig.readers[1])
        let collected = Mutex<[[String: MetricPoints]]>([])
        let done = Semaphore()
        let isStarted = WorkerThread.start(named: "collect") {
            repeat {
                let batch = (try? reader.collect())?.metrics ?? []
                collected.withLock { $0.append(Dictionary(uniqueKeysWithValues: batch.map { ($0.name, $0.points) })) }
                _ = try? cumulative.collect()
            } while !isOver.load(ordering: .acquiring)
            done.post()
        }
        #expect(isStarted && onThreads(Self.threads, body))
        isOver.store(true, ordering: .releasing)
        #expect(done.wait(until: .after(.seconds(60))))
        collected.withLock { $0.forEach(delta) }
        delta(try rig.collect(0))
        return try rig.collect(1)
    }

    @Test(arguments: [1, 7, 1500])
    func sumsAreExactDuringConcurrentCollection(seriesCount: Int) throws {
        let rig = try MetricRig(.delta, MetricReaderOptions())
        let (whole, fraction) = (rig.meter.counter("whole"), rig.meter.counter("fraction", of: Double.self))
        let change = rig.meter.upDownCounter("change")
        let bound = (0..<seriesCount).map { whole.bind(["id": AttributeValue($0)]) }
        var deltas: [String: [Attributes: Double]] = [:]
        let sums = try record(rig) { thread in
            for round in 0..<Self.rounds {
                let id = (round &+ thread) % seriesCount
                whole.add(1, ["id": AttributeValue(id)])
                bound[id].add(2)
                // Halves add up without rounding.
                fraction.add(0.5, ["id": AttributeValue(id)])
                change.add(round % 2 == 0 ? 3 : -3, ["id": AttributeValue(id)])
            }
        } delta: { points in
            for name in ["whole", "fraction"] {
                deltas[name, default: [:]].merge(points[name]?.doubles ?? [:]) { $0 + $1 }
            }
        }
        for (name, each) in [("whole", 3.0), ("fraction", 0.5)] {
            #expect(sums[name]?.count == seriesCount)
            #expect(sums[name]?.doubles == deltas[name], "Deltas add up to the cumulative sum of each series.")
            #expect(deltas[name]?.values.reduce(0, +) == Double(Self.threads * Self.rounds) * each)
        }
        #expect(sums["change"]?.doubles.values.reduce(0, +) == 0)
        for id in 0..<min(seriesCount, 7) {
            let hits = (0..<Self.threads).map { thread in (0..<Self.rounds).count { ($0 &+ thread) % seriesCount == id } }
            let count = hits.reduce(0, +)
            #expect(deltas["whole"]?[["id": AttributeValue(id)]] == Double(count * 3), "No measurement moves to another series.")
        }
    }

    @Test(arguments: [1, 300])
    func histogramsAreExactDuringConcurrentCollection(seriesCount: Int) throws {
        let views = [MetricView(of: "exponential", aggregation: .exponentialHistogram())]
        let rig = try MetricRig(.delta, MetricReaderOptions(), views: views)
        let (explicit, exponential) = (rig.meter.histogram("explicit", boundaries: [1, 2, 3]), rig.meter.histogram("exponential"))
        var (buckets, count, sum) = (Array(repeating: UInt64(0), count: 4), UInt64(0), 0.0)
        var (exponentialCount, exponentialSum) = (UInt64(0), 0.0)
        let sums = try record(rig) { thread in
            for round in 0..<Self.rounds {
                let id = (round &+ thread) % seriesCount
                explicit.record(Double(round % 4) + 0.5, ["id": AttributeValue(id)])
                exponential.record(Double(round % 4), ["id": AttributeValue(id)])
            }
        } delta: { points in
            for point in points["explicit"]?.histograms ?? [] {
                for index in 0..<4 { buckets[index] += point.bucketCounts[index] }
                count += point.count
                sum += point.sum ?? .nan
                if let least = point.min, let most = point.max { #expect(least >= 0.5 && most <= 3.5 && least <= most) }
            }
            for point in points["exponential"]?.exponentialHistograms ?? [] {
                exponentialCount += point.distribution.count
                exponentialSum += point.distribution.sum ?? .nan
            }
        }
        let total = UInt64(Self.threads * Self.rounds)
        #expect(buckets == Array(repeating: total / 4, count: 4) && count == total && sum == Double(total) * 2)
        #expect(exponentialCount == total && exponentialSum == Double(total) * 1.5)
        let histograms = try #require(sums["explicit"]?.histograms)
        #expect(histograms.count == seriesCount && histograms.reduce(0) { $0 + $1.count } == total)
        #expect(histograms.allSatisfy { $0.count == $0.bucketCounts.reduce(0, +) })
        #expect(histograms.compactMap(\.min).min() == 0.5 && histograms.compactMap(\.max).max() == 3.5)
        let exponentials = try #require(sums["exponential"]?.exponentialHistograms)
        #expect(exponentials.reduce(0) { $0 + $1.distribution.count } == total)
        #expect(exponentials.reduce(0) { $0 + $1.distribution.zeroCount } == total / 4)
    }

    @Test func seriesMadeByConcurrentThreadsIsMadeOnce() throws {
        let rig = try MetricRig()
        let counter = rig.meter.counter("c")
        #expect(
            onThreads(8) { thread in
                for number in 0..<1500 {
                    let id = AttributeValue(thread % 2 == 0 ? number : 1499 - number)
                    if number % 3 == 0 { counter.bind(["id": id, "x": "y"]).add(1) } else { counter.add(1, ["x": "y", "id": id]) }
                }
            })
        let points = try #require(try rig.collect()["c"])
        #expect(points.count == 1500 && points.ints.count == 1500 && points.ints.values.allSatisfy { $0 == 8 })
    }

    @Test func overflowIsExactWhileDeltaReaderReclaimsSeries() throws {
        let rig = try MetricRig(.limited(to: 50, delta: true), .limited(to: 50))
        let counter = rig.meter.counter("c")
        var (total, mostSeries) = (0.0, 0)
        let sums = try record(rig) { thread in
            for round in 0..<Self.rounds { counter.add(1, ["id": AttributeValue((round / 10) &* 4 &+ thread)]) }
        } delta: { points in
            total += points["c"]?.numbers.reduce(0) { $0 + $1.value.doubleValue } ?? 0
            mostSeries = max(mostSeries, points["c"]?.count ?? 0)
        }
        #expect(total == Double(Self.threads * Self.rounds))
        #expect(mostSeries <= 51, "The limit and the overflow series.")
        #expect(sums["c"]?.count == 51 && sums["c"]?.doubles.values.reduce(0, +) == total)
    }

    @Test func seriesAreReclaimedWhileOthersAreRecorded() throws {
        // All readers have delta temporality, so series are reclaimed and their memory is reused continuously.
        let rig = try MetricRig(.limited(to: 20, delta: true), .limited(to: 20, delta: true))
        let (counter, histogram) = (rig.meter.counter("c"), rig.meter.histogram("h"))
        let steady = counter.bind(["steady": true])
        var (total, steadyTotal, values) = ([0.0, 0.0], 0.0, UInt64(0))
        let rest = try record(rig) { thread in
            for round in 0..<Self.rounds {
                counter.add(1, ["id": AttributeValue(round / 3), "text": .string("a text that is not short \(round % 5)")])
                if round % 100 == 0 { counter.bind(["bound": AttributeValue(round)]).add(1) }
                steady.add(1)
                histogram.record(1, ["id": AttributeValue(round / 7)])
            }
        } delta: { points in
            let doubles = points["c"]?.doubles ?? [:]
            steadyTotal += doubles[["steady": true]] ?? 0
            total[0] += doubles.values.reduce(0, +)
            values += points["h"]?.histograms.reduce(0) { $0 + $1.count } ?? 0
        }
        let each = Double(Self.threads * Self.rounds)
        #expect(total[0] == 2 * each + each / 100)
        #expect(steadyTotal == each, "A bound instrument keeps its series.")
        #expect(values == UInt64(each))
        #expect((rest["c"]?.count ?? 0) <= 21)
    }

    @Test func readersWithEqualStreamsShareStore() throws {
        let rig = try MetricRig(MetricReaderOptions(), .delta, .limited(to: 5))
        let scope = InstrumentationScope(name: "test")
        let found = rig.meter.setup.stores(for: InstrumentDescriptor(name: "c", kind: .counter), scope)
        #expect(found.stores.count == 2)
        #expect(found.readers.map(\.count) == [1, 1, 1] && found.readers[0][0].store === found.readers[1][0].store)
        #expect(found.readers[2][0].store !== found.readers[0][0].store && found.readers[1][0].number == 1)
    }

    @Test func readersOfSharedStoreCollectIndependently() throws {
        let rig = try MetricRig(MetricReaderOptions(), .delta, .delta)
        let (counter, histogram) = (rig.meter.counter("c"), rig.meter.histogram("h", boundaries: [10]))
        counter.add(1)
        histogram.record(5)
        #expect(try rig.ints("c", 1) == [[:]: 1])
        counter.add(2)
        histogram.record(20)
        #expect(try rig.ints("c", 0) == [[:]: 3] && (try rig.ints("c", 1)) == [[:]: 2])
        histogram.record(15)
        let (all, last, whole) = (try rig.collect(0), try rig.collect(1), try rig.collect(2))
        #expect(all["h"]?.histograms.map(\.bucketCounts) == [[1, 2]] && all["h"]?.histograms.first?.min == 5)
        #expect(last["h"]?.histograms.map(\.bucketCounts) == [[0, 1]], "The delta covers the time since this reader's last collection.")
        #expect(last["h"]?.histograms.first?.min == 15 && last["h"]?.histograms.first?.max == 15)
        #expect(whole["c"]?.ints == [[:]: 3] && whole["h"]?.histograms.first?.max == 20 && whole["h"]?.histograms.first?.sum == 40)
        #expect(try rig.collect(1).isEmpty && (try rig.collect(2).isEmpty) && !(try rig.collect(0).isEmpty))
    }

    @Test func tableGrowthLosesNoSeries() throws {
        let rig = try MetricRig(.limited(to: 100_000))
        let counter = rig.meter.counter("c")
        for number in 0..<20_000 { counter.add(number, ["id": AttributeValue(number)]) }
        for number in 0..<20_000 { counter.add(1, ["id": AttributeValue(number)]) }
        let ints = try #require(try rig.ints("c"))
        #expect(ints.count == 20_000 && ints.allSatisfy { $0.key["id"] == AttributeValue($0.value - 1) })
    }
}
