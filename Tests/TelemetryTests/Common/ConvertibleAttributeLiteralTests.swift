// Literals with variables as attributes of measurements.

import Testing

@testable import Telemetry

struct ConvertibleAttributeLiteralTests {
    private enum Tier: String, AttributeValueConvertible { case free, paid }

    /// The entries of a literal as they are read in place; nil if it needs conversion.
    private func entries(_ literal: ConvertibleAttributeLiteral) -> [(String, AttributeValue)]? {
        literal.elements.withUnsafeBufferPointer { ConvertibleAttributes(elements: $0).withEntries { Array($0) } }
    }

    @Test func textsNumbersAndTruthValuesAreReadInPlace() throws {
        let (text, long, small, wide, share, truth) = ("GET", "a text of more than fifteen bytes", -3, Int64.max, -0.5, true)
        let value = AttributeValue.array([1, "b"])
        let found = try #require(
            entries([
                "http.request.method": text, "long": long, "small": small, "wide": wide, "share": share, "yes": truth, "no": !truth,
                "value": value, "constant": "c", "empty": AttributeValue.empty,
            ]))
        let expected: [(String, AttributeValue)] = [
            ("http.request.method", "GET"), ("long", .string(long)), ("small", -3), ("wide", .int(.max)), ("share", -0.5), ("yes", true),
            ("no", false), ("value", value), ("constant", "c"), ("empty", .empty),
        ]
        #expect(found.map(\.0) == expected.map(\.0))
        #expect(found.map(\.1) == expected.map(\.1))
    }

    @Test func otherTypesNeedConversion() {
        let (missing, tier, numbers, wide): (String?, Tier, [Int], UInt64) = (nil, .paid, [1, 2], .max)
        #expect(entries(["a": 1, "b": missing]) == nil)
        #expect(entries(["a": tier]) == nil)
        #expect(entries(["a": numbers]) == nil)
        #expect(entries(["a": wide]) == nil)
        #expect(entries([:])?.isEmpty == true)
    }

    /// The same attributes in every way that they can be given make one series.
    @Test func literalsWithVariablesMeasureTheSeriesOfTheirValues() throws {
        let rig = try MetricRig()
        let counter = rig.meter.counter("c")
        let histogram: Histogram<Double> = rig.meter.histogram("h")
        let upDown: UpDownCounter<Int> = rig.meter.upDownCounter("u")
        let gauge: Gauge<Int> = rig.meter.gauge("g")
        let (method, status, tier, missing): (String, Int, Tier, String?) = ("GET", 200, .paid, nil)
        for _ in 0..<3 {
            counter.add(1, ["method": method, "status": status, "tier": tier, "none": missing])
            counter.add(1, ["method": method, "status": status, "tier": "paid"])
            counter.add(1, ["method": .string(method), "status": 200, "tier": "paid"])
            counter.add(1, ["method": "GET", "status": 200, "tier": "paid"])
            counter.add(1, ["tier": tier.rawValue, "status": status, "method": method], context: .root)
        }
        histogram.record(1, ["method": method])
        upDown.add(-2, ["method": method])
        gauge.record(7, ["method": method])
        let batch = try rig.collect()
        #expect(batch["c"]?.numbers.map(\.value) == [15])
        #expect(batch["u"]?.numbers.map(\.value) == [-2])
        #expect(batch["g"]?.numbers.map(\.value) == [7])
        #expect(batch["c"]?.numbers.first?.attributes == ["method": "GET", "status": 200, "tier": "paid"])
    }
}
