// Cardinality limits and the overflow series.

import Testing

@testable import Telemetry

struct CardinalityTests {
    private func ids(_ ints: [Attributes: Int64]?) -> Set<Int> { Set((ints ?? [:]).keys.compactMap { $0["id"]?.intValue }) }

    @Test func limitIsExactNumberOfSeries() throws {
        let rig = try MetricRig(.limited(to: 3))
        let counter = rig.meter.counter("c")
        for id in 1...3 { counter.add(id, ["id": AttributeValue(id)]) }
        #expect(try rig.ints("c") == [["id": 1]: 1, ["id": 2]: 2, ["id": 3]: 3])
        counter.add(4, ["id": 4])
        counter.add(5, ["id": 5])
        counter.add(10, ["id": 1])
        #expect(try rig.ints("c") == [["id": 1]: 11, ["id": 2]: 2, ["id": 3]: 3, .overflow: 9])
    }

    @Test func emptyAttributesCountTowardsLimit() throws {
        let rig = try MetricRig(.limited(to: 1))
        let counter = rig.meter.counter("c")
        counter.add(1)
        counter.add(2, ["id": 1])
        #expect(try rig.ints("c") == [[:]: 1, .overflow: 2])
    }

    @Test func defaultLimitIsTwoThousand() throws {
        let rig = try MetricRig()
        let counter = rig.meter.counter("c")
        for id in 0..<2005 { counter.add(1, ["id": AttributeValue(id)]) }
        let ints = try #require(try rig.ints("c"))
        #expect(ints.count == 2001 && ints[.overflow] == 5)
    }

    @Test func viewLimitOverridesReaderLimitAndDefault() throws {
        let byKind = MetricReaderOptions(cardinalityLimits: [.counter: 3])
        let rig = try MetricRig(byKind, MetricReaderOptions(), views: [MetricView(of: "limited", cardinalityLimit: 2)])
        for name in ["limited", "free"] {
            let counter = rig.meter.counter(name)
            for id in 0..<10 { counter.add(1, ["id": AttributeValue(id)]) }
        }
        for id in 0..<10 { rig.meter.upDownCounter("other.kind").add(1, ["id": AttributeValue(id)]) }
        let (first, second) = (try rig.collect(0), try rig.collect(1))
        #expect(first["limited"]?.count == 3 && first["free"]?.count == 4 && first["other.kind"]?.count == 10)
        #expect(second["limited"]?.count == 3 && second["free"]?.count == 10)
        #expect(first["limited"]?.ints[.overflow] == 8 && first["free"]?.ints[.overflow] == 7)
    }

    @Test func attributesAreRemovedBeforeLimitApplies() throws {
        let rig = try MetricRig(.limited(to: 2), views: [MetricView(of: "c", attributeKeys: .only(["kept"]))])
        let counter = rig.meter.counter("c")
        for id in 0..<100 { counter.add(1, ["id": AttributeValue(id), "kept": AttributeValue(id % 2)]) }
        #expect(try rig.ints("c") == [["kept": 0]: 50, ["kept": 1]: 50])
    }

    @Test func everyAggregationHasOverflowSeries() throws {
        let rig = try MetricRig(.limited(to: 1), views: [MetricView(of: "x", aggregation: .exponentialHistogram())])
        for id in 0..<3 {
            rig.meter.histogram("h", boundaries: [1]).record(Double(id), ["id": AttributeValue(id)])
            rig.meter.histogram("x").record(Double(id), ["id": AttributeValue(id)])
            rig.meter.gauge("g").record(id, ["id": AttributeValue(id)])
        }
        let points = try rig.collect()
        #expect(points["h"]?.histograms.map(\.attributes) == [["id": 0], .overflow])
        #expect(points["h"]?.histograms.last?.bucketCounts == [1, 1] && points["h"]?.histograms.last?.sum == 3)
        #expect(points["x"]?.exponentialHistograms.map(\.distribution.count) == [1, 2] && points["g"]?.ints[.overflow] == 2)
    }

    @Test func firstSeriesStayWithCumulativeTemporality() throws {
        let rig = try MetricRig(.limited(to: 2))
        let counter = rig.meter.counter("c")
        for _ in 0..<3 {
            for id in 1...4 { counter.add(1, ["id": AttributeValue(id)]) }
            _ = try rig.collect()
        }
        #expect(try rig.ints("c") == [["id": 1]: 3, ["id": 2]: 3, .overflow: 6])
    }

    @Test func limitAppliesPerCollectionWithDeltaTemporality() throws {
        let rig = try MetricRig(.limited(to: 2, delta: true))
        let counter = rig.meter.counter("c")
        for cycle in 0..<5 {
            for id in 0..<3 { counter.add(1, ["id": AttributeValue(cycle * 3 + id)]) }
            let ints = try rig.ints("c")
            #expect(ids(ints) == [cycle * 3, cycle * 3 + 1] && ints?[.overflow] == 1)
        }
        #expect(try rig.collect().isEmpty)
    }

    @Test func seriesUncollectedByOneReaderIsNotReclaimed() throws {
        let rig = try MetricRig(.limited(to: 1, delta: true), .limited(to: 1, delta: true))
        let counter = rig.meter.counter("c")
        counter.add(1, ["id": 1])
        #expect(try rig.ints("c", 0) == [["id": 1]: 1])
        counter.add(1, ["id": 2])
        #expect(try rig.ints("c", 0) == [.overflow: 1], "The second reader has not collected the first series.")
        #expect(try rig.ints("c", 1) == [["id": 1]: 1, .overflow: 1])
        counter.add(1, ["id": 2])
        #expect(try rig.ints("c", 0) == [["id": 2]: 1] && (try rig.ints("c", 1)) == [["id": 2]: 1])
    }

    @Test func boundInstrumentKeepsSeriesUntilReleased() throws {
        let rig = try MetricRig(.limited(to: 2, delta: true))
        let counter = rig.meter.counter("c")
        func fill(_ id: Int) { for other in 0..<3 { counter.add(1, ["id": AttributeValue(id + other)]) } }
        do {
            let bound = counter.bind(["bound": true])
            for cycle in 1...3 {
                fill(cycle * 10)
                #expect(try rig.ints("c") == [["id": AttributeValue(cycle * 10)]: 1, .overflow: 2])
            }
            bound.add(5)
            #expect(try rig.ints("c") == [["bound": true]: 5])
        }
        fill(100)
        #expect(try rig.ints("c") == [["id": 100]: 1, ["id": 101]: 1, .overflow: 1], "The series of a released handle is reclaimed.")
    }

    @Test func seriesStaysUntilLastBoundInstrumentIsReleased() throws {
        let rig = try MetricRig(.limited(to: 1, delta: true))
        let counter = rig.meter.counter("c")
        var first: BoundCounter<Int>? = counter.bind(["bound": true])
        var second: BoundCounter<Int>? = counter.bind(["bound": true])
        first?.add(1)
        first = nil
        _ = try rig.collect()
        counter.add(1, ["id": 1])
        second?.add(1)
        #expect(try rig.ints("c") == [["bound": true]: 1, .overflow: 1])
        second = nil
        counter.add(1, ["id": 1])
        #expect(try rig.ints("c") == [["id": 1]: 1])
    }

    @Test func instrumentBoundBeyondLimitStaysInOverflowSeries() throws {
        let rig = try MetricRig(.limited(to: 1, delta: true))
        let counter = rig.meter.counter("c")
        counter.add(1, ["id": 1])
        let bound = counter.bind(["bound": true])
        bound.add(1)
        #expect(try rig.ints("c") == [["id": 1]: 1, .overflow: 1])
        bound.add(1)
        #expect(try rig.ints("c") == [.overflow: 1])
    }

    @Test func knownThenFirstObservedSeriesGetPoints() throws {
        let rig = try MetricRig(.limited(to: 2), .limited(to: 2, delta: true))
        let order = SharedValue([1, 2, 3, 4])
        rig.meter.observableCounter("o") { observer in for id in order.value { observer.observe(id * 10, ["id": AttributeValue(id)]) } }
        #expect(try rig.ints("o") == [["id": 1]: 10, ["id": 2]: 20, .overflow: 70])
        #expect(try rig.ints("o", 1) == [["id": 1]: 10, ["id": 2]: 20, .overflow: 70])
        order.value = [4, 1]
        #expect(try rig.ints("o") == [["id": 4]: 40, ["id": 1]: 10])
        #expect(try rig.ints("o", 1)?[["id": 1]] == 0, "The earlier value of the series is kept for this reader.")
        order.value = [5, 4, 1]
        #expect(try rig.ints("o") == [["id": 4]: 40, ["id": 1]: 10, .overflow: 50])
        #expect(try rig.ints("o", 1) == [["id": 4]: 0, ["id": 1]: 0, .overflow: 50])
    }

    @Test func vanishedObservedSeriesIsReplaced() throws {
        let rig = try MetricRig(.limited(to: 2), .limited(to: 2, delta: true))
        let order = SharedValue([1, 2])
        rig.meter.observableGauge("g") { observer in for id in order.value { observer.observe(id, ["id": AttributeValue(id)]) } }
        rig.meter.observableCounter("o") { observer in for id in order.value { observer.observe(id, ["id": AttributeValue(id)]) } }
        for reader in 0...1 { _ = try rig.collect(reader) }
        order.value = [3, 2]
        for reader in 0...1 {
            let points = try rig.collect(reader)
            #expect(points["g"]?.ints == [["id": 3]: 3, ["id": 2]: 2])
            #expect(points["o"]?.ints == [["id": 3]: 3, ["id": 2]: reader == 0 ? 2 : 0])
        }
    }
}
