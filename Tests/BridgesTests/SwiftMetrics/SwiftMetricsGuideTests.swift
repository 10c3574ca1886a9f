// From a program that measures with swift-metrics to exporters; and the examples of the guide to bridges, word for word.

#if SwiftMetrics
    import CoreMetrics
    import Metrics
    import Testing

    @testable import Telemetry

    struct SwiftMetricsGuideTests {
        private static func telemetry(_ readers: any MetricReader..., isOff: Bool = false) throws -> TelemetrySystem {
            TelemetrySystem(
                resource: .empty, propagator: .composite([]),
                tracerProvider: TracerProvider(
                    resource: .empty, sampler: .alwaysOn, limits: SpanLimits(), processors: [], idGenerator: nil, clock: .system),
                meterProvider: isOff ? .disabled : try MeterProvider(resource: .empty, readers: readers))
        }

        private func measure(_ factory: any MetricsFactory) {
            CoreMetrics.Counter(label: "albums_created", dimensions: [("genre", "jazz")], factory: factory).increment(by: 3)
            CoreMetrics.Meter(label: "pool.size", factory: factory).set(7.5)
            CoreMetrics.Timer(label: "lookup", factory: factory).recordMilliseconds(20)
        }

        @Test func whatIsMeasuredIsExported() async throws {
            let memory = InMemoryMetricExporter()
            let telemetry = try Self.telemetry(.periodic(memory))
            measure(telemetry.swiftMetricsFactory)
            measure(telemetry.swiftMetricsFactory)
            #expect(await telemetry.forceFlush() == .completed)
            #expect(memory.value(of: "albums_created", ["genre": "jazz"]) == 6)
            #expect(memory.value(of: "pool.size") == .double(7.5))
            #expect(memory.points(of: "lookup")?.histograms.first?.sum == 0.04)
            #expect(memory.batches.first?.scopes.map(\.instrumentationScope.name) == ["swift-metrics"])
            #expect(await telemetry.shutdown() == .completed)
        }

        @Test func whatIsMeasuredStandsOnThePageOfPrometheus() async throws {
            var options = PrometheusOptions()
            options.includesTargetInfo = false
            options.includesScopeLabels = false
            let telemetry = try Self.telemetry(PrometheusExporter(hasEndpoint: false, options: options))
            measure(telemetry.swiftMetricsFactory)
            let page = String(decoding: await telemetry.prometheus.page().body, as: UTF8.self)
            let lines = page.split(separator: "\n").filter { !$0.contains("_bucket") }
            #expect(
                lines == [
                    "# TYPE albums_created_total counter", "albums_created_total{genre=\"jazz\"} 3", "# TYPE pool_size gauge",
                    "pool_size 7.5", "# TYPE lookup_seconds histogram", "lookup_seconds_sum 0.02", "lookup_seconds_count 1",
                ])
            #expect(page.contains("lookup_seconds_bucket{le=\"0.01\"} 0\nlookup_seconds_bucket{le=\"0.025\"} 1\n"))
        }

        @Test func whenTelemetryIsOffOrShutDownMeasuringDoesNothing() async throws {
            let off = try Self.telemetry(isOff: true)
            measure(off.swiftMetricsFactory)
            let (memory, without) = (InMemoryMetricExporter(), try Self.telemetry())
            measure(without.swiftMetricsFactory)
            let telemetry = try Self.telemetry(.periodic(memory))
            let counter = CoreMetrics.Counter(label: "before", factory: telemetry.swiftMetricsFactory)
            let meter = CoreMetrics.Meter(label: "level", factory: telemetry.swiftMetricsFactory)
            counter.increment()
            meter.set(1)
            #expect(await telemetry.shutdown() == .completed)
            let batches = memory.batches.count
            #expect(memory.value(of: "before") == 1 && memory.value(of: "level") == .double(1))
            counter.increment()
            meter.increment()
            meter.destroy()
            measure(telemetry.swiftMetricsFactory)
            _ = await telemetry.forceFlush()
            #expect(memory.batches.count == batches && telemetry.health.negativeMeasurements == 0)
        }

        /// A process bootstraps once: nothing else in these tests does.
        @Test func aProgramBootstrapsOnceAndMeasuresWithoutNamingTheFactory() throws {
            let reader = PullMetricReader()
            let telemetry = try Self.telemetry(reader)
            MetricsSystem.bootstrap(telemetry.swiftMetricsFactory)

            CoreMetrics.Counter(label: "albums.created", dimensions: [("genre", "jazz")]).increment()
            let isFound = CoreMetrics.Timer.measure(label: "albums.lookup") { true }

            let taskLocal = PullMetricReader()
            withMetricsFactory(try Self.telemetry(taskLocal).swiftMetricsFactory) {
                CoreMetrics.Counter(label: "elsewhere").increment()
            }

            #expect(isFound)
            #expect(try reader.collect().metrics.map(\.name).sorted() == ["albums.created", "albums.lookup"])
        }

        // MARK: Examples of the guide that start the telemetry of the process: compiled, and not run

        private func bootstrap() throws {
            let telemetry = try TelemetrySystem.start(resource: .service("album-store"), metrics: [.prometheus()])
            MetricsSystem.bootstrap(telemetry.swiftMetricsFactory)
        }

        private func boundaries() throws {
            let telemetry = try TelemetrySystem.start(
                metrics: [.prometheus()],
                views: [MetricView(of: .instruments("album_size", meter: "swift-metrics"), aggregation: .exponentialHistogram())])
            _ = telemetry
        }

        private func severalMeters(_ telemetry: TelemetrySystem) {
            let factory = SwiftMetricsFactory(telemetry.meter("checkout", version: "2.1.0"))
            withMetricsFactory(factory) { _ = CoreMetrics.Counter(label: "orders") }
        }

        @Test func theExamplesOfTheGuideStandHere() throws {
            let examples = try GuideExamples("Bridges.md", section: "swift-metrics")
            #expect(examples.blocks.count == 3)
            #expect(try examples.missing(in: #filePath) == [])
        }
    }
#endif
