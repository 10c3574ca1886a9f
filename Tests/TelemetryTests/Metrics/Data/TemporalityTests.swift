// Values and start times by temporality.

import Testing

@testable import Telemetry

struct TemporalityTests {
    @Test func preferencesSelectTemporalityByKind() {
        let delta = InstrumentKind.allCases.filter { TemporalityPreference.delta[$0] == .delta }
        #expect(Set(delta) == [.counter, .observableCounter, .histogram, .gauge, .observableGauge])
        #expect(InstrumentKind.allCases.allSatisfy { TemporalityPreference.cumulative[$0] == .cumulative })
        let lowMemory = InstrumentKind.allCases.filter { TemporalityPreference.lowMemory[$0] == .delta }
        #expect(Set(lowMemory) == [.counter, .histogram, .gauge], "Observable counters stay cumulative.")
    }

    @Test func upDownCountersStayCumulativeWithDeltaPreference() throws {
        let rig = try MetricRig(.delta)
        let counter = rig.meter.upDownCounter("u")
        rig.meter.observableUpDownCounter("o") { $0.observe(5) }
        for sum in 1...2 {
            counter.add(1)
            let points = try rig.collect()
            #expect(points["u"]?.ints == [[:]: Int64(sum)] && points["o"]?.ints == [[:]: 5])
            guard case .sum(_, .cumulative, _) = points["u"], case .sum(_, .cumulative, _) = points["o"] else {
                Issue.record("Up-down counters stay cumulative.")
                return
            }
        }
    }

    @Test func cumulativeTemporalityExportsEverySeriesAgain() throws {
        let rig = try MetricRig()
        rig.meter.counter("c").add(1, ["k": 1])
        rig.meter.histogram("h").record(1)
        rig.meter.gauge("g").record(7)
        for _ in 0..<3 {
            let points = try rig.collect()
            #expect(points["c"]?.ints == [["k": 1]: 1] && points["h"]?.histograms.map(\.count) == [1] && points["g"]?.ints == [[:]: 7])
        }
    }

    @Test func deltaTemporalityExportsOnlySeriesWithNewMeasurements() throws {
        let rig = try MetricRig(.delta)
        let (counter, gauge, histogram) = (rig.meter.counter("c"), rig.meter.gauge("g"), rig.meter.histogram("h"))
        for id in 1...2 {
            counter.add(id, ["k": AttributeValue(id)])
            gauge.record(id, ["k": AttributeValue(id)])
            histogram.record(Double(id), ["k": AttributeValue(id)])
        }
        #expect(try rig.collect().values.allSatisfy { $0.count == 2 })
        counter.add(5, ["k": 2])
        gauge.record(5, ["k": 2])
        histogram.record(9, ["k": 2])
        let points = try rig.collect()
        #expect(points["c"]?.ints == [["k": 2]: 5] && points["g"]?.ints == [["k": 2]: 5])
        #expect(points["h"]?.histograms.map(\.sum) == [9] && points["h"]?.histograms.map(\.min) == [9])
        #expect(try rig.readers[0].collect().scopes.isEmpty, "Metrics without points and scopes without metrics are left out.")
    }

    @Test func cumulativeStartTimeIsFirstMeasurement() throws {
        let rig = try MetricRig()
        let counter = rig.meter.counter("c")
        rig.clock.advance(by: .seconds(5))
        counter.add(1, ["k": 1])
        rig.clock.advance(by: .seconds(5))
        counter.add(1, ["k": 2])
        for time in [10.0, 20] {
            let points = try #require(try rig.collect()["c"]?.numbers)
            #expect(points.map { rig.seconds($0.startTime) } == [5, 10] && points.allSatisfy { rig.seconds($0.time) == time })
            rig.clock.advance(by: .seconds(10))
        }
    }

    @Test func deltaStartTimeIsPreviousCollection() throws {
        let rig = try MetricRig(.delta)
        let (counter, histogram) = (rig.meter.counter("c"), rig.meter.histogram("h"))
        rig.clock.advance(by: .seconds(10))
        for (start, end) in [(0.0, 10.0), (10, 20), (20, 30)] {
            counter.add(1, ["k": 1])
            counter.add(1, ["new": AttributeValue(end)])
            histogram.record(1)
            let points = try rig.collect()
            for point in points["c"]?.numbers ?? [] { #expect(rig.seconds(point.startTime) == start && rig.seconds(point.time) == end) }
            let one = try #require(points["h"]?.histograms.first)
            #expect(rig.seconds(one.startTime) == start && rig.seconds(one.time) == end && points["c"]?.count == 2)
            rig.clock.advance(by: .seconds(10))
        }
    }

    @Test func startTimeIsNeverAfterTime() throws {
        // Other threads record while callbacks run: their measurements have the time of the collection.
        let rig = try MetricRig(MetricReaderOptions(), .delta, filter: .alwaysOn)
        let (counter, clock) = (rig.meter.counter("c"), rig.clock)
        rig.meter.observableGauge("slow") {
            clock.advance(by: .seconds(3))
            counter.add(1, ["new": AttributeValue(Int(clock.wallNanoseconds() % 1_000_000_007))])
            $0.observe(1)
        }
        for reader in [0, 1, 1, 0] {
            let called = rig.clock.wallNanoseconds()
            for point in try rig.collect(reader).values.flatMap(\.numbers) {
                #expect(point.time.nanosecondsSinceEpoch == called && point.startTime <= point.time)
                #expect(point.exemplars.allSatisfy { $0.time <= point.time })
            }
        }
    }

    @Test func observedStartTimeIsInstrumentCreationOrPreviousCollection() throws {
        let rig = try MetricRig(MetricReaderOptions(), .delta)
        rig.clock.advance(by: .seconds(1))
        let series = SharedValue([1])
        rig.meter.observableCounter("o") { observer in for id in series.value { observer.observe(id, ["id": AttributeValue(id)]) } }
        func starts(_ reader: Int) throws -> [Double] { try rig.collect(reader)["o"]?.numbers.map { rig.seconds($0.startTime) } ?? [] }
        rig.clock.advance(by: .seconds(9))
        #expect(try starts(0) == [1] && (try starts(1)) == [1])
        rig.clock.advance(by: .seconds(10))
        series.value = [1, 2]
        #expect(try starts(0) == [1, 10] && (try starts(1)) == [10, 10])
        rig.clock.advance(by: .seconds(10))
        series.value = [2]
        #expect(try starts(0) == [10])
        rig.clock.advance(by: .seconds(10))
        series.value = [1, 2]
        #expect(Set(try starts(0)) == [30, 10], "A series that had vanished restarts.")
    }

    @Test func pointsHaveTimeAtWhichCollectionBegan() throws {
        let rig = try MetricRig()
        rig.meter.counter("c").add(1)
        rig.meter.histogram("h").record(1)
        let clock = rig.clock
        for name in ["a", "b"] {
            rig.meter.observableGauge(name) {
                $0.observe(1, ["k": 1])
                clock.advance(by: .seconds(1))
                $0.observe(1, ["k": 2])
            }
        }
        rig.clock.advance(by: .seconds(50))
        let points = try rig.collect()
        #expect(points.values.flatMap(\.numbers).count == 5)
        #expect(points.values.flatMap(\.numbers).allSatisfy { rig.seconds($0.time) == 50 })
        #expect(points["h"]?.histograms.allSatisfy { rig.seconds($0.time) == 50 } == true)
    }

    @Test func readersHaveSeparateTemporalities() throws {
        let rig = try MetricRig(MetricReaderOptions(), .delta, MetricReaderOptions(temporality: .lowMemory))
        let counter = rig.meter.counter("c")
        let sum = SharedValue(10)
        rig.meter.observableCounter("o") { $0.observe(sum.value) }
        counter.add(1)
        for reader in 0...2 { #expect(try rig.collect(reader).mapValues(\.ints) == ["c": [[:]: 1], "o": [[:]: 10]]) }
        counter.add(2)
        sum.value = 15
        #expect(try rig.collect(0).mapValues(\.ints) == ["c": [[:]: 3], "o": [[:]: 15]])
        #expect(try rig.collect(1).mapValues(\.ints) == ["c": [[:]: 2], "o": [[:]: 5]])
        #expect(try rig.collect(2).mapValues(\.ints) == ["c": [[:]: 2], "o": [[:]: 15]])
    }
}
