// Composable views: one stream for each name.

import Testing

@testable import Telemetry

struct ComposableViewsTests {
    private static let latency = InstrumentDescriptor(
        name: "latency", kind: .histogram, description: "own", boundaries: [1, 2], attributeKeys: ["advised"])

    private func result(_ instrument: InstrumentDescriptor, _ views: [MetricView]) throws -> (
        streams: [StreamConfiguration], warnings: [String]
    ) {
        try ViewRegistry(views, mode: .composable)
            .streams(for: instrument, scope: InstrumentationScope(name: "shop"), options: MetricReaderOptions())
    }

    @Test func lastViewThatSetsPropertyApplies() throws {
        let (streams, warnings) = try result(
            Self.latency,
            [
                MetricView(
                    of: "latency", description: "first", aggregation: .explicitBucketHistogram(boundaries: [5]), cardinalityLimit: 1),
                MetricView(of: "other", description: "other", exemplars: .fixedSize(9)),
                MetricView(of: "lat*", description: "last", aggregation: .explicitBucketHistogram(), exemplars: .fixedSize(1)),
                MetricView(of: .all, cardinalityLimit: 3),
            ])
        #expect(streams.count == 1 && warnings.isEmpty)
        #expect(streams[0].name == "latency" && streams[0].description == "last" && streams[0].cardinalityLimit == 3)
        #expect(streams[0].exemplars == .fixedSize(1))
        #expect(
            streams[0].aggregation
                == .histogram(boundaries: Aggregation.defaultBoundaries, recordsSum: true, recordsMinMax: true),
            "Aggregations are not merged: boundaries of an earlier view do not apply.")
    }

    @Test func attributeIsKeptIfAllViewsKeepIt() throws {
        let views = [
            MetricView(of: .all, attributeKeys: .only(["a", "b", "c"])), MetricView(of: "latency", attributeKeys: .only(["b", "c", "d"])),
            MetricView(of: .all, attributeKeys: .except(["c"])), MetricView(of: .all, description: "d"),
        ]
        #expect(try result(Self.latency, views).streams.map(\.filter) == [AttributeFilter([.only(["b"])])])
        #expect(try result(Self.latency, [MetricView(of: .all)]).streams.map(\.filter) == [AttributeFilter([.only(["advised"])])])
    }

    @Test func eachNameMakesStreamAndViewsWithoutNameApplyToAll() throws {
        let views = [
            MetricView(of: .all, description: "for all", cardinalityLimit: 4), MetricView(of: "latency", name: "a", description: "for a"),
            MetricView(of: "latency", name: "b"), MetricView(of: "latency", name: "a", aggregation: .sum),
            MetricView(of: .all, attributeKeys: .except(["user"])),
        ]
        let streams = try result(Self.latency, views).streams
        #expect(streams.map(\.name) == ["a", "b"], "The instrument's own name makes no stream then.")
        #expect(streams.map(\.description) == ["for a", "for all"] && streams.map(\.cardinalityLimit) == [4, 4])
        #expect(streams.map { $0.aggregation == .sum(isMonotonic: true) } == [true, false])
        #expect(streams.allSatisfy { $0.filter == AttributeFilter([.except(["user"])]) })
    }

    @Test func unsuitableAggregationFallsBackToEarlierView() throws {
        let total = InstrumentDescriptor(name: "total", kind: .observableGauge)
        let counter = InstrumentDescriptor(name: "total", kind: .counter, description: "own")
        let views = [
            MetricView(of: .all, aggregation: .explicitBucketHistogram(boundaries: [1])),
            MetricView(of: "total", description: "d", aggregation: .lastValue),
        ]
        let (streams, warnings) = try result(counter, views)
        #expect(streams.map(\.aggregation) == [.histogram(boundaries: [1], recordsSum: true, recordsMinMax: true)])
        #expect(streams.map(\.description) == ["d"] && warnings.count == 1, "The other properties of the view apply.")
        let (alone, warned) = try result(counter, [views[1]])
        #expect(alone.map(\.aggregation) == [.sum(isMonotonic: true)] && alone.map(\.description) == ["d"] && warned.count == 1)
        #expect(try result(total, views).streams.map(\.aggregation) == [.lastValue])
        #expect(try result(total, views).warnings.isEmpty)
        let (later, silent) = try result(counter, [views[1], MetricView(of: .all, aggregation: .sum)])
        #expect(later.map(\.aggregation) == [.sum(isMonotonic: true)] && silent.isEmpty, "An overridden aggregation is not reported.")
    }

    @Test func lastAggregationDropsOrKeeps() throws {
        let (drop, sum) = (MetricView(of: .all, aggregation: .drop), MetricView(of: "latency", aggregation: .sum))
        #expect(try result(Self.latency, [sum, drop]).streams.isEmpty)
        #expect(try result(Self.latency, [drop, sum]).streams.map(\.aggregation) == [.sum(isMonotonic: true)])
    }

    @Test func unselectedInstrumentHasDefaultStream() throws {
        let streams = try result(Self.latency, [MetricView(of: "other", aggregation: .drop)]).streams
        #expect(streams.map(\.description) == ["own"])
        #expect(streams.map(\.aggregation) == [.histogram(boundaries: [1, 2], recordsSum: true, recordsMinMax: true)])
    }
}
