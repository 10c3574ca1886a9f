// Meters, collection, producers and shutdown of a provider.

import Synchronization
import Testing

@testable import Telemetry

struct MeterProviderTests {
    private static let far = Deadline.after(.seconds(300))

    @Test func equalScopeReturnsSameMeter() throws {
        let rig = try MetricRig()
        #expect(rig.provider.meter(InstrumentationScope(name: "test")) === rig.meter)
        let all = InstrumentationScope(name: "n", version: "1", schemaURL: "u", attributes: ["a": 1])
        #expect(rig.provider.meter(all) === rig.provider.meter(all) && rig.provider.meter(all).instrumentationScope == all)
    }

    @Test func eachScopeFieldDistinguishesMeters() throws {
        let rig = try MetricRig()
        let scopes = [
            InstrumentationScope(name: "n"), InstrumentationScope(name: "n", version: "1"), InstrumentationScope(name: "n", schemaURL: "u"),
            InstrumentationScope(name: "n", attributes: ["a": 1]), InstrumentationScope(name: "N"),
        ]
        let meters = scopes.map(rig.provider.meter)
        #expect(Set(meters.map { ObjectIdentifier($0) }).count == 5)
        for meter in meters { meter.counter("c").add(1) }
        let batch = try rig.readers[0].collect()
        #expect(batch.scopes.map(\.instrumentationScope) == scopes && batch.metrics.allSatisfy { $0.points.ints == [[:]: 1] })
    }

    @Test func meterWithEmptyNameWorksAndKeepsName() throws {
        let rig = try MetricRig()
        let meter = rig.provider.meter(InstrumentationScope(name: "", version: "2"))
        meter.counter("c").add(1)
        #expect(meter.instrumentationScope.name.isEmpty && meter.instrumentationScope.version == "2")
        #expect(try rig.readers[0].collect().scopes.map(\.instrumentationScope) == [InstrumentationScope(name: "", version: "2")])
    }

    @Test func batchHasResourceOfProvider() throws {
        let rig = try MetricRig()
        rig.meter.counter("c").add(1)
        #expect(try rig.readers[0].collect().resource.attributes["service.name"] == "shop")
    }

    @Test func providersAreIndependent() throws {
        let (one, other) = (try MetricRig(), try MetricRig())
        one.meter.counter("c").add(1)
        other.meter.counter("c").add(2)
        #expect(one.meter !== other.meter)
        #expect(try one.ints("c") == [[:]: 1] && (try other.ints("c")) == [[:]: 2])
    }

    @Test func providerWithoutReadersRecordsNothing() throws {
        let provider = try MeterProvider(resource: .empty, readers: [])
        let meter = provider.meter(InstrumentationScope(name: "m"))
        #expect(!meter.counter("c").isEnabled && !meter.observableGauge("g").isEnabled)
        meter.counter("c").add(1)
        meter.counter("c").bind(["k": 1]).add(1)
        provider.update(.enablingAll)
        #expect(!meter.counter("c").isEnabled && !MeterProvider.disabled.meter(InstrumentationScope(name: "m")).gauge("g").isEnabled)
    }

    @Test func metersBeyondLimitShareWorkingMeter() throws {
        let rig = try MetricRig()
        for number in 1..<ScopeRegistry<Meter>.maximumMembers { _ = rig.provider.meter(InstrumentationScope(name: "\(number)")) }
        let (one, other) = (rig.provider.meter(InstrumentationScope(name: "x")), rig.provider.meter(InstrumentationScope(name: "y")))
        #expect(
            one === other && one.instrumentationScope.name.isEmpty && rig.provider.meter(InstrumentationScope(name: "test")) === rig.meter)
        one.counter("c").add(1)
        #expect(try rig.ints("c") == [[:]: 1])
    }

    @Test func configuratorDisablesAndReenablesMeters() throws {
        let rig = try MetricRig(configurator: .disabling("noisy.*"))
        let (noisy, quiet) = (rig.provider.meter(InstrumentationScope(name: "noisy.one")), rig.meter)
        let (dropped, kept) = (noisy.counter("dropped"), quiet.counter("kept"))
        let bound = kept.bind()
        dropped.add(1)
        kept.add(1)
        #expect(try !dropped.isEnabled && kept.isEnabled && (try rig.collect().mapValues(\.ints)) == ["kept": [[:]: 1]])
        // The first takes the lock, and the others are added without it.
        for _ in 0..<3 { bound.add(1) }
        // It applies to existing meters and instruments, and to later ones.
        rig.provider.update(.enablingOnly("noisy.*"))
        dropped.add(2)
        kept.add(2)
        bound.add(2)
        #expect(dropped.isEnabled && !kept.isEnabled && !quiet.counter("new").isEnabled)
        #expect(noisy.counter("new").isEnabled && !rig.provider.meter(InstrumentationScope(name: "later")).gauge("g").isEnabled)
        #expect(try rig.collect().mapValues(\.ints) == ["dropped": [[:]: 2]], "Disabled meters are not collected.")
        rig.provider.update(.enablingAll)
        bound.add(3)
        #expect(try rig.collect().mapValues(\.ints) == ["dropped": [[:]: 2], "kept": [[:]: 7]])
    }

    @Test func configuratorMayRequestMeters() throws {
        let provider = SharedValue<MeterProvider?>(nil)
        let configurator = MeterConfigurator { scope in
            if scope.name != "inner" { _ = provider.value?.meter(InstrumentationScope(name: "inner")) }
            return nil
        }
        let rig = try MetricRig(configurator: configurator)
        provider.value = rig.provider
        #expect(rig.provider.meter(InstrumentationScope(name: "outer")).counter("c").isEnabled)
        rig.provider.update(configurator)
        provider.value = nil
    }

    @Test func shutdownEndsReadersAndMeters() async throws {
        let rig = try MetricRig()
        let (counter, gauge) = (rig.meter.counter("c"), rig.meter.observableGauge("g") { $0.observe(1) })
        let bound = counter.bind()
        counter.add(1)
        #expect(await rig.provider.requests(isShutdown: false, Self.far).waitWithoutBlocking() == .completed)
        #expect(try counter.isEnabled && (try rig.collect().count == 2))
        #expect(await rig.provider.requests(isShutdown: true, Self.far).waitWithoutBlocking() == .completed)
        #expect(throws: MetricCollectionError.shutDown) { try rig.readers[0].collect() }
        #expect(!counter.isEnabled && !gauge.isEnabled && !rig.meter.counter("new").isEnabled)
        #expect(!rig.provider.meter(InstrumentationScope(name: "new")).counter("c").isEnabled)
        counter.add(1)
        bound.add(1)
        rig.provider.update(.enablingAll)
        #expect(!counter.isEnabled, "The instrument stays disabled.")
        #expect(await rig.provider.requests(isShutdown: true, Self.far).waitWithoutBlocking() == .completed)
        #expect(rig.provider.requests(isShutdown: false, Self.far).isEmpty)
    }

    @Test func shutdownExportsEarlierMeasurements() async throws {
        let probe = MetricProbe(temporality: .delta)
        let reader = PeriodicMetricReader(probe)
        let provider = try MeterProvider(resource: .empty, readers: [reader])
        let counter = provider.meter(InstrumentationScope(name: "m")).counter("c")
        counter.add(1, ["k": 1])
        #expect(await provider.requests(isShutdown: false, Self.far).waitWithoutBlocking() == .completed)
        counter.add(1, ["k": 1])
        counter.add(1, ["k": 2])
        #expect(await provider.requests(isShutdown: true, Self.far).waitWithoutBlocking() == .completed)
        #expect(probe.state.batches == [["c": 1], ["c": 2]] && probe.state.shutdowns == 1)
    }

    @Test func readersAreFlushedAndShutDownConcurrently() async throws {
        // The second reader would not be called if the provider waited for the first.
        let gate = Suspension()
        let readers = [GatedReader { await gate.wait() }, GatedReader { gate.resume() }]
        let provider = try MeterProvider(resource: .empty, readers: readers)
        #expect(await provider.requests(isShutdown: true, Self.far).waitWithoutBlocking() == .completed)
        #expect(!provider.meter(InstrumentationScope(name: "m")).counter("c").isEnabled)
    }

    @Test func metersAreDisabledWhenShutdownReturns() async throws {
        for _ in 0..<200 {
            let provider = try MeterProvider(resource: .empty, readers: [GatedReader {}, GatedReader {}])
            let counter = provider.meter(InstrumentationScope(name: "m")).counter("c")
            #expect(await provider.requests(isShutdown: true, Self.far).waitWithoutBlocking() == .completed)
            #expect(!counter.isEnabled)
        }
    }

    @Test func readerMayOutliveProvider() throws {
        let reader = PullMetricReader()
        do {
            let provider = try MeterProvider(resource: .empty, readers: [reader])
            provider.meter(InstrumentationScope(name: "m")).counter("c").add(1)
            #expect(try reader.collect().pointCount == 1)
        }
        #expect(throws: MetricCollectionError.shutDown) { try reader.collect() }
    }

    @Test func instrumentsMayOutliveProvider() throws {
        var rig: MetricRig? = try MetricRig()
        let counter = try #require(rig?.meter.counter("c"))
        let bound = counter.bind(["k": 1])
        rig = nil
        counter.add(1)
        bound.add(1)
        counter.add(1, ["new": 1])
    }

    @Test func invalidReaderAndViewSettingsAreErrors() {
        let options = [
            MetricReaderOptions(cardinalityLimits: [.counter: 0]),
            MetricReaderOptions(aggregations: [.histogram: .explicitBucketHistogram(boundaries: [2, 1])]),
        ]
        for options in options { #expect(throws: ConfigurationError.self) { try MetricRig(options) } }
        for view in [MetricView(of: .all, name: "x"), MetricView(of: .all, cardinalityLimit: 0)] {
            #expect(throws: ConfigurationError.self) { try MetricRig(views: [view]) }
        }
    }

    @Test func producersAddMetricsAndReceiveFilter() throws {
        struct Failure: Error {}
        let receivedFilter = SharedValue(false)
        let good = MadeUpProducer { filter in
            receivedFilter.value = filter != nil
            let time = Timestamp(nanosecondsSinceEpoch: 1)
            let points = MetricPoints.gauge([NumberPoint(startTime: time, time: time, value: 1)])
            return [
                ScopeMetrics(
                    instrumentationScope: InstrumentationScope(name: "elsewhere"), metrics: [MetricData(name: "p", points: points)])
            ]
        }
        let bad = MadeUpProducer { _ in throw Failure() }
        let rig = try MetricRig(MetricReaderOptions(producers: [bad, good], filter: AcceptingAll()), MetricReaderOptions())
        rig.meter.counter("c").add(1)
        let batch = try rig.readers[0].collect()
        #expect(
            batch.scopes.map(\.instrumentationScope.name) == ["test", "elsewhere"] && batch.metrics.map(\.name) == ["c", "p"]
                && receivedFilter.value)
        #expect(try rig.collect(1).keys.sorted() == ["c"], "Producers belong to one reader.")
    }

    @Test func threadsMayRequestConfigureAndCollectConcurrently() throws {
        let rig = try MetricRig(MetricReaderOptions(), .delta)
        let (provider, readers) = (rig.provider, rig.readers)
        #expect(
            onThreads(6) { thread in
                for round in 0..<300 {
                    switch thread {
                    case 0: provider.update(round % 2 == 0 ? .disabling("*") : .enablingAll)
                    case 1, 2: _ = try? readers[thread - 1].collect()
                    default:
                        let meter = provider.meter(InstrumentationScope(name: "m\(round % 10)"))
                        meter.counter("c\(round % 7)").add(1, ["k": AttributeValue(round % 3)])
                        meter.observableGauge("g\(thread)") { $0.observe(1) }.addCallback { _ in }.unregister()
                    }
                }
            })
        provider.update(.enablingAll)
        provider.meter(InstrumentationScope(name: "m1")).counter("last").add(1)
        #expect(try rig.ints("last") == [[:]: 1])
    }

    private struct AcceptingAll: MetricFilter {
        func verdict(on metric: MetricIdentity) -> MetricFilterVerdict { .accept }
    }

    private struct MadeUpProducer: MetricProducer {
        let body: @Sendable ((any MetricFilter)?) throws -> [ScopeMetrics]

        func produce(filter: (any MetricFilter)?, deadline: Deadline) throws -> [ScopeMetrics] { try body(filter) }
    }

    private struct GatedReader: MetricReader {
        let options = MetricReaderOptions()
        let whenShutDown: @Sendable () async -> Void

        init(_ whenShutDown: @escaping @Sendable () async -> Void) {
            self.whenShutDown = whenShutDown
        }

        func register(_ collector: MetricCollector) {}

        func forceFlush(deadline: Deadline) async -> FlushResult { .completed }

        func shutdown(deadline: Deadline) async -> FlushResult {
            await whenShutDown()
            return .completed
        }
    }
}
