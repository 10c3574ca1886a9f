// Times of points across steps of the wall clock.

import Testing

@testable import Telemetry

struct CollectionTimeTests {
    private static let steps = [Duration.seconds(-3600), .seconds(3600)]

    private func now(_ rig: MetricRig) -> Timestamp { TelemetryClock.manual(rig.clock).now }

    /// Start and time of every point of any type.
    private func spans(_ points: [String: MetricPoints]) -> [(start: Timestamp, time: Timestamp)] {
        points.values.flatMap { points in
            points.numbers.map { ($0.startTime, $0.time) } + points.histograms.map { ($0.startTime, $0.time) }
        }
    }

    private func instruments(_ rig: MetricRig) -> () -> Void {
        let (counter, histogram) = (rig.meter.counter("c"), rig.meter.histogram("h"))
        rig.meter.observableCounter("o") { $0.observe(1) }
        return {
            counter.add(1)
            histogram.record(1)
        }
    }

    @Test(arguments: steps) func cumulativeTimeWindowIsElapsedTimeDespiteClockStep(step: Duration) throws {
        let rig = try MetricRig()
        let measure = instruments(rig)
        measure()
        rig.clock.advance(by: .seconds(60))
        #expect(spans(try rig.collect()).allSatisfy { $0.time == now(rig) && $0.time.duration(since: $0.start) == .seconds(60) })
        rig.clock.stepWallClock(by: step)
        var starts: Set<Timestamp> = []
        for minutes in 2...4 {
            rig.clock.advance(by: .seconds(60))
            measure()
            let found = spans(try rig.collect())
            #expect(found.count == 3)
            #expect(found.allSatisfy { $0.time == now(rig) && $0.time.duration(since: $0.start) == .seconds(60 * minutes) })
            starts.formUnion(found.map(\.start))
        }
        #expect(starts.count == 1, "The start time moves once, with the wall clock.")
    }

    @Test(arguments: steps) func deltaTimeWindowIsElapsedTimeDespiteClockStep(step: Duration) throws {
        let rig = try MetricRig(.delta)
        let measure = instruments(rig)
        for minute in 1...4 {
            measure()
            if minute == 2 { rig.clock.stepWallClock(by: step) }
            rig.clock.advance(by: .seconds(60))
            let found = spans(try rig.collect())
            #expect(found.count == 3)
            #expect(found.allSatisfy { $0.time == now(rig) && $0.time.duration(since: $0.start) == .seconds(60) })
        }
    }

    @Test(arguments: steps) func exemplarTimeIsWithinTimeWindowDespiteClockStep(step: Duration) throws {
        let rig = try MetricRig(
            MetricReaderOptions(), .delta,
            views: [MetricView(of: "custom", exemplars: .custom { KeepingReservoir() })], filter: .alwaysOn)
        let (counter, custom) = (rig.meter.counter("c"), rig.meter.counter("custom"))
        rig.clock.advance(by: .seconds(20))
        counter.add(1)
        custom.add(1)
        rig.clock.advance(by: .seconds(10))
        rig.clock.stepWallClock(by: step)
        rig.clock.advance(by: .seconds(30))
        for reader in 0...1 {
            let points = try rig.collect(reader)
            let built = try #require(points["c"]?.numbers.first)
            #expect(built.exemplars.map { built.time.duration(since: $0.time) } == [.seconds(40)])
            for point in [built, try #require(points["custom"]?.numbers.first)] {
                #expect(point.exemplars.count == 1 && point.exemplars.allSatisfy { $0.time >= point.startTime && $0.time <= point.time })
            }
        }
    }

    @Test func clockSlewBelow100MillisecondsKeepsStartTimes() throws {
        let rig = try MetricRig()
        let measure = instruments(rig)
        measure()
        let starts = Set(spans(try rig.collect()).map(\.start))
        for _ in 0..<3 {
            rig.clock.stepWallClock(by: .milliseconds(33))
            rig.clock.advance(by: .seconds(60))
            #expect(Set(spans(try rig.collect()).map(\.start)) == starts)
        }
        rig.clock.stepWallClock(by: .milliseconds(1))
        let found = spans(try rig.collect())
        #expect(found.allSatisfy { $0.time == now(rig) && $0.start == starts.first?.advanced(by: .milliseconds(100)) })
    }

    @Test func clockSetBelowElapsedTimeStartsAtEpoch() throws {
        let rig = try MetricRig()
        instruments(rig)()
        rig.clock.advance(by: .seconds(60))
        rig.clock.stepWallClock(by: .seconds(-1_000_000_050))
        let found = spans(try rig.collect())
        #expect(found.count == 3 && found.allSatisfy { $0.start.nanosecondsSinceEpoch == 0 })
        #expect(found.allSatisfy { $0.time.nanosecondsSinceEpoch == 10_000_000_000 })
    }
}

/// A reservoir that keeps every offer with its time.
private final class KeepingReservoir: ExemplarReservoir {
    private let kept = SharedValue<[Exemplar]>([])

    func offer(_ value: MetricNumber, attributes: Attributes, context: Context, time: Timestamp) {
        kept.value.append(Exemplar(value: value, time: time, filteredAttributes: attributes))
    }

    func collect() -> [Exemplar] {
        defer { kept.value = [] }
        return kept.value
    }
}
