// Selection and content of exemplars.

import Synchronization
import Testing

@testable import Telemetry

struct ExemplarTests {
    private func exemplars(_ rig: MetricRig, _ name: String, _ reader: Int = 0) throws -> [Exemplar] {
        let points = try rig.collect(reader)[name]
        var exemplars: [Exemplar] = []
        for point in points?.numbers ?? [] { exemplars += point.exemplars }
        for point in points?.histograms ?? [] { exemplars += point.exemplars }
        for point in points?.exponentialHistograms ?? [] { exemplars += point.exemplars }
        return exemplars
    }

    @Test func measurementsInSampledSpansBecomeExemplarsByDefault() throws {
        let clock = ManualClock()
        let reader = PullMetricReader()
        let provider = try MeterProvider(resource: .empty, readers: [reader], clock: .manual(clock))
        let counter = provider.meter(InstrumentationScope(name: "m")).counter("c")
        counter.add(1)
        contextOfSpan(5, isSampled: false).run { counter.add(2) }
        clock.advance(by: .seconds(3))
        contextOfSpan(9).run { counter.add(3) }
        let exemplars = try #require(try reader.collect().metrics.first?.points.numbers.first?.exemplars)
        #expect(exemplars.map(\.value) == [3] && exemplars.first?.time == clock.wallNanosecondsAsTimestamp)
        #expect(exemplars.first?.traceID == TraceID(high: 1, low: 9) && exemplars.first?.spanID == SpanID(9))
        #expect(exemplars.first?.filteredAttributes == [:])
    }

    @Test func fewOfManyMeasurementsOutsideOfSampledSpansAreLookedAt() {
        func skipped(_ count: UInt64, mayBeSampled: Bool = true) -> UInt64 {
            ExemplarSampling.skipUntilCount(afterSeeing: count, leastDraw: 0, mayBeSampled: mayBeSampled) - count
        }
        #expect([1, 3, 4, 40, 124, 1_000, 3_967].map { skipped($0) } == [0, 0, 1, 10, 31, 31, 31])
        #expect([4_096, 12_800, 128_000, 1_000_000, .max / 2].map { skipped($0) } == [32, 100, 1_000, 1_023, 1_023])
        let withoutSpans = [1, 3, 4, 40, 124, 1_000, 4_096, .max / 2].map { skipped($0, mayBeSampled: false) }
        #expect(withoutSpans == [0, 0, 1, 10, 31, 250, 1_023, 1_023])
    }

    @Test func explicitContextOverridesCurrentContext() throws {
        let rig = try MetricRig(filter: .traceBased)
        let (counter, histogram, gauge) = (rig.meter.counter("c"), rig.meter.histogram("h"), rig.meter.gauge("g"))
        contextOfSpan(1).run {
            counter.add(1, context: contextOfSpan(2))
            histogram.bind().record(1, context: contextOfSpan(3))
            gauge.record(1, context: .root)
        }
        let points = try rig.collect()
        #expect(points["c"]?.numbers.first?.exemplars.first?.spanID == SpanID(2))
        #expect(points["h"]?.histograms.first?.exemplars.first?.spanID == SpanID(3))
        #expect(points["g"]?.numbers.first?.exemplars.isEmpty == true)
    }

    @Test func alwaysOnFilterAcceptsMeasurementsOutsideOfSpans() throws {
        let rig = try MetricRig(filter: .alwaysOn)
        rig.meter.counter("c").add(1)
        rig.meter.upDownCounter("u").add(1, context: contextOfSpan(4, isSampled: false))
        let points = try rig.collect()
        let (without, within) = (points["c"]?.numbers.first?.exemplars.first, points["u"]?.numbers.first?.exemplars.first)
        #expect(without?.value == 1 && without?.traceID == nil && without?.spanID == nil)
        #expect(within?.spanID == SpanID(4), "The span of an exemplar need not be sampled.")
    }

    @Test func alwaysOffFilterAcceptsNoMeasurementAndMakesNoReservoir() throws {
        let made = Mutex(0)
        let choice = ExemplarReservoirChoice.custom {
            made.withLock { $0 += 1 }
            return RecordingReservoir()
        }
        let rig = try MetricRig(views: [MetricView(of: "own", exemplars: choice)], filter: .alwaysOff)
        for name in ["c", "own"] { contextOfSpan().run { rig.meter.counter(name).add(1) } }
        rig.meter.histogram("h").record(1, context: contextOfSpan())
        rig.meter.observableGauge("g") { $0.observe(1) }
        #expect(try rig.collect().values.allSatisfy { $0.count == 1 })
        rig.meter.counter("own").bind(["b": 1]).add(1, context: contextOfSpan())
        #expect(try exemplars(rig, "c").isEmpty && (try exemplars(rig, "own").isEmpty) && (try exemplars(rig, "h").isEmpty))
        #expect(made.withLock { $0 } == 0)
    }

    @Test func histogramKeepsOneExemplarPerBucket() throws {
        let rig = try MetricRig(filter: .alwaysOn)
        let histogram = rig.meter.histogram("h", boundaries: [10, 20, 30])
        for value in 0..<3000 { histogram.record(Double(value % 40) + 0.5) }
        let kept = try exemplars(rig, "h").map(\.value.doubleValue)
        #expect(kept.map { Int($0 / 10) } == [0, 1, 2, 3])
        histogram.record(25)
        #expect(try exemplars(rig, "h").map(\.value) == [25.0])
    }

    @Test func defaultReservoirDependsOnAggregation() throws {
        let views = [
            MetricView(of: "small", aggregation: .exponentialHistogram(maxSize: 4)),
            MetricView(of: "large", aggregation: .exponentialHistogram()),
            MetricView(of: "one", aggregation: .explicitBucketHistogram(boundaries: [])),
        ]
        let rig = try MetricRig(views: views, filter: .alwaysOn)
        for value in 1...100 {
            for name in ["small", "large", "one"] { rig.meter.histogram(name).record(Double(value)) }
            rig.meter.counter("c").add(1)
            rig.meter.gauge("g").record(1)
        }
        let counts = try rig.collect().mapValues { points in
            (points.numbers.first?.exemplars ?? points.histograms.first?.exemplars ?? points.exponentialHistograms.first?.exemplars)?.count
        }
        #expect(counts == ["small": 4, "large": 20, "one": 1, "c": 1, "g": 1])
    }

    @Test func viewSelectsReservoir() throws {
        let views = [
            MetricView(of: "c", exemplars: .fixedSize(5)), MetricView(of: "h", exemplars: .fixedSize(2)),
            MetricView(of: "x", exemplars: .alignedToBuckets),
        ]
        let rig = try MetricRig(views: views, filter: .alwaysOn)
        for value in 0..<50 {
            rig.meter.counter("c").add(value)
            rig.meter.histogram("h").record(Double(value))
            rig.meter.upDownCounter("x").add(value)
        }
        let points = try rig.collect()
        let five = points["c"]?.numbers.first?.exemplars ?? []
        #expect(five.count == 5 && Set(five.map(\.value)).count == 5)
        #expect(points["h"]?.histograms.first?.exemplars.count == 2 && points["x"]?.numbers.first?.exemplars.count == 1)
        #expect(throws: ConfigurationError.self) { try MetricRig(views: [MetricView(of: "c", exemplars: .fixedSize(0))]) }
    }

    @Test(arguments: [1, 3])
    func measurementsHaveEqualChanceOfSelection(size: Int) throws {
        let rig = try MetricRig(.delta, views: [MetricView(of: "c", exemplars: .fixedSize(size))], filter: .alwaysOn)
        let counter = rig.meter.counter("c")
        // Counts by tenths of a hundred measurements, over many collections.
        var tenths = Array(repeating: 0, count: 10)
        let collections = 3000
        for _ in 0..<collections {
            for value in 0..<100 { counter.add(value) }
            for exemplar in try exemplars(rig, "c") { tenths[Int(exemplar.value.doubleValue) / 10] += 1 }
        }
        let expected = Double(collections * size / 10)
        #expect(tenths.reduce(0, +) == collections * size)
        // More than six standard deviations of such a count.
        #expect(tenths.allSatisfy { abs(Double($0) - expected) < 7 * expected.squareRoot() }, "\(tenths)")
    }

    @Test func sampledMeasurementsAmongUnsampledOnesHaveEqualChanceOfSelection() throws {
        let rig = try MetricRig(.delta, filter: .traceBased)
        let histogram = rig.meter.histogram("h", boundaries: [1000])
        let (sampled, unsampled) = (contextOfSpan(), contextOfSpan(3, isSampled: false))
        var halves = [0, 0]
        for _ in 0..<2000 {
            // Every fourth measurement is in a sampled span.
            for value in 0..<80 { histogram.record(Double(value), context: value % 4 == 1 ? sampled : unsampled) }
            for exemplar in try exemplars(rig, "h") {
                #expect(Int(exemplar.value.doubleValue) % 4 == 1 && exemplar.spanID == SpanID(7))
                halves[exemplar.value.doubleValue < 40 ? 0 : 1] += 1
            }
        }
        #expect(halves.reduce(0, +) == 2000 && halves.allSatisfy { (700...1300).contains($0) }, "\(halves)")
    }

    @Test func attributesRemovedByViewAreFilteredAttributesOfExemplar() throws {
        let rig = try MetricRig(views: [MetricView(of: .all, attributeKeys: .only(["route"]))], filter: .alwaysOn)
        rig.meter.counter("c").add(1, ["route": "/", "user": "ada", "age": 36])
        rig.meter.histogram("h").bind(["route": "/", "user": "bob"]).record(1)
        rig.meter.counter("same").add(1, ["route": "/"])
        rig.meter.observableGauge("g") { $0.observe(1, ["route": "/", "user": "eve"]) }
        let points = try rig.collect()
        #expect(points["c"]?.ints == [["route": "/"]: 1])
        #expect(points["c"]?.numbers.first?.exemplars.map(\.filteredAttributes) == [["user": "ada", "age": 36]])
        #expect(points["h"]?.histograms.first?.exemplars.map(\.filteredAttributes) == [["user": "bob"]])
        #expect(points["same"]?.numbers.first?.exemplars.map(\.filteredAttributes) == [[:]])
        #expect(points["g"]?.numbers.first?.exemplars.map(\.filteredAttributes) == [["user": "eve"]])
    }

    @Test func exemplarOfOverflowSeriesHasAllAttributes() throws {
        let views = [MetricView(of: .all, attributeKeys: .except(["user"]))]
        let rig = try MetricRig(.limited(to: 1), views: views, filter: .alwaysOn)
        let counter = rig.meter.counter("c")
        counter.add(1, ["route": "/"])
        counter.add(1, ["route": "/a", "user": "ada"])
        rig.meter.counter("bound").add(1)
        rig.meter.counter("bound").bind(["route": "/b", "user": "bob"]).add(1)
        rig.meter.observableCounter("o") {
            $0.observe(1)
            $0.observe(2, ["route": "/c", "user": "eve"])
        }
        let points = try rig.collect()
        func overflow(_ name: String) -> [Attributes]? {
            points[name]?.numbers.first { $0.attributes == .overflow }?.exemplars.map(\.filteredAttributes)
        }
        #expect(overflow("c") == [["route": "/a", "user": "ada"]] && overflow("bound") == [["route": "/b", "user": "bob"]])
        #expect(overflow("o") == [["route": "/c", "user": "eve"]])
    }

    @Test func exemplarIsExportedOncePerReader() throws {
        let rig = try MetricRig(MetricReaderOptions(), .delta, filter: .alwaysOn)
        let counter = rig.meter.counter("c")
        counter.add(1)
        rig.clock.advance(by: .seconds(1))
        #expect(try exemplars(rig, "c", 0).count == 1 && (try exemplars(rig, "c", 0).isEmpty))
        #expect(try exemplars(rig, "c", 1).count == 1, "Readers collect exemplars independently.")
        counter.add(2)
        let (sum, change) = (try exemplars(rig, "c", 0), try exemplars(rig, "c", 1))
        #expect(sum.map(\.value) == [2] && change.map(\.value) == [2])
        #expect(sum.map { rig.seconds($0.time) } == [1], "Cumulative points have exemplars of the last collection interval only.")
    }

    @Test func observationsHaveExemplarsOnlyWithAlwaysOnFilter() throws {
        for filter in ExemplarFilter.allCases {
            let rig = try MetricRig(filter: filter)
            rig.meter.observableCounter("o") { observer in contextOfSpan().run { observer.observe(1) } }
            let found = try exemplars(rig, "o")
            #expect(found.count == (filter == .alwaysOn ? 1 : 0) && found.allSatisfy { $0.traceID == nil && $0.value == 1 })
        }
    }

    @Test func exemplarKeepsNumberTypeOfMeasurement() throws {
        let rig = try MetricRig(filter: .alwaysOn)
        rig.meter.counter("c", of: Double.self).add(1.5)
        rig.meter.histogram("h", of: Int.self).record(3)
        let points = try rig.collect()
        #expect(points["c"]?.numbers.first?.exemplars.map(\.value) == [.double(1.5)])
        #expect(points["h"]?.histograms.first?.exemplars.map(\.value) == [.int(3)])
    }
}

/// Reservoirs outside of the SDK.
struct CustomReservoirTests {
    @Test func customReservoirIsMadePerSeriesAndOfferedAllMeasurements() throws {
        let made = Mutex<[RecordingReservoir]>([])
        let choice = ExemplarReservoirChoice.custom {
            let reservoir = RecordingReservoir()
            made.withLock { $0.append(reservoir) }
            return reservoir
        }
        let rig = try MetricRig(views: [MetricView(of: "c", attributeKeys: .only(["k"]), exemplars: choice)], filter: .traceBased)
        let counter = rig.meter.counter("c")
        rig.clock.advance(by: .seconds(2))
        let context = contextOfSpan(8).with(baggage: Baggage.empty.setting("tenant", to: "a"))
        counter.add(1, ["k": 1, "user": "ada"], context: context)
        counter.add(2, ["k": 1], context: contextOfSpan(9, isSampled: false))
        counter.bind(["k": 1, "user": "bob"]).add(3, context: context)
        counter.add(4, ["k": 2], context: context)
        let reservoirs = made.withLock { $0 }
        #expect(reservoirs.count == 2)
        let offers = reservoirs[0].offers
        #expect(offers.map(\.value) == [1, 3] && offers.map(\.attributes) == [["k": 1, "user": "ada"], ["k": 1, "user": "bob"]])
        #expect(offers.allSatisfy { $0.context.spanContext.spanID == SpanID(8) && $0.context.baggage["tenant"] == "a" })
        #expect(offers.allSatisfy { rig.seconds($0.time) == 2 })
        let points = try #require(try rig.collect()["c"]?.numbers)
        #expect(points.map(\.exemplars.count) == [2, 1])
        #expect(
            points.first?.exemplars.map(\.filteredAttributes) == [["user": "ada"], ["user": "bob"]], "Those of the series are left out.")
        #expect(try rig.collect()["c"]?.numbers.allSatisfy { $0.exemplars.isEmpty } == true)
    }

    @Test func readersHaveSeparateReservoirs() throws {
        let choice = ExemplarReservoirChoice.custom { RecordingReservoir() }
        let rig = try MetricRig(
            MetricReaderOptions(), MetricReaderOptions(), views: [MetricView(of: "h", exemplars: choice)], filter: .alwaysOn)
        rig.meter.histogram("h").record(1)
        for reader in 0...1 { #expect(try rig.collect(reader)["h"]?.histograms.first?.exemplars.count == 1) }
        #expect(try rig.collect(0)["h"]?.histograms.first?.count == 1)
    }

    @Test func reservoirMayRecordMeasurements() throws {
        // The reservoir is called without a lock held, so recording in it cannot deadlock.
        let meters = SharedValue<Meter?>(nil)
        let choice = ExemplarReservoirChoice.custom { MeasuringReservoir(meters) }
        let rig = try MetricRig(.limited(to: 1, delta: true), views: [MetricView(of: "c", exemplars: choice)], filter: .alwaysOn)
        meters.value = rig.meter
        rig.meter.counter("c").add(1)
        let points = try rig.collect()
        #expect(
            points["c"]?.ints[[:]] == 1 && points["inner"]?.ints == [[:]: 2], "The reservoir records once in offer and once in collect.")
        meters.value = nil
    }
}

private final class RecordingReservoir: ExemplarReservoir {
    struct Offer {
        let value: MetricNumber
        let attributes: Attributes
        let context: Context
        let time: Timestamp
    }

    private let kept = Mutex<[Offer]>([])

    var offers: [Offer] { kept.withLock { $0 } }

    func offer(_ value: MetricNumber, attributes: Attributes, context: Context, time: Timestamp) {
        kept.withLock { $0.append(Offer(value: value, attributes: attributes, context: context, time: time)) }
    }

    func collect() -> [Exemplar] {
        kept.withLock { kept in
            defer { kept = [] }
            return kept.map { Exemplar(value: $0.value, time: $0.time, filteredAttributes: $0.attributes) }
        }
    }
}

private final class MeasuringReservoir: ExemplarReservoir {
    private let meter: SharedValue<Meter?>

    init(_ meter: SharedValue<Meter?>) {
        self.meter = meter
    }

    private func measure() {
        meter.value?.counter("inner").add(1)
        // Makes another series of the metric whose exemplars these are.
        meter.value?.counter("c").add(0, ["id": 1], context: .root)
    }

    func offer(_ value: MetricNumber, attributes: Attributes, context: Context, time: Timestamp) {
        if attributes.isEmpty { measure() }
    }

    func collect() -> [Exemplar] {
        measure()
        return []
    }
}

extension ManualClock {
    fileprivate var wallNanosecondsAsTimestamp: Timestamp { Timestamp(nanosecondsSinceEpoch: wallNanoseconds()) }
}
