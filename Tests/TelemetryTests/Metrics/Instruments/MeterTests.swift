// Identity and advisory parameters of a meter's instruments.

import Testing

@testable import Telemetry

struct MeterTests {
    @Test func identicalInstrumentsShareSeries() throws {
        let rig = try MetricRig()
        rig.meter.counter("c", unit: "s", description: "d").add(1)
        rig.meter.counter("C", unit: "s", description: "d").add(2)
        let batch = try rig.readers[0].collect()
        #expect(batch.metrics.map(\.name) == ["c"] && batch.metrics.first?.points.ints == [[:]: 3])
    }

    @Test func conflictingInstrumentsAreAllExported() throws {
        let rig = try MetricRig()
        rig.meter.counter("c").add(1)
        rig.meter.counter("c", of: Double.self).add(2)
        rig.meter.counter("c", unit: "s").add(3)
        rig.meter.counter("c", description: "d").add(4)
        rig.meter.upDownCounter("c").add(5)
        rig.meter.gauge("C").record(6)
        rig.meter.observableGauge("c") { $0.observe(7) }
        let batch = try rig.readers[0].collect()
        #expect(batch.metrics.map(\.name) == Array(repeating: "c", count: 7), "The first casing applies.")
        #expect(batch.metrics.map { $0.points.numbers.first?.value.doubleValue } == [1, 2, 3, 4, 5, 6, 7])
    }

    @Test func instrumentWithInvalidNameRecords() throws {
        let rig = try MetricRig()
        rig.meter.counter("").add(1)
        rig.meter.histogram("1 ü").record(1)
        #expect(Set(try rig.collect().keys) == ["", "1 ü"])
    }

    @Test func instrumentsBeyondLimitRecordNothing() throws {
        let rig = try MetricRig()
        for number in 0..<InstrumentRegistry.maximumInstruments { _ = rig.meter.counter("c\(number)") }
        let (beyond, observed) = (rig.meter.counter("beyond"), rig.meter.observableGauge("observed") { $0.observe(1) })
        beyond.add(1)
        beyond.bind(["k": 1]).add(1)
        #expect(!beyond.isEnabled && !observed.isEnabled && rig.meter.counter("c7").isEnabled)
        #expect(try rig.collect().isEmpty)
    }

    @Test func advisoryParametersApplyUnlessViewOverrides() throws {
        let views = [MetricView(of: "viewed", attributeKeys: .only(["b"]), aggregation: .explicitBucketHistogram())]
        let rig = try MetricRig(views: views)
        for name in ["advised", "viewed"] {
            let histogram = rig.meter.histogram(name, boundaries: [1, 2], attributeKeys: ["a"])
            histogram.record(1, ["a": 1, "b": 2])
        }
        rig.meter.observableCounter("observed", attributeKeys: ["a"]) { $0.observe(1, ["a": 1, "b": 2]) }
        rig.meter.counter("counter", attributeKeys: []).add(1, ["a": 1])
        let points = try rig.collect()
        #expect(points["advised"]?.histograms.first?.boundaries == [1, 2] && points["advised"]?.histograms.first?.attributes == ["a": 1])
        #expect(points["viewed"]?.histograms.first?.boundaries == Aggregation.defaultBoundaries)
        #expect(points["viewed"]?.histograms.first?.attributes == ["b": 2])
        #expect(points["observed"]?.ints == [["a": 1]: 1] && points["counter"]?.ints == [[:]: 1])
    }

    @Test func firstAdvisoryParametersApply() throws {
        let rig = try MetricRig()
        rig.meter.histogram("h", boundaries: [1]).record(1)
        rig.meter.histogram("h", boundaries: [5, 6]).record(1)
        rig.meter.histogram("bad", boundaries: [3, 2]).record(1)
        let points = try rig.collect()
        #expect(points["h"]?.histograms.map(\.bucketCounts) == [[2, 0]])
        #expect(points["bad"]?.histograms.first?.boundaries == Aggregation.defaultBoundaries)
    }

    @Test func viewThatSetsDescriptionMergesInstruments() throws {
        let rig = try MetricRig(views: [MetricView(of: "c", description: "the same")])
        rig.meter.counter("c", description: "one").add(1)
        rig.meter.counter("c", description: "another").add(2)
        let batch = try rig.readers[0].collect()
        #expect(batch.metrics.map(\.description) == ["the same"] && batch.metrics.first?.points.ints == [[:]: 3])
    }

    @Test func viewWithUnsuitableAggregationIsIgnored() throws {
        let rig = try MetricRig(views: [MetricView(of: .all, aggregation: .lastValue)])
        rig.meter.counter("c").add(1)
        rig.meter.counter("c").add(2)
        rig.meter.gauge("g").record(3)
        #expect(try rig.collect().mapValues(\.ints) == ["c": [[:]: 3], "g": [[:]: 3]])
    }

    @Test func readersHaveSeparateAggregations() throws {
        let exponential = MetricReaderOptions(aggregations: [.histogram: .exponentialHistogram(), .counter: .drop])
        let rig = try MetricRig(exponential, MetricReaderOptions())
        rig.meter.histogram("h").record(3)
        rig.meter.counter("c").add(1)
        let (first, second) = (try rig.collect(0), try rig.collect(1))
        #expect(first["h"]?.exponentialHistograms.count == 1 && second["h"]?.histograms.count == 1)
        #expect(first["c"] == nil && second["c"]?.ints == [[:]: 1])
        #expect(rig.meter.counter("c").isEnabled, "One of the readers keeps a stream.")
    }

    @Test func instrumentWithoutMeasurementsIsNotExported() throws {
        let rig = try MetricRig()
        _ = rig.meter.counter("c")
        _ = rig.meter.histogram("h")
        rig.meter.observableGauge("g") { _ in }
        _ = rig.meter.observableGauge("without callback")
        #expect(try rig.readers[0].collect().scopes.isEmpty)
    }
}
