// Precedence of views, advisory parameters and readers.

import Testing

@testable import Telemetry

struct ViewRegistryTests {
    private static let scope = InstrumentationScope(name: "shop")
    private static let counter = InstrumentDescriptor(name: "requests", kind: .counter, unit: "1", description: "All of them.")
    private static let latency = InstrumentDescriptor(
        name: "latency", kind: .histogram, isFloatingPoint: true, unit: "s", boundaries: [1, 2], attributeKeys: ["route"])

    private func result(
        _ instrument: InstrumentDescriptor, _ views: [MetricView] = [], _ options: MetricReaderOptions = MetricReaderOptions()
    )
        throws -> (streams: [StreamConfiguration], warnings: [String])
    {
        try ViewRegistry(views).streams(for: instrument, scope: Self.scope, options: options)
    }

    /// Returns the streams of an instrument, and expects no warnings.
    private func streams(
        _ instrument: InstrumentDescriptor, _ views: [MetricView] = [], _ options: MetricReaderOptions = MetricReaderOptions()
    )
        throws -> [StreamConfiguration]
    {
        let (streams, warnings) = try result(instrument, views, options)
        #expect(warnings.isEmpty)
        return streams
    }

    private func aggregation(_ kind: InstrumentKind, _ aggregation: Aggregation) throws -> ResolvedAggregation? {
        try streams(InstrumentDescriptor(name: "a", kind: kind), [MetricView(of: "a", aggregation: aggregation)]).first?.aggregation
    }

    private static func histogram(_ boundaries: [Double], sum: Bool = true, minMax: Bool = true) -> ResolvedAggregation {
        .histogram(boundaries: boundaries, recordsSum: sum, recordsMinMax: minMax)
    }

    @Test func instrumentWithoutViewHasDefaultStream() throws {
        for views in [[], [MetricView(of: "other", name: "x")], [MetricView(of: .all)]] {
            let stream = try #require(try streams(Self.counter, views).first)
            #expect(stream.name == "requests" && stream.description == "All of them." && stream.unit == "1")
            #expect(stream.kind == .counter && !stream.isFloatingPoint && stream.aggregation == .sum(isMonotonic: true))
            #expect(stream.filter == nil && stream.exemplars == nil && stream.cardinalityLimit == 2000)
        }
    }

    @Test func defaultAggregationDependsOnKind() throws {
        let standard = Self.histogram([0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000])
        for view in [nil, MetricView(of: .all, aggregation: .default)] {
            let found = try InstrumentKind.allCases.map { kind in
                try streams(InstrumentDescriptor(name: "a", kind: kind), view.map { [$0] } ?? []).map(\.aggregation)
            }
            #expect(
                found == [
                    [.sum(isMonotonic: true)], [.sum(isMonotonic: false)], [standard], [.lastValue], [.sum(isMonotonic: true)],
                    [.sum(isMonotonic: false)], [.lastValue],
                ])
        }
    }

    @Test func sumOfHistogramIsMonotonicAndSumOfGaugeIsNot() throws {
        #expect(try aggregation(.histogram, .sum) == .sum(isMonotonic: true))
        #expect(try aggregation(.gauge, .sum) == .sum(isMonotonic: false))
        #expect(try aggregation(.observableGauge, .sum) == .sum(isMonotonic: false))
        #expect(try aggregation(.upDownCounter, .sum) == .sum(isMonotonic: false))
    }

    @Test(arguments: [InstrumentKind.counter, .histogram, .upDownCounter, .gauge, .observableGauge])
    func histogramOfPossiblyNegativeValuesHasNoSum(kind: InstrumentKind) throws {
        let hasSum = kind == .counter || kind == .histogram
        #expect(
            try aggregation(kind, .explicitBucketHistogram(boundaries: [1], recordsMinMax: false))
                == Self.histogram([1], sum: hasSum, minMax: false))
        #expect(
            try aggregation(kind, .exponentialHistogram(maxSize: 20, maxScale: 5))
                == .exponentialHistogram(maxSize: 20, maxScale: 5, recordsSum: hasSum, recordsMinMax: true))
    }

    @Test func lastValueFitsGaugesAndHistograms() throws {
        #expect(try aggregation(.gauge, .lastValue) == .lastValue)
        #expect(try aggregation(.histogram, .lastValue) == .lastValue)
    }

    @Test func viewSetsNameDescriptionKeysAggregationLimitAndReservoir() throws {
        let view = MetricView(
            of: "Latency", name: "shop latency", description: "", attributeKeys: .except(["user"]), aggregation: .exponentialHistogram(),
            cardinalityLimit: 10, exemplars: .fixedSize(3))
        let stream = try #require(try streams(Self.latency, [view]).first)
        #expect(stream.name == "shop latency" && stream.description.isEmpty && stream.unit == "s" && stream.isFloatingPoint)
        #expect(stream.aggregation == .exponentialHistogram(maxSize: 160, maxScale: 20, recordsSum: true, recordsMinMax: true))
        #expect(stream.filter == AttributeFilter([.except(["user"])]))
        #expect(stream.cardinalityLimit == 10 && stream.exemplars == .fixedSize(3))
    }

    @Test func advisoryBoundariesApplyUnlessViewSetsExplicitBuckets() throws {
        let buckets = MetricReaderOptions(aggregations: [.histogram: .explicitBucketHistogram(boundaries: [7], recordsMinMax: false)])
        func boundaries(_ views: [MetricView], _ options: MetricReaderOptions = MetricReaderOptions()) throws -> ResolvedAggregation? {
            try streams(Self.latency, views, options).first?.aggregation
        }
        #expect(try boundaries([]) == Self.histogram([1, 2]))
        #expect(try boundaries([MetricView(of: .all, name: nil)]) == Self.histogram([1, 2]))
        #expect(try boundaries([MetricView(of: .all, aggregation: .default)]) == Self.histogram([1, 2]))
        #expect(try boundaries([], buckets) == Self.histogram([1, 2], minMax: false))
        #expect(try boundaries([MetricView(of: .all, aggregation: .default)], buckets) == Self.histogram([1, 2]))
        #expect(
            try boundaries([MetricView(of: .all, aggregation: .explicitBucketHistogram())]) == Self.histogram(Aggregation.defaultBoundaries)
        )
        #expect(
            try boundaries([MetricView(of: .all, aggregation: .explicitBucketHistogram(boundaries: [9]))], buckets) == Self.histogram([9]))
    }

    @Test func advisoryKeysApplyUnlessViewSelectsKeys() throws {
        #expect(try streams(Self.latency).first?.filter == AttributeFilter([.only(["route"])]))
        #expect(try streams(Self.latency, [MetricView(of: .all, name: nil)]).first?.filter == AttributeFilter([.only(["route"])]))
        #expect(
            try streams(Self.latency, [MetricView(of: .all, attributeKeys: .only(["user"]))]).first?.filter
                == AttributeFilter([.only(["user"])]))
        #expect(try streams(Self.latency, [MetricView(of: .all, attributeKeys: .except([]))]).first?.filter == nil)
    }

    @Test func viewOverridesOnlyAdvisoryParametersItSets() throws {
        let keys = try #require(try streams(Self.latency, [MetricView(of: .all, attributeKeys: .only(["user"]))]).first)
        #expect(keys.aggregation == Self.histogram([1, 2]))
        let buckets = try #require(try streams(Self.latency, [MetricView(of: .all, aggregation: .explicitBucketHistogram())]).first)
        #expect(buckets.filter == AttributeFilter([.only(["route"])]))
    }

    @Test func readerAggregationAppliesUnlessViewSetsOne() throws {
        let options = MetricReaderOptions(aggregations: [.histogram: .exponentialHistogram(), .counter: .drop])
        let exponential = ResolvedAggregation.exponentialHistogram(maxSize: 160, maxScale: 20, recordsSum: true, recordsMinMax: true)
        #expect(try streams(Self.latency, [], options).map(\.aggregation) == [exponential])
        #expect(try streams(Self.latency, [MetricView(of: .all, description: "d")], options).map(\.aggregation) == [exponential])
        #expect(
            try streams(Self.latency, [MetricView(of: .all, aggregation: .sum)], options).map(\.aggregation) == [.sum(isMonotonic: true)])
        #expect(try streams(Self.counter, [], options).isEmpty)
        #expect(
            try streams(Self.counter, [MetricView(of: .all, aggregation: .default)], options).map(\.aggregation) == [
                .sum(isMonotonic: true)
            ])
    }

    @Test func cardinalityLimitComesFromViewThenReaderThen2000() throws {
        let options = MetricReaderOptions(cardinalityLimits: [.counter: 5])
        #expect(try streams(Self.counter, [MetricView(of: .all, cardinalityLimit: 7)], options).first?.cardinalityLimit == 7)
        #expect(try streams(Self.counter, [MetricView(of: .all)], options).first?.cardinalityLimit == 5)
        #expect(try streams(Self.counter, [], options).first?.cardinalityLimit == 5)
        #expect(try streams(Self.latency, [], options).first?.cardinalityLimit == 2000)
    }

    @Test func eachMatchingViewMakesStream() throws {
        let views = [
            MetricView(of: "requests"), MetricView(of: "requests", name: "by route", attributeKeys: .only(["route"])),
            MetricView(of: "other", name: "x"),
            MetricView(of: "req*", aggregation: .explicitBucketHistogram(boundaries: [1])),
        ]
        let streams = try streams(Self.counter, views)
        #expect(streams.map(\.name) == ["requests", "by route", "requests"])
        #expect(streams.map { $0.filter != nil } == [false, true, false], "Independent views are not combined.")
        #expect(streams.map(\.aggregation) == [.sum(isMonotonic: true), .sum(isMonotonic: true), Self.histogram([1])])
    }

    @Test func droppedStreamIsLeftOutAndOthersStay() throws {
        let views = [MetricView(of: "requests"), MetricView(of: .all, aggregation: .drop)]
        #expect(try streams(Self.counter, views).map(\.name) == ["requests"])
        #expect(try streams(Self.latency, views).isEmpty, "The instrument has no stream if all are dropped.")
    }

    @Test(arguments: [InstrumentKind.observableCounter, .observableUpDownCounter])
    func histogramAggregationOfObservableCounterIsRejected(kind: InstrumentKind) throws {
        for aggregation in [Aggregation.explicitBucketHistogram(), .exponentialHistogram()] {
            let views = [MetricView(of: .all, description: "a", aggregation: aggregation), MetricView(of: .all, description: "b")]
            let (streams, warnings) = try result(InstrumentDescriptor(name: "total", kind: kind), views)
            #expect(streams.map(\.description) == ["b"], "The view is ignored.")
            #expect(streams.map(\.aggregation) == [.sum(isMonotonic: kind == .observableCounter)])
            #expect(warnings.count == 1 && warnings[0].contains("\"total\"") && warnings[0].contains(aggregation.name))
        }
    }

    @Test(arguments: [InstrumentKind.counter, .upDownCounter, .observableCounter, .observableUpDownCounter])
    func lastValueAggregationOfCounterIsRejected(kind: InstrumentKind) throws {
        let view = MetricView(of: .all, name: nil, description: "a", aggregation: .lastValue)
        let (streams, warnings) = try result(InstrumentDescriptor(name: "total", kind: kind, description: "own"), [view])
        #expect(streams.map(\.description) == ["own"], "The instrument has its default stream if its only view is ignored.")
        #expect(streams.map(\.aggregation) == [.sum(isMonotonic: kind.isMonotonic)] && warnings.count == 1)
    }

    @Test func unsuitableReaderAggregationIsReportedAndIgnored() throws {
        let options = MetricReaderOptions(aggregations: [.counter: .lastValue])
        let (streams, warnings) = try result(Self.counter, [], options)
        #expect(streams.map(\.aggregation) == [.sum(isMonotonic: true)] && warnings.count == 1)
    }

    @Test func alignedReservoirAppliesToExplicitBucketsOnly() throws {
        let view = MetricView(of: .all, exemplars: .alignedToBuckets)
        #expect(try streams(Self.latency, [view]).map(\.exemplars) == [.alignedToBuckets])
        #expect(try streams(Self.counter, [view]).map(\.exemplars) == [nil], "The default reservoir applies.")
    }
}
