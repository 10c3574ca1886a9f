// Integer sums beyond the range of `Int64`.

import Testing

@testable import Telemetry

struct IntegerRangeTests {
    private static let everywhere = MetricReaderOptions(temporality: TemporalityPreference(deltaFor: Set(InstrumentKind.allCases)))

    @Test(arguments: [false, true])
    func counterIsClampedToInt64Maximum(isBound: Bool) throws {
        let rig = try MetricRig(MetricReaderOptions(), .delta)
        let counter = rig.meter.counter("c")
        let bound = counter.bind()
        func add(_ number: Int) { if isBound { bound.add(number) } else { counter.add(number) } }
        add(.max)
        add(.max)
        for reader in 0...1 { #expect(try rig.ints("c", reader) == [[:]: .max]) }
        add(1)
        #expect(try rig.ints("c", 0) == [[:]: .max], "Further additions do not wrap.")
        #expect(try rig.ints("c", 1) == [[:]: 1])
        for _ in 0..<5 { add(.max) }
        for reader in 0...1 { #expect(try rig.ints("c", reader) == [[:]: .max]) }
        #expect(try rig.ints("c", 1) == nil, "The delta reader starts anew.")
    }

    @Test(arguments: [false, true])
    func upDownCounterIsClampedAtBothEndsAndRecovers(isBound: Bool) throws {
        let rig = try MetricRig(MetricReaderOptions(), Self.everywhere)
        let counter = rig.meter.upDownCounter("u")
        let bound = counter.bind()
        func add(_ number: Int) { if isBound { bound.add(number) } else { counter.add(number) } }
        add(.min)
        add(.min)
        add(-1)
        for reader in 0...1 { #expect(try rig.ints("u", reader) == [[:]: .min]) }
        add(.max)
        add(.max)
        // -2⁶⁴ - 1 + 2⁶⁴ - 2
        #expect(try rig.ints("u", 0) == [[:]: -3], "The sum is kept beyond the range internally.")
        #expect(try rig.ints("u", 1) == [[:]: .max])
        add(.max)
        add(4)
        for _ in 0..<2 { #expect(try rig.ints("u", 0) == [[:]: .max]) }
        #expect(try rig.ints("u", 1) == [[:]: .max])
    }

    @Test func numbersAroundLockFreeRangeAreExact() throws {
        let rig = try MetricRig(MetricReaderOptions(), Self.everywhere)
        let (up, change) = (rig.meter.counter("c").bind(), rig.meter.upDownCounter("u").bind())
        var (sum, difference) = (0, 0)
        for round in 0..<3 {
            for exponent in [0, 1, 31, 32, 33, 40, 58] {
                for offset in -1...1 {
                    let number = (1 << exponent) + offset
                    up.add(number)
                    sum += number
                    for signed in [number, -number, -(number / 2) - round] {
                        change.add(signed)
                        difference += signed
                    }
                }
            }
            #expect(try rig.ints("c", 0) == [[:]: Int64(sum)] && rig.ints("u", 0) == [[:]: Int64(difference)])
        }
        let changes = try rig.collect(1)
        #expect(changes["c"]?.ints == [[:]: Int64(sum)] && changes["u"]?.ints == [[:]: Int64(difference)])
        up.add(-1)
        up.add(.min)
        #expect(rig.provider.refusals.negativeCount == 2, "Negative numbers are still refused.")
    }

    @Test func sumsAcrossLanesAndReadersDoNotWrap() throws {
        let rig = try MetricRig(MetricReaderOptions(), .delta)
        let counter = rig.meter.counter("c")
        let bound = counter.bind()
        #expect(
            onThreads(4) { _ in
                for _ in 0..<1_000 {
                    counter.add(.max)
                    bound.add(.max)
                }
            })
        for reader in 0...1 { #expect(try rig.ints("c", reader) == [[:]: .max]) }
    }

    @Test func moreMeasurementsThanOneGrantAreExact() throws {
        let rig = try MetricRig()
        let bound = rig.meter.counter("c").bind()
        let count = Int(BoundSums.grant) + 1_000
        for _ in 0..<count { bound.add(0xFFFF_FFFF) }
        #expect(try rig.ints("c") == [[:]: Int64(count) * 0xFFFF_FFFF])
    }

    @Test(arguments: [false, true])
    func integerHistogramSumExceedsInt64(isExponential: Bool) throws {
        let aggregation: Aggregation = isExponential ? .exponentialHistogram() : .explicitBucketHistogram(boundaries: [1])
        let rig = try MetricRig(views: [MetricView(of: "h", aggregation: aggregation), MetricView(of: "s", aggregation: .sum)])
        for name in ["h", "s"] {
            let histogram = rig.meter.histogram(name, of: Int.self)
            histogram.record(.max)
            histogram.bind().record(.max)
        }
        let points = try rig.collect()
        let sum = isExponential ? points["h"]?.exponentialHistograms.first?.distribution.sum : points["h"]?.histograms.first?.sum
        #expect(sum == 0x1p64 && points["s"]?.ints == [[:]: .max], "A view may aggregate the histogram to an integer sum.")
    }

    @Test func sumOfGaugeIsClamped() throws {
        let rig = try MetricRig(views: [MetricView(of: .all, aggregation: .sum)])
        rig.meter.gauge("g").record(.min)
        rig.meter.gauge("g").bind().record(.min)
        #expect(try rig.ints("g") == [[:]: .min])
    }

    @Test func overflowIsReportedOncePerMetric() throws {
        let messages = Journal<String>()
        Diagnostics.setHandler { messages.note($0.message) }
        defer { Diagnostics.setHandler(nil) }
        let rig = try MetricRig(MetricReaderOptions(), .delta)
        let counter = rig.meter.counter("range.once")
        for _ in 0..<3 {
            counter.add(.max)
            counter.add(.max, ["k": 1])
            for reader in 0...1 { _ = try rig.collect(reader) }
        }
        #expect(messages.entries.count { $0.contains("\"range.once\" is beyond the range of whole numbers") } == 1)
    }
}
