// Observable instruments beyond the cardinality limit, in any order of observation.

import Testing

@testable import Telemetry

struct ObservedStreamTests {
    /// Keys and running totals that a callback observes, in order.
    private typealias Values = [(key: String, sum: Int)]

    private static let delta = MetricReaderOptions.limited(to: 3, delta: true)

    private func observe(_ rig: MetricRig, _ values: SharedValue<Values>) {
        rig.meter.observableCounter("o") { observer in
            for (key, sum) in values.value { observer.observe(sum, ["k": .string(key)]) }
        }
    }

    private func total(_ ints: [Attributes: Int64]?) -> Int64 { (ints ?? [:]).values.reduce(0, +) }

    private func values(_ keys: String, _ sum: Int) -> Values { keys.map { (String($0), sum) } }

    @Test func deltasBeyondLimitAddUpInAnyObservationOrder() throws {
        let rig = try MetricRig(Self.delta)
        let observed = SharedValue<Values>([])
        observe(rig, observed)
        for sum in 1...3 {
            observed.value = values("abcde", sum)
            #expect(try rig.ints("o") == [["k": "a"]: 1, ["k": "b"]: 1, ["k": "c"]: 1, .overflow: 2])
        }
        observed.value = values("edcba", 4)
        #expect(try rig.ints("o") == [["k": "a"]: 1, ["k": "b"]: 1, ["k": "c"]: 1, .overflow: 2])
    }

    @Test func knownSeriesAreNotDisplacedInCumulativeSums() throws {
        let rig = try MetricRig(.limited(to: 2))
        let observed = SharedValue<Values>(values("abc", 5))
        observe(rig, observed)
        #expect(try rig.ints("o") == [["k": "a"]: 5, ["k": "b"]: 5, .overflow: 5])
        observed.value = values("dcba", 6)
        #expect(try rig.ints("o") == [["k": "a"]: 6, ["k": "b"]: 6, .overflow: 12])
    }

    @Test func seriesThatLeavesOverflowKeepsEarlierValue() throws {
        let rig = try MetricRig(.limited(to: 1, delta: true))
        let observed = SharedValue<Values>([("a", 10), ("b", 20)])
        observe(rig, observed)
        #expect(try rig.ints("o") == [["k": "a"]: 10, .overflow: 20])
        observed.value = [("b", 21)]
        #expect(try rig.ints("o") == [["k": "b"]: 1])
        observed.value = [("a", 13), ("b", 21)]
        #expect(
            try rig.ints("o") == [["k": "b"]: 0, .overflow: 3], "The series that moved to the overflow continues from its earlier value.")
        observed.value = [("c", 2), ("b", 21)]
        #expect(try rig.ints("o") == [["k": "b"]: 0, .overflow: 2], "The overflow sum does not decrease when a series leaves it.")
    }

    /// The total of all deltas, as a receiver adds them up, equals the observed total.
    @Test(arguments: 1...20, [nil, ["k"]])
    func deltasAreExactForAnyOrderAndReturningSeries(seed: UInt64, kept: [String]?) throws {
        var random = SeededNumbers(seed)
        let rig = try MetricRig(
            Self.delta, .limited(to: 3), views: kept.map { [MetricView(of: .all, attributeKeys: .only($0))] } ?? [])
        let observed = SharedValue<[(attributes: Attributes, sum: Int)]>([])
        rig.meter.observableCounter("o") { observer in for each in observed.value { observer.observe(each.sum, each.attributes) } }
        let numbers: Range<Int64> = 0..<12
        let all: [Attributes] = numbers.map { number in ["k": .int(number / 2), "host": .int(number % 2)] }
        var sums = [Int](repeating: 0, count: all.count)
        var seen = sums
        var places: Set<Attributes> = []
        for _ in 0..<60 {
            let present = all.indices.filter { _ in random.next(below: 3) > 0 }
            for index in all.indices {
                sums[index] = random.next(below: 30) == 0 ? random.next(below: 5) : sums[index] + random.next(below: 5)
            }
            var order = present.map { (attributes: all[$0], sum: sums[$0]) }
            for index in order.indices.reversed() { order.swapAt(index, random.next(below: index + 1)) }
            // A later observation of the same attributes replaces this one.
            if let last = order.last { order.insert((last.attributes, 1_000_000), at: 0) }
            observed.value = order
            let happened = present.reduce(0) { $0 + (sums[$1] < seen[$1] ? sums[$1] : sums[$1] - seen[$1]) }
            for index in present { seen[index] = sums[index] }
            let changes = try rig.ints("o", 0)
            #expect(total(changes) == Int64(happened))
            #expect(try total(rig.ints("o", 1)) == Int64(present.reduce(0) { $0 + sums[$1] }))
            let exported = Set((changes ?? [:]).keys.filter { $0 != .overflow })
            let keptSets = Set(present.map { kept == nil ? all[$0] : ["k": all[$0]["k"] ?? 0] })
            #expect(exported.isSuperset(of: places.intersection(keptSets)), "Known series keep their points.")
            #expect(exported.count == min(3, keptSets.count))
            places = exported
        }
    }

    @Test func lastObservationOfEqualAttributesBeyondLimitCounts() throws {
        let rig = try MetricRig(.limited(to: 1), .limited(to: 1, delta: true))
        let observed = SharedValue<Values>([("a", 1), ("b", 7), ("b", 9), ("c", 1)])
        observe(rig, observed)
        for reader in 0...1 { #expect(try rig.ints("o", reader) == [["k": "a"]: 1, .overflow: 10]) }
    }

    @Test func deltasOfMergedSeriesStayExactWhenOneVanishes() throws {
        let rig = try MetricRig(.delta, views: [MetricView(of: .all, attributeKeys: .only(["zone"]))])
        let hosts = SharedValue([1, 2])
        rig.meter.observableCounter("o") { for host in hosts.value { $0.observe(host * 10, ["zone": "a", "host": AttributeValue(host)]) } }
        #expect(try rig.ints("o") == [["zone": "a"]: 30])
        hosts.value = [1]
        #expect(try rig.ints("o") == [["zone": "a"]: 0])
        hosts.value = [2, 1]
        #expect(try rig.ints("o") == [["zone": "a"]: 0])
    }

    @Test func decreasedCumulativeSumRestartsAtPreviousCollection() throws {
        let rig = try MetricRig(.limited(to: 1))
        let observed = SharedValue<Values>([("a", 5), ("b", 5), ("c", 5)])
        observe(rig, observed)
        func starts() throws -> [Attributes: Double] {
            Dictionary(uniqueKeysWithValues: try rig.collect()["o"]?.numbers.map { ($0.attributes, rig.seconds($0.startTime)) } ?? [])
        }
        for _ in 0..<2 {
            rig.clock.advance(by: .seconds(10))
            #expect(try starts() == [["k": "a"]: 0, .overflow: 0])
        }
        observed.value = [("a", 6), ("b", 6)]
        rig.clock.advance(by: .seconds(10))
        #expect(try starts() == [["k": "a"]: 0, .overflow: 20], "The overflow sum restarts when a series leaves it.")
        observed.value = [("a", 1), ("b", 7)]
        rig.clock.advance(by: .seconds(10))
        #expect(try starts() == [["k": "a"]: 30, .overflow: 20])
    }

    @Test func exemplarOfOverflowSeriesHasObservedValue() throws {
        let rig = try MetricRig(.limited(to: 1), filter: .alwaysOn)
        observe(rig, SharedValue<Values>([("a", 1), ("b", 7), ("c", 9)]))
        let overflow = try #require(try rig.collect()["o"]?.numbers.first { $0.attributes == .overflow })
        #expect(overflow.value == 16 && overflow.exemplars.map(\.value) == [9])
        #expect(overflow.exemplars.map(\.filteredAttributes) == [["k": "c"]])
    }

    @Test func observedIntegerSumsAreClamped() throws {
        let messages = Journal<String>()
        Diagnostics.setHandler { messages.note($0.message) }
        defer { Diagnostics.setHandler(nil) }
        let everywhere = TemporalityPreference(deltaFor: Set(InstrumentKind.allCases))
        let rig = try MetricRig(
            MetricReaderOptions(), MetricReaderOptions(temporality: everywhere),
            views: [MetricView(of: "merged*", attributeKeys: .only([]))])
        let sign = SharedValue(1)
        rig.meter.observableUpDownCounter("merged.up") { for id in 1...2 { $0.observe(.max, ["id": AttributeValue(id)]) } }
        rig.meter.observableUpDownCounter("merged.down") { for id in 1...2 { $0.observe(.min, ["id": AttributeValue(id)]) } }
        rig.meter.observableUpDownCounter("swing") { $0.observe(sign.value > 0 ? .max : .min) }
        for reader in 0...1 {
            let points = try rig.collect(reader)
            #expect(points["merged.up"]?.ints == [[:]: .max] && points["merged.down"]?.ints == [[:]: .min])
        }
        sign.value = -1
        #expect(try rig.ints("swing", 1) == [[:]: .min], "The delta is clamped too.")
        #expect(messages.entries.contains { $0.contains("\"swing\" is beyond") })
    }
}

/// A reproducible sequence of numbers for each seed.
private struct SeededNumbers {
    private var state: UInt64

    init(_ seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15
    }

    mutating func next(below bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }
}
