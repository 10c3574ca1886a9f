// Values that each kind of instrument accepts, and the points that it makes.

import Testing

@testable import Telemetry

struct SynchronousInstrumentTests {
    @Test func counterAddsUp() throws {
        let rig = try MetricRig()
        let (whole, fraction) = (rig.meter.counter("whole", unit: "{item}", description: "Items"), rig.meter.counter("f", of: Double.self))
        whole.add(2)
        whole.add(3, ["k": "v"])
        whole.add(4, ["k": "v"])
        fraction.add(0.5)
        fraction.add(0.25)
        let batch = try rig.readers[0].collect()
        let metric = try #require(batch.metrics.first)
        #expect(metric.name == "whole" && metric.unit == "{item}" && metric.description == "Items")
        #expect(metric.points.ints == [[:]: 2, ["k": "v"]: 7])
        guard case .sum(_, .cumulative, isMonotonic: true) = metric.points else {
            Issue.record("A counter makes a monotonic sum.")
            return
        }
        #expect(batch.metrics.last?.points.doubles == [[:]: 0.75])
        #expect(batch.metrics.last?.points.numbers.first?.value == .double(0.75))
    }

    @Test func upDownCounterDecreases() throws {
        let rig = try MetricRig()
        let (whole, fraction) = (rig.meter.upDownCounter("whole"), rig.meter.upDownCounter("f", of: Double.self))
        whole.add(3)
        whole.add(-5)
        fraction.add(-0.5)
        let points = try rig.collect()
        #expect(points["whole"]?.ints == [[:]: -2] && points["f"]?.doubles == [[:]: -0.5])
        guard case .sum(_, .cumulative, isMonotonic: false) = points["whole"] else {
            Issue.record("An up-down counter makes a sum that is not monotonic.")
            return
        }
    }

    @Test func gaugeKeepsLastValue() throws {
        let rig = try MetricRig()
        let (whole, fraction) = (rig.meter.gauge("whole"), rig.meter.gauge("f", of: Double.self))
        for value in [5, -3, 4] { whole.record(value) }
        fraction.record(1.5)
        fraction.record(-.infinity, ["k": 1])
        let points = try rig.collect()
        #expect(points["whole"]?.ints == [[:]: 4] && points["f"]?.doubles == [[:]: 1.5, ["k": 1]: -.infinity])
        guard case .gauge = points["whole"] else {
            Issue.record("A gauge makes gauge points.")
            return
        }
    }

    @Test func histogramBucketsAreNotCumulative() throws {
        let rig = try MetricRig()
        let (fraction, whole) = (rig.meter.histogram("f"), rig.meter.histogram("whole", of: Int.self, boundaries: [1, 10]))
        for value in [0.0, 5, 5.1, 20_000] { fraction.record(value) }
        for value in [1, 2, 10, 11] { whole.record(value) }
        let points = try rig.collect()
        let standard = try #require(points["f"]?.histograms.first)
        #expect(standard.boundaries == Aggregation.defaultBoundaries && standard.bucketCounts.count == 16)
        #expect(standard.bucketCounts == [1, 1, 1] + Array(repeating: 0, count: 12) + [1])
        #expect(standard.count == 4 && standard.sum == 20_010.1 && standard.min == 0 && standard.max == 20_000)
        let own = try #require(points["whole"]?.histograms.first)
        #expect(own.boundaries == [1, 10] && own.bucketCounts == [1, 2, 1] && own.sum == 24 && own.min == 1 && own.max == 11)
    }

    @Test func negativeNumbersForMonotonicInstrumentsAreDroppedAndCounted() throws {
        let rig = try MetricRig()
        rig.meter.counter("c").add(-1)
        rig.meter.counter("f", of: Double.self).add(-0.5)
        rig.meter.histogram("h").record(-1)
        rig.meter.histogram("i", of: Int.self).bind().record(-1)
        #expect(try rig.collect().isEmpty)
        #expect(rig.provider.refusals.negativeCount == 4 && rig.provider.refusals.notFiniteCount == 0)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, .signalingNaN])
    func nonFiniteNumbersAreDroppedAndCountedExceptForLastValues(number: Double) throws {
        let views = [
            MetricView(of: "g", aggregation: .exponentialHistogram()), MetricView(of: "b", aggregation: .explicitBucketHistogram()),
            MetricView(of: "s", aggregation: .sum),
        ]
        let rig = try MetricRig(views: views)
        rig.meter.counter("c", of: Double.self).add(number)
        rig.meter.upDownCounter("u", of: Double.self).bind().add(number)
        rig.meter.histogram("h").record(number)
        for name in ["g", "b", "s"] {
            rig.meter.gauge(name, of: Double.self).record(number)
            rig.meter.gauge(name, of: Double.self).record(1)
        }
        let points = try rig.collect()
        #expect(points.count == 3 && points["g"]?.exponentialHistograms.first?.distribution.count == 1)
        #expect(points["b"]?.histograms.first?.max == 1 && points["s"]?.doubles == [[:]: 1])
        #expect(rig.provider.refusals.notFiniteCount == 6)
    }

    @Test func extremeNumbersAreRecorded() throws {
        let rig = try MetricRig()
        let (counter, gauge) = (rig.meter.counter("c"), rig.meter.gauge("g", of: Double.self))
        counter.add(.max)
        counter.add(.max)
        rig.meter.upDownCounter("u").add(.min)
        for value in [Int.max, 0] { rig.meter.histogram("h", of: Int.self).record(value) }
        for _ in 0..<2 { rig.meter.histogram("d").record(.greatestFiniteMagnitude) }
        gauge.record(.nan)
        let points = try rig.collect()
        #expect(points["u"]?.ints == [[:]: .min] && points["g"]?.doubles[[:]]?.isNaN == true)
        #expect(points["h"]?.histograms.first?.max == 0x1p63 && points["d"]?.histograms.first?.bucketCounts.last == 2)
    }

    @Test func boundInstrumentsAddToSeriesOfTheirAttributes() throws {
        let rig = try MetricRig()
        let (counter, change, histogram) = (rig.meter.counter("c"), rig.meter.upDownCounter("u"), rig.meter.histogram("h"))
        let gauge = rig.meter.gauge("g", of: Double.self)
        let bound = counter.bind(["b": 2, "a": 1])
        bound.add(1)
        counter.add(2, ["a": 1, "b": 2])
        change.bind(["a": 1]).add(-3)
        histogram.bind().record(3)
        gauge.record(1, ["a": 1])
        gauge.bind(["a": 1]).record(2)
        let points = try rig.collect()
        #expect(points["c"]?.ints == [["a": 1, "b": 2]: 3] && points["u"]?.ints == [["a": 1]: -3])
        #expect(points["h"]?.histograms.map(\.count) == [1] && points["g"]?.doubles == [["a": 1]: 2])
    }

    @Test func boundSeriesWithoutMeasurementIsNotExported() throws {
        let rig = try MetricRig()
        let bound = rig.meter.counter("c").bind(["a": 1])
        #expect(try rig.collect().isEmpty)
        bound.add(0)
        #expect(try rig.ints("c") == [["a": 1]: 0])
    }

    @Test func everyStreamOfInstrumentRecordsMeasurement() throws {
        let views = [
            MetricView(of: "c", name: "all"), MetricView(of: "c", name: "by.a", attributeKeys: .only(["a"])),
            MetricView(of: "c", name: "none", aggregation: .drop),
        ]
        let rig = try MetricRig(views: views)
        let counter = rig.meter.counter("c")
        counter.add(1, ["a": 1, "b": 1])
        counter.add(2, ["a": 1, "b": 2])
        counter.bind(["a": 1, "b": 2]).add(4)
        let points = try rig.collect()
        #expect(Set(points.keys) == ["all", "by.a"])
        #expect(points["all"]?.ints == [["a": 1, "b": 1]: 1, ["a": 1, "b": 2]: 6] && points["by.a"]?.ints == [["a": 1]: 7])
    }

    @Test func instrumentIsEnabledIfAnyStreamIsKept() throws {
        let rig = try MetricRig(views: [MetricView(of: "dropped*", aggregation: .drop)])
        #expect(rig.meter.counter("kept").isEnabled && rig.meter.histogram("kept.too").isEnabled)
        #expect(!rig.meter.counter("dropped.1").isEnabled && !rig.meter.upDownCounter("dropped.2").isEnabled)
        #expect(!rig.meter.gauge("dropped.3").isEnabled && !rig.meter.histogram("dropped.4").isEnabled)
        #expect(!rig.meter.observableGauge("dropped.5").isEnabled && rig.meter.observableGauge("kept.as.well").isEnabled)
        rig.meter.counter("dropped.1").add(1)
        rig.meter.counter("dropped.1").bind().add(1)
        rig.provider.update(.disabling("test"))
        #expect(!rig.meter.counter("kept").isEnabled && !rig.meter.observableGauge("kept.as.well").isEnabled)
        rig.provider.update(.enablingAll)
        #expect(rig.meter.counter("kept").isEnabled && !rig.meter.counter("dropped.1").isEnabled)
        #expect(try rig.collect().isEmpty)
    }

    @Test func nonDefaultAggregationIsExportedAsSelected() throws {
        let views = [
            MetricView(of: "h", aggregation: .sum), MetricView(of: "g", aggregation: .sum),
            MetricView(of: "u", aggregation: .explicitBucketHistogram()),
            MetricView(of: "c", aggregation: .explicitBucketHistogram(boundaries: [], recordsMinMax: false)),
        ]
        let rig = try MetricRig(views: views)
        rig.meter.histogram("h").record(2)
        rig.meter.gauge("g").record(-2)
        rig.meter.upDownCounter("u").add(-1)
        rig.meter.counter("c").add(1)
        let points = try rig.collect()
        guard case .sum(_, _, isMonotonic: true) = points["h"], case .sum(_, _, isMonotonic: false) = points["g"] else {
            Issue.record("Sums of histograms are monotonic, sums of gauges are not.")
            return
        }
        #expect(points["u"]?.histograms.first?.sum == nil && points["u"]?.histograms.first?.min == -1)
        let one = try #require(points["c"]?.histograms.first)
        #expect(one.sum == 1 && one.min == nil && one.max == nil && one.bucketCounts == [1])
    }

    @Test func gaugeKeepsLastValueAcrossProcessors() throws {
        let rig = try MetricRig(MetricReaderOptions(), .delta)
        let gauge = rig.meter.gauge("g")
        for value in 1...50 {
            // Threads may run on different processors.
            #expect(onThreads(1) { _ in gauge.record(value) })
            #expect(try rig.ints("g", 0) == [[:]: Int64(value)] && (try rig.ints("g", 1)) == [[:]: Int64(value)])
        }
    }

    @Test func instrumentMadeByConcurrentThreadsIsOne() throws {
        let rig = try MetricRig()
        let (provider, names) = (rig.provider, (0..<20).map { "c\($0)" })
        #expect(
            onThreads(8) { _ in
                for name in names {
                    let meter = provider.meter(InstrumentationScope(name: "scope of \(name)"))
                    meter.counter(name).add(1)
                    meter.histogram("h").record(1)
                }
            })
        let batch = try rig.readers[0].collect()
        #expect(batch.scopes.count == 20 && batch.metrics.count == 40)
        #expect(batch.metrics.allSatisfy { $0.points.ints == [[:]: 8] || $0.points.histograms.first?.count == 8 })
    }
}
