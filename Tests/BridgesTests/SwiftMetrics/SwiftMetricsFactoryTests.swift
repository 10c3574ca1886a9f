// The swift-metrics factory, through the public API of that package.

#if SwiftMetrics
    import CoreMetrics
    import Metrics
    import Testing

    @testable import Telemetry

    struct SwiftMetricsFactoryTests {
        private let rig: MetricRig
        private let factory: SwiftMetricsFactory

        init() throws {
            rig = try MetricRig()
            factory = SwiftMetricsFactory(rig.meter)
        }

        // MARK: Counters

        @Test func countersAddUp() throws {
            let counter = CoreMetrics.Counter(label: "requests", dimensions: [("route", "/albums"), ("method", "GET")], factory: factory)
            counter.increment()
            counter.increment(by: 41)
            let bytes = CoreMetrics.FloatingPointCounter(label: "energy", factory: factory)
            bytes.increment(by: 0.25)
            bytes.increment()
            let points = try rig.collect()
            #expect(points["requests"]?.ints == [["method": "GET", "route": "/albums"]: 42])
            #expect(points["energy"]?.doubles == [[:]: 1.25])
            guard case .sum(_, .cumulative, isMonotonic: true) = points["requests"] else {
                Issue.record("Counters become sums that only grow.")
                return
            }
        }

        @Test func newCounterReportsZero() throws {
            _ = CoreMetrics.Counter(label: "errors", dimensions: [("kind", "disk")], factory: factory)
            _ = CoreMetrics.FloatingPointCounter(label: "loss", factory: factory)
            let points = try rig.collect()
            #expect(points["errors"]?.ints == [["kind": "disk"]: 0])
            #expect(points["loss"]?.doubles == [[:]: 0])
        }

        @Test func initialZeroOfCounterHasNoExemplar() throws {
            let rig = try MetricRig(filter: .traceBased)
            let factory = SwiftMetricsFactory(rig.meter)
            contextOfSpan(7).run {
                let counter = CoreMetrics.Counter(label: "errors", factory: factory)
                #expect((try? rig.collect()["errors"]?.numbers.first?.exemplars.count) == 0)
                counter.increment(by: 3)
            }
            let exemplars = try #require(try rig.collect()["errors"]?.numbers.first).exemplars
            #expect(exemplars.map(\.value) == [3] && exemplars.first?.spanID == SpanID(7))
        }

        @Test func whatACounterDoesNotTakeIsDroppedAndCounted() throws {
            let counter = CoreMetrics.Counter(label: "c", factory: factory)
            let floatingPoint = CoreMetrics.FloatingPointCounter(label: "f", factory: factory)
            counter.increment(by: -1)
            floatingPoint.increment(by: -0.5)
            floatingPoint.increment(by: Double.nan)
            floatingPoint.increment(by: Double.infinity)
            counter.increment(by: 2)
            let points = try rig.collect()
            #expect(points["c"]?.ints == [[:]: 2] && points["f"]?.doubles == [[:]: 0])
            #expect(rig.provider.refusals.negativeCount == 2 && rig.provider.refusals.notFiniteCount == 2)
        }

        @Test func resetIsIgnoredAndReported() throws {
            let messages = Journal<String>()
            Diagnostics.setHandler { messages.note($0.message) }
            defer { Diagnostics.setHandler(nil) }
            let counter = CoreMetrics.Counter(label: "jobs", factory: factory)
            let floatingPoint = CoreMetrics.FloatingPointCounter(label: "hours", factory: factory)
            counter.increment(by: 5)
            floatingPoint.increment(by: 0.5)
            counter.reset()
            floatingPoint.reset()
            #expect(try rig.ints("jobs") == [[:]: 5])
            #expect(try rig.collect()["hours"]?.doubles == [[:]: 0.5])
            // Once in a while: a program that resets with each report would have nothing else to read.
            #expect(messages.entries.count { $0.contains("not reset") } == 1 && messages.entries.contains { $0.contains("\"jobs\"") })
        }

        // MARK: Recorders and timers

        @Test func recorderIsHistogramOfIntegersAndDoubles() throws {
            let recorder = Recorder(label: "size", dimensions: [("kind", "cover")], factory: factory)
            for size in [3, 7, 80] { recorder.record(size) }
            recorder.record(0.5)
            let point = try #require(try rig.collect()["size"]?.histograms.first)
            #expect(point.attributes == ["kind": "cover"] && point.count == 4 && point.sum == 90.5)
            #expect(point.min == 0.5 && point.max == 80 && point.boundaries == Aggregation.defaultBoundaries)
            recorder.record(-1)
            #expect(rig.provider.refusals.negativeCount == 1)
        }

        @Test func timerIsHistogramInSeconds() throws {
            let timer = CoreMetrics.Timer(label: "latency", factory: factory)
            timer.recordNanoseconds(2_500_000)
            timer.recordMilliseconds(30)
            timer.recordSeconds(20)
            timer.record(duration: .milliseconds(250))
            let metric = try #require(try rig.readers[0].collect().metrics.first { $0.name == "latency" })
            #expect(metric.unit == "s")
            let point = try #require(metric.points.histograms.first)
            #expect(point.sum == 0.0025 + 0.03 + 20 + 0.25 && point.min == 0.0025 && point.max == 20)
            #expect(point.boundaries.first == 0.0005 && point.boundaries.last == 10)
            // A value that is a boundary belongs to the bucket below it.
            #expect(point.bucketCounts == [0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1])
        }

        @Test func whatATimerPrefersToBeShownInDoesNotChangeWhatIsTold() throws {
            let timer = CoreMetrics.Timer(label: "latency", preferredDisplayUnit: .milliseconds, factory: factory)
            timer.recordMicroseconds(1500)
            let metrics = try rig.readers[0].collect().metrics
            #expect(metrics.map(\.unit) == ["s"] && metrics.first?.points.histograms.first?.sum == 0.0015)
        }

        @Test func whatIsMeasuredInClosuresIsRecorded() async throws {
            let body: @Sendable () -> Int = { 6 * 7 }
            #expect(CoreMetrics.Timer.measure(label: "work", factory: factory, body: body) == 42)
            let timer = CoreMetrics.Timer(label: "work", factory: factory)
            #expect(timer.measure(body: body) == 42)
            #expect(await timer.measure { await Task { 42 }.value } == 42)
            let point = try #require(try rig.collect()["work"]?.histograms.first)
            #expect(point.count == 3 && (point.min ?? -1) >= 0 && (point.max ?? 60) < 60)
        }

        @Test func viewAppliesToLabel() throws {
            let views = [
                MetricView(of: .instruments("size", meter: "test"), aggregation: .explicitBucketHistogram(boundaries: [1, 2])),
                MetricView(of: .instruments("slow", kind: .histogram, unit: "s"), name: "slow.duration", attributeKeys: .only([])),
            ]
            let rig = try MetricRig(views: views)
            let factory = SwiftMetricsFactory(rig.meter)
            Recorder(label: "size", factory: factory).record(1.5)
            for user in ["a", "b"] { CoreMetrics.Timer(label: "slow", dimensions: [("user", user)], factory: factory).recordSeconds(1) }
            let points = try rig.collect()
            #expect(points["size"]?.histograms.first?.bucketCounts == [0, 1, 0])
            #expect(points["slow.duration"]?.histograms.map(\.count) == [2])
        }

        // MARK: Series

        @Test func dimensionsInAnyOrderAreOneSeries() throws {
            let dimensions = [("a", "1"), ("b", "2")]
            let factories = [factory, SwiftMetricsFactory(rig.meter)]
            for (factory, dimensions) in zip(factories, [dimensions, dimensions.reversed()]) {
                CoreMetrics.Counter(label: "c", dimensions: dimensions, factory: factory).increment()
                CoreMetrics.FloatingPointCounter(label: "f", dimensions: dimensions, factory: factory).increment(by: 0.5)
                CoreMetrics.Meter(label: "m", dimensions: dimensions, factory: factory).increment(by: 2)
                Recorder(label: "r", dimensions: dimensions, factory: factory).record(1)
                CoreMetrics.Timer(label: "t", dimensions: dimensions, factory: factory).recordNanoseconds(1)
            }
            let (points, attributes) = (try rig.collect(), ["a": "1", "b": "2"] as Attributes)
            #expect(points["c"]?.ints == [attributes: 2] && points["f"]?.doubles == [attributes: 1])
            #expect(points["m"]?.doubles == [attributes: 4])
            #expect(points["r"]?.histograms.map(\.count) == [2] && points["t"]?.histograms.map(\.count) == [2])
        }

        @Test func ofARepeatedDimensionTheLastValueCountsAndOneWithoutANameIsLeftOut() throws {
            CoreMetrics.Counter(label: "c", dimensions: [("a", "1"), ("", "x"), ("a", "2")], factory: factory).increment()
            CoreMetrics.Counter(label: "c", dimensions: [("a", "2")], factory: factory).increment()
            let gauge = CoreMetrics.Gauge(label: "g", dimensions: [("a", "1"), ("", "x"), ("a", "2")], factory: factory)
            CoreMetrics.Gauge(label: "g", dimensions: [("a", "2")], factory: factory).record(7)
            let points = try rig.collect()
            #expect(points["c"]?.ints == [["a": "2"]: 2] && points["g"]?.doubles == [["a": "2"]: 7])
            gauge.destroy()
        }

        @Test func handlersThatAreGoneKeepNoSeries() throws {
            let rig = try MetricRig(.limited(to: 2, delta: true))
            let factory = SwiftMetricsFactory(rig.meter)
            for request in 0..<20 {
                let dimensions = [("request", "\(request)")]
                CoreMetrics.Counter(label: "c", dimensions: dimensions, factory: factory).increment()
                CoreMetrics.Timer(label: "t", dimensions: dimensions, factory: factory).recordNanoseconds(1)
                Recorder(label: "r", dimensions: dimensions, factory: factory).record(1)
                let points = try rig.collect()
                // A series that a handler kept would take the room of this one.
                #expect(points["c"]?.ints == [["request": .string("\(request)")]: 1])
                #expect(points["t"]?.histograms.map(\.attributes) == [["request": .string("\(request)")]])
                #expect(points["r"]?.histograms.map(\.attributes) == [["request": .string("\(request)")]])
            }
        }

        @Test func whatWasCountedStaysWhenItsCounterIsDestroyed() throws {
            let counter = CoreMetrics.Counter(label: "c", factory: factory)
            let floatingPoint = CoreMetrics.FloatingPointCounter(label: "f", factory: factory)
            let (timer, recorder) = (CoreMetrics.Timer(label: "t", factory: factory), Recorder(label: "r", factory: factory))
            counter.increment()
            floatingPoint.increment()
            timer.recordNanoseconds(1)
            recorder.record(1)
            counter.destroy()
            floatingPoint.destroy()
            timer.destroy()
            recorder.destroy()
            #expect(try rig.collect().keys.sorted() == ["c", "f", "r", "t"])
            CoreMetrics.Counter(label: "c", factory: factory).increment()
            #expect(try rig.ints("c") == [[:]: 2])
        }

        @Test func labelOfTwoKindsIsReportedAndBothAreExported() throws {
            let messages = Journal<String>()
            Diagnostics.setHandler { messages.note($0.message) }
            defer { Diagnostics.setHandler(nil) }
            CoreMetrics.Counter(label: "work", factory: factory).increment()
            CoreMetrics.Timer(label: "work", factory: factory).recordSeconds(1)
            CoreMetrics.Timer(label: "work", factory: factory).recordSeconds(1)
            #expect(try rig.readers[0].collect().metrics.map(\.name) == ["work", "work"])
            let told = messages.entries.filter { $0.contains("several metrics with the name \"work\"") }
            #expect(told.count == 1 && told.first?.contains("Rename one of them") == true)
        }

        // MARK: Threads

        @Test func nothingIsLostWhenTwoThreadsMeasureAtOnce() throws {
            let factory = factory
            let rounds = 20_000
            #expect(
                onThreads(2) { _ in
                    let counter = CoreMetrics.Counter(label: "c", dimensions: [("k", "v")], factory: factory)
                    let floatingPoint = CoreMetrics.FloatingPointCounter(label: "f", factory: factory)
                    let meter = CoreMetrics.Meter(label: "m", factory: factory)
                    let timer = CoreMetrics.Timer(label: "t", factory: factory)
                    for round in 1...rounds {
                        counter.increment()
                        floatingPoint.increment(by: 0.5)
                        meter.increment(by: 3)
                        meter.decrement(by: 1)
                        timer.recordNanoseconds(round)
                        if round.isMultiple(of: 100) { CoreMetrics.Counter(label: "made", factory: factory).increment() }
                    }
                })
            let points = try rig.collect()
            #expect(points["c"]?.ints == [["k": "v"]: Int64(2 * rounds)] && points["made"]?.ints == [[:]: Int64(2 * rounds / 100)])
            #expect(points["f"]?.doubles == [[:]: Double(rounds)] && points["m"]?.doubles == [[:]: Double(4 * rounds)])
            #expect(points["t"]?.histograms.map(\.count) == [UInt64(2 * rounds)])
        }
    }
#endif
