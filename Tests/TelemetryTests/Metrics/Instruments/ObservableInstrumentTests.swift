// Observable instruments: callbacks, temporality and filters.

import Synchronization
import Testing

@testable import Telemetry

struct ObservableInstrumentTests {
    @Test func eachKindExportsObservations() throws {
        let rig = try MetricRig()
        rig.meter.observableCounter("c", unit: "s", description: "d") { $0.observe(3, ["k": 1]) }
        rig.meter.observableUpDownCounter("u", of: Double.self) { $0.observe(-1.5) }
        rig.meter.observableGauge("g", of: Double.self) { $0.observe(.infinity) }
        rig.meter.observableGauge("i") { $0.observe(4) }
        let batch = try rig.readers[0].collect()
        #expect(batch.metrics.first?.unit == "s" && batch.metrics.first?.description == "d")
        let points = Dictionary(uniqueKeysWithValues: batch.metrics.map { ($0.name, $0.points) })
        #expect(points["c"]?.ints == [["k": 1]: 3] && points["u"]?.doubles == [[:]: -1.5])
        #expect(points["g"]?.doubles == [[:]: .infinity] && points["i"]?.ints == [[:]: 4])
        guard case .sum(_, .cumulative, isMonotonic: true) = points["c"], case .sum(_, .cumulative, isMonotonic: false) = points["u"],
            case .gauge = points["g"]
        else {
            Issue.record("Each kind makes its type of points.")
            return
        }
    }

    @Test func callbacksRunOnceForEachCollectionOfEachReader() throws {
        let rig = try MetricRig(MetricReaderOptions(), .delta)
        let calls = Atomic(0)
        rig.meter.observableGauge("g") { $0.observe(calls.wrappingAdd(1, ordering: .relaxed).newValue) }
        #expect(calls.load(ordering: .relaxed) == 0, "Callbacks run only in collections.")
        #expect(try rig.ints("g", 0) == [[:]: 1] && (try rig.ints("g", 1)) == [[:]: 2] && (try rig.ints("g", 1)) == [[:]: 3])
        #expect(calls.load(ordering: .relaxed) == 3)
    }

    @Test func deltaIsDifferenceToLastCollectionOfReader() throws {
        let rig = try MetricRig(.delta, .delta)
        let sum = SharedValue(10)
        rig.meter.observableCounter("o") { $0.observe(sum.value, ["k": 1]) }
        rig.meter.observableCounter("f", of: Double.self) { $0.observe(Double(sum.value) / 2) }
        #expect(try rig.ints("o", 0) == [["k": 1]: 10])
        sum.value = 13
        #expect(try rig.collect(0)["f"]?.doubles == [[:]: 1.5])
        #expect(try rig.ints("o", 1) == [["k": 1]: 13], "Readers collect independently.")
        sum.value = 14
        #expect(try rig.ints("o", 1) == [["k": 1]: 1])
        #expect(try rig.ints("o", 0) == [["k": 1]: 1])
        #expect(try rig.ints("o", 0) == [["k": 1]: 0], "An observed series is exported, even without a change.")
    }

    @Test func decreasedSumIsRestart() throws {
        let rig = try MetricRig(MetricReaderOptions(temporality: TemporalityPreference(deltaFor: Set(InstrumentKind.allCases))))
        let sum = SharedValue(10)
        rig.meter.observableCounter("o") { $0.observe(sum.value) }
        rig.meter.observableUpDownCounter("u") { $0.observe(sum.value) }
        _ = try rig.collect()
        sum.value = 4
        let points = try rig.collect()
        #expect(points["o"]?.ints == [[:]: 4] && points["u"]?.ints == [[:]: -6], "An up-down counter may decrease.")
    }

    @Test func onlyObservedSeriesAreExported() throws {
        let rig = try MetricRig(MetricReaderOptions(), .delta)
        let present = SharedValue(["a", "b"])
        rig.meter.observableCounter("o") { observer in for key in present.value { observer.observe(5, ["k": .string(key)]) } }
        rig.meter.observableGauge("g") { observer in for key in present.value { observer.observe(5, ["k": .string(key)]) } }
        for reader in 0...1 { #expect(try rig.ints("o", reader)?.count == 2) }
        present.value = ["b"]
        for reader in 0...1 {
            let points = try rig.collect(reader)
            #expect(points["o"]?.ints == [["k": "b"]: reader == 0 ? 5 : 0] && points["g"]?.ints == [["k": "b"]: 5])
        }
        present.value = []
        for reader in 0...1 { #expect(try rig.collect(reader).isEmpty) }
        present.value = ["a"]
        #expect(try rig.ints("o", 1) == [["k": "a"]: 0], "With delta temporality a returning series continues.")
    }

    @Test func lastObservationOfEqualAttributesCounts() throws {
        for views in [[], [MetricView(of: .all, attributeKeys: .except(["gone"]))]] {
            let rig = try MetricRig(views: views)
            rig.meter.observableCounter("o") {
                $0.observe(1, ["a": 1, "b": 2])
                $0.observe(2, ["b": 2, "a": 1])
            }
            #expect(try rig.ints("o") == [["a": 1, "b": 2]: 2])
        }
    }

    @Test func seriesMergedByViewAreAddedUp() throws {
        let rig = try MetricRig(MetricReaderOptions(), .delta, views: [MetricView(of: .all, attributeKeys: .only(["zone"]))])
        let factor = SharedValue(1)
        for name in ["sum", "gauge"] {
            let callback: @Sendable (MetricObserver<Int>) -> Void = { observer in
                for host in 1...3 { observer.observe(host * factor.value, ["zone": "a", "host": AttributeValue(host)]) }
                observer.observe(10, ["zone": "b", "host": 1])
            }
            if name == "sum" { rig.meter.observableUpDownCounter(name, callback: callback) }
            if name == "sum" { rig.meter.observableCounter("counter", callback: callback) }
            if name == "gauge" { rig.meter.observableGauge(name, callback: callback) }
        }
        let first = try rig.collect(0)
        #expect(first["sum"]?.ints == [["zone": "a"]: 6, ["zone": "b"]: 10] && first["counter"]?.ints == first["sum"]?.ints)
        #expect(first["gauge"]?.ints == [["zone": "a"]: 3, ["zone": "b"]: 10], "The last of merged gauges counts.")
        _ = try rig.collect(1)
        factor.value = 3
        #expect(try rig.collect(0)["counter"]?.ints == [["zone": "a"]: 18, ["zone": "b"]: 10])
        #expect(try rig.collect(1)["counter"]?.ints == [["zone": "a"]: 12, ["zone": "b"]: 0])
    }

    @Test func callbackObservesSeveralInstrumentsOfMeter() throws {
        let rig = try MetricRig()
        let (used, free) = (rig.meter.observableGauge("used"), rig.meter.observableGauge("free", of: Double.self))
        let undeclared = rig.meter.observableCounter("undeclared")
        let calls = Atomic(0)
        let registration = rig.meter.registerCallback(observing: used, free) { observations in
            calls.wrappingAdd(1, ordering: .relaxed)
            observations.observe(used, 3, ["k": 1])
            observations.observe(free, 0.5)
            observations.observe(undeclared, 1)
        }
        let points = try rig.collect()
        #expect(points["used"]?.ints == [["k": 1]: 3] && points["free"]?.doubles == [[:]: 0.5])
        #expect(points.count == 2 && calls.load(ordering: .relaxed) == 1, "Instruments that were not registered are ignored.")
        registration.unregister()
        registration.unregister()
        #expect(try rig.collect().isEmpty && calls.load(ordering: .relaxed) == 1)
    }

    @Test func instrumentsOfOtherMeterAreLeftOut() throws {
        let rig = try MetricRig()
        let (own, foreign) = (
            rig.meter.observableGauge("own"), rig.provider.meter(InstrumentationScope(name: "o")).observableGauge("foreign")
        )
        rig.meter.registerCallback(observing: own, foreign) {
            $0.observe(own, 1)
            $0.observe(foreign, 1)
        }
        #expect(try rig.collect().mapValues(\.count) == ["own": 1])
    }

    @Test func callbackForInstrumentsOfOtherMeterOnlyIsNotCalled() throws {
        let rig = try MetricRig()
        rig.meter.counter("own").add(1)
        let foreign = rig.provider.meter(InstrumentationScope(name: "o")).observableGauge("foreign")
        let calls = Atomic(0)
        rig.meter.registerCallback(observing: foreign) { _ in calls.wrappingAdd(1, ordering: .relaxed) }
        #expect(try rig.collect().mapValues(\.count) == ["own": 1])
        #expect(calls.load(ordering: .relaxed) == 0)
    }

    @Test func allCallbacksOfInstrumentCount() throws {
        let rig = try MetricRig()
        let gauge = rig.meter.observableGauge("g") { $0.observe(1, ["from": 1]) }
        let second = gauge.addCallback { $0.observe(2, ["from": 2]) }
        rig.meter.observableGauge("g") { $0.observe(3, ["from": 3]) }
        #expect(try rig.ints("g") == [["from": 1]: 1, ["from": 2]: 2, ["from": 3]: 3])
        second.unregister()
        #expect(try rig.ints("g") == [["from": 1]: 1, ["from": 3]: 3])
    }

    @Test func callbackMayUnregisterItself() throws {
        let rig = try MetricRig()
        let own = SharedValue<CallbackRegistration?>(nil)
        own.value = rig.meter.observableGauge("g").addCallback {
            own.value?.unregister()
            $0.observe(1)
        }
        #expect(try rig.ints("g") == [[:]: 1])
        #expect(try rig.ints("g") == nil)
    }

    @Test func refusedObservationsAreDroppedAndCounted() throws {
        let rig = try MetricRig(views: [MetricView(of: "h", aggregation: .exponentialHistogram()), MetricView(of: "s", aggregation: .sum)])
        rig.meter.observableCounter("c", of: Double.self) { for value in [-1, Double.nan, 2.0] { $0.observe(value) } }
        rig.meter.observableUpDownCounter("u", of: Double.self) { for value in [-1, Double.infinity] { $0.observe(value) } }
        for name in ["h", "s"] {
            rig.meter.observableGauge(name, of: Double.self) { for value in [.nan, 4, -Double.infinity] { $0.observe(value) } }
        }
        let points = try rig.collect()
        #expect(points["c"]?.doubles == [[:]: 2] && points["u"]?.doubles == [[:]: -1] && points["s"]?.doubles == [[:]: 4])
        #expect(points["h"]?.exponentialHistograms.first?.distribution.count == 1)
        #expect(rig.provider.refusals.negativeCount == 1 && rig.provider.refusals.notFiniteCount == 6)
    }

    @Test func observableGaugeMayAggregateToHistogram() throws {
        let rig = try MetricRig(
            MetricReaderOptions(), .delta, views: [MetricView(of: "g", aggregation: .explicitBucketHistogram(boundaries: [10]))])
        rig.meter.observableGauge("g") { for value in [5, 15, -1] { $0.observe(value) } }
        for round in 1...2 {
            let (sum, change) = (try rig.collect(0)["g"]?.histograms.first, try rig.collect(1)["g"]?.histograms.first)
            #expect(sum?.bucketCounts == [UInt64(2 * round), UInt64(round)] && change?.bucketCounts == [2, 1])
            #expect(sum?.sum == nil && sum?.min == -1 && sum?.max == 15)
        }
    }

    @Test func filterLeavesOutMetricsAndSeries() throws {
        let options = MetricReaderOptions(filter: LeavingOut())
        let rig = try MetricRig(options)
        for name in ["dropped", "partly", "kept"] {
            rig.meter.observableGauge("o.\(name)") { for id in 1...2 { $0.observe(id, ["id": AttributeValue(id)]) } }
            for id in 1...2 { rig.meter.counter("c.\(name)").add(1, ["id": AttributeValue(id)]) }
            for id in 1...2 { rig.meter.histogram("h.\(name)").record(1, ["id": AttributeValue(id)]) }
        }
        for _ in 0..<2 {
            let counts = try rig.collect().mapValues(\.count)
            #expect(counts == ["o.partly": 1, "c.partly": 1, "h.partly": 1, "o.kept": 2, "c.kept": 2, "h.kept": 2])
        }
    }

    private struct LeavingOut: MetricFilter {
        func verdict(on metric: MetricIdentity) -> MetricFilterVerdict {
            metric.name.hasSuffix("dropped")
                ? .drop : metric.name.hasSuffix("partly") && metric.instrumentationScope.name == "test" ? .acceptPartly : .accept
        }

        func accepts(_ attributes: Attributes, of metric: MetricIdentity) -> Bool { attributes["id"] == 1 && metric.kind != nil }
    }
}
