// SDK metrics as a reader collects them.

import Testing

@testable import Telemetry

struct SelfMetricsTests {
    private let reader = PullMetricReader()

    private func metrics(_ batch: MetricBatch) -> [String: MetricData] {
        let own = batch.scopes.filter { $0.instrumentationScope.name == "swift-telemetry" }
        return Dictionary(own.flatMap(\.metrics).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The values of a metric by their attributes, without the names of components.
    private func values(_ metric: MetricData?, _ keys: String...) -> [[String]: Int] {
        var values: [[String]: Int] = [:]
        for point in metric?.points.numbers ?? [] {
            let attributes = point.attributes.dictionary
            guard case .int(let value) = point.value else { continue }
            values[keys.map { attributes[$0].map { "\($0)" } ?? "-" }] = Int(value)
        }
        return values
    }

    private func tracing(_ processors: any SpanProcessor...) -> TracerProvider {
        TracerProvider(
            resource: .empty, sampler: .parentBased(.alwaysOn), limits: SpanLimits(), processors: processors, idGenerator: nil,
            clock: .system, countsSpans: true)
    }

    @Test func spanPipelineMetricsMatchTheConventions() async throws {
        let failing = ProbeExporter(failure: .partiallyRejected(count: 1, reason: "old"))
        let tracing = tracing(BatchSpanProcessor(failing, options: BatchOptions(maxQueueSize: 64, scheduleDelay: .seconds(3600))))
        let provider = try MeterProvider(resource: .empty, readers: [reader])
        SelfMetrics.register(on: provider, tracing: tracing)
        let tracer = tracing.tracer(InstrumentationScope(name: "tests"))
        for _ in 0..<3 { tracer.startSpan("x", parent: .root).end() }
        let open = tracer.startSpan("x", parent: Context.root.with(spanContext: .madeUp(isRemote: true)))
        tracer.startSpan("x", parent: Context.root.with(spanContext: .madeUp(isSampled: false))).end()

        let before = metrics(try reader.collect())
        #expect(
            values(before["otel.sdk.span.started"], "otel.span.parent.origin", "otel.span.sampling_result")
                == [["none", "RECORD_AND_SAMPLE"]: 3, ["remote", "RECORD_AND_SAMPLE"]: 1, ["local", "DROP"]: 1])
        #expect(values(before["otel.sdk.span.live"], "otel.span.sampling_result") == [["RECORD_AND_SAMPLE"]: 1])
        let type = "otel.component.type"
        #expect(values(before["otel.sdk.processor.span.queue.size"], type) == [["batching_span_processor"]: 3])
        #expect(values(before["otel.sdk.processor.span.queue.capacity"], type) == [["batching_span_processor"]: 64])
        #expect(values(before["otel.sdk.processor.span.processed"], type) == [["batching_span_processor"]: 0])

        open.end()
        _ = await tracing.forceFlush(deadline: .after(.seconds(60)))
        let after = metrics(try reader.collect())
        #expect(values(after["otel.sdk.span.live"], "otel.span.sampling_result") == [["RECORD_AND_SAMPLE"]: 0])
        #expect(values(after["otel.sdk.processor.span.processed"], "error.type") == [["-"]: 4])
        #expect(values(after["otel.sdk.exporter.span.inflight"], type) == [["ProbeExporter"]: 0])
        #expect(values(after["otel.sdk.exporter.span.exported"], "error.type") == [["-"]: 3, ["rejected"]: 1])
        let duration = try #require(after["otel.sdk.exporter.operation.duration"])
        let points = duration.points.histograms
        #expect(points.count == 1 && points[0].count == 1 && points[0].boundaries.isEmpty && duration.unit == "s")
        #expect(points.first?.attributes.dictionary["error.type"] == "rejected")
        _ = await tracing.shutdown(deadline: .after(.seconds(60)))
    }

    @Test func spansAreInFlightWhileTheirExporterIsBlocked() async throws {
        let gate = Semaphore()
        let probe = ProbeExporter(gate: gate)
        let tracing = tracing(BatchSpanProcessor(probe, options: BatchOptions(maxExportBatchSize: 3, scheduleDelay: .seconds(3600))))
        let provider = try MeterProvider(resource: .empty, readers: [reader])
        SelfMetrics.register(on: provider, tracing: tracing)
        for _ in 0..<3 { tracing.tracer(InstrumentationScope(name: "tests")).startSpan("x", parent: .root).end() }
        #expect(await eventually { probe.names.count == 3 })
        let during = metrics(try reader.collect())
        #expect(values(during["otel.sdk.exporter.span.inflight"], "otel.component.type") == [["ProbeExporter"]: 3])
        gate.post()
        _ = await tracing.shutdown(deadline: .after(.seconds(60)))
        let after = metrics(try reader.collect())
        #expect(values(after["otel.sdk.exporter.span.inflight"], "otel.component.type") == [["ProbeExporter"]: 0])
    }

    @Test func logRecordsAreInFlightWhileTheirExporterIsBlocked() async throws {
        let gate = Semaphore()
        let probe = ProbeExporter(gate: gate)
        let logging = LoggerProvider(
            resource: .empty,
            processors: [BatchLogProcessor(probe, options: BatchOptions(maxExportBatchSize: 3, scheduleDelay: .seconds(3600)))])
        let provider = try MeterProvider(resource: .empty, readers: [reader])
        SelfMetrics.register(on: provider, tracing: tracing(), logging: logging)
        for _ in 0..<3 { logging.logger(InstrumentationScope(name: "tests")).info("x") }
        #expect(await eventually { probe.state.running == 1 })
        let during = metrics(try reader.collect())
        #expect(values(during["otel.sdk.exporter.log.inflight"], "otel.component.type") == [["ProbeExporter"]: 3])
        gate.post()
        _ = await logging.shutdown(deadline: .after(.seconds(60)))
        let after = metrics(try reader.collect())
        #expect(values(after["otel.sdk.exporter.log.inflight"], "otel.component.type") == [["ProbeExporter"]: 0])
    }

    @Test func pointsAreInFlightWhileTheirExporterIsBlocked() async throws {
        let gate = Semaphore()
        let probe = MetricProbe(.blocking(gate))
        let periodic = PeriodicMetricReader(probe, every: .seconds(3600))
        let provider = try MeterProvider(resource: .empty, readers: [periodic, reader])
        SelfMetrics.register(on: provider, tracing: tracing())
        let counter = provider.meter(InstrumentationScope(name: "tests")).counter("c")
        for index in 0..<3 { counter.add(1, ["index": AttributeValue(index)]) }
        async let flush = periodic.forceFlush(deadline: .after(.seconds(60)))
        #expect(await eventually { probe.state.running == 1 })
        let sent = probe.sizes.reduce(0, +)
        #expect(sent >= 3)
        let during = metrics(try reader.collect())
        #expect(values(during["otel.sdk.exporter.metric_data_point.inflight"], "otel.component.type") == [["MetricProbe"]: sent])
        gate.post()
        #expect(await flush == .completed)
        let after = metrics(try reader.collect())
        #expect(values(after["otel.sdk.exporter.metric_data_point.inflight"], "otel.component.type") == [["MetricProbe"]: 0])
        probe.behave(.succeeding)
        _ = await periodic.shutdown(deadline: .after(.seconds(60)))
    }

    @Test func logPipelineMetricsMatchTheConventions() async throws {
        let failing = ProbeExporter(failure: .partiallyRejected(count: 1, reason: "old"))
        let logging = LoggerProvider(
            resource: .empty,
            processors: [BatchLogProcessor(failing, options: BatchOptions(maxQueueSize: 64, scheduleDelay: .seconds(3600)))],
            configurator: .minimumSeverity(.info), countsRecords: true)
        let provider = try MeterProvider(resource: .empty, readers: [reader])
        SelfMetrics.register(on: provider, tracing: tracing(), logging: logging)
        let log = logging.logger(InstrumentationScope(name: "tests"))
        for _ in 0..<3 { log.info("x") }
        log.debug("given to an enabled logger, and filtered out later")

        let before = metrics(try reader.collect())
        #expect(values(before["otel.sdk.log.created"]) == [[]: 4])
        let type = "otel.component.type"
        #expect(values(before["otel.sdk.processor.log.queue.size"], type) == [["batching_log_processor"]: 3])
        #expect(values(before["otel.sdk.processor.log.queue.capacity"], type) == [["batching_log_processor"]: 64])
        #expect(values(before["otel.sdk.processor.log.processed"], type) == [["batching_log_processor"]: 0])

        _ = await logging.forceFlush(deadline: .after(.seconds(60)))
        let after = metrics(try reader.collect())
        #expect(values(after["otel.sdk.processor.log.processed"], "error.type") == [["-"]: 3])
        #expect(values(after["otel.sdk.exporter.log.inflight"], type) == [["ProbeExporter"]: 0])
        #expect(values(after["otel.sdk.exporter.log.exported"], "error.type") == [["-"]: 2, ["rejected"]: 1])
        _ = await logging.shutdown(deadline: .after(.seconds(60)))
    }

    @Test func selfMetricInstrumentsMatchTheConventions() async throws {
        let tracing = tracing(BatchSpanProcessor(ProbeExporter(), options: BatchOptions()))
        let logging = LoggerProvider(resource: .empty, processors: [.batch(ProbeExporter())], countsRecords: true)
        let provider = try MeterProvider(resource: .empty, readers: [reader])
        SelfMetrics.register(on: provider, tracing: tracing, logging: logging)
        tracing.tracer(InstrumentationScope(name: "tests")).startSpan("x", parent: .root).end()
        logging.logger(InstrumentationScope(name: "tests")).info("x")
        _ = await tracing.shutdown(deadline: .after(.seconds(60)))
        _ = await logging.shutdown(deadline: .after(.seconds(60)))
        _ = try reader.collect()
        let kinds = metrics(try reader.collect()).mapValues { metric in
            switch metric.points {
            case .sum(_, _, let isMonotonic): "\(isMonotonic ? "counter" : "updowncounter") \(metric.unit)"
            case .histogram: "histogram \(metric.unit)"
            default: "other"
            }
        }
        #expect(
            kinds == [
                "otel.sdk.span.started": "counter {span}", "otel.sdk.span.live": "updowncounter {span}",
                "otel.sdk.processor.span.queue.size": "updowncounter {span}",
                "otel.sdk.processor.span.queue.capacity": "updowncounter {span}",
                "otel.sdk.processor.span.processed": "counter {span}", "otel.sdk.exporter.span.inflight": "updowncounter {span}",
                "otel.sdk.exporter.span.exported": "counter {span}", "otel.sdk.log.created": "counter {log_record}",
                "otel.sdk.processor.log.queue.size": "updowncounter {log_record}",
                "otel.sdk.processor.log.queue.capacity": "updowncounter {log_record}",
                "otel.sdk.processor.log.processed": "counter {log_record}", "otel.sdk.exporter.log.inflight": "updowncounter {log_record}",
                "otel.sdk.exporter.log.exported": "counter {log_record}", "otel.sdk.exporter.operation.duration": "histogram s",
                "otel.sdk.metric_reader.collection.duration": "histogram s",
            ])
    }

    @Test func componentNamesHaveNumbersAndReceiversHaveAddresses() async throws {
        let first = OTLPSpanExporter(endpoint: "http://collector:4318")
        let second = OTLPSpanExporter(endpoint: "http://collector:4319", options: OTLPOptions(encoding: .json))
        let third = OTLPSpanExporter(endpoint: "http://other:4318")
        for exporter in [first, second, third] { try exporter.configure(EnvironmentReader([:])) }
        let tracing = tracing(BatchSpanProcessor(exporters: [first, second, third], options: BatchOptions()))
        let provider = try MeterProvider(resource: .empty, readers: [reader])
        SelfMetrics.register(on: provider, tracing: tracing)
        let points = metrics(try reader.collect())["otel.sdk.exporter.span.inflight"]?.points.numbers ?? []
        let seen = points.map { $0.attributes.dictionary }
        #expect(seen.map { $0["server.address"] } == ["collector", "collector", "other"])
        #expect(seen.map { $0["server.port"] } == [4318, 4319, 4318])
        let names = seen.compactMap { $0["otel.component.name"].map { "\($0)" } }
        #expect(Set(names).count == 3 && names[1].hasPrefix("otlp_http_json_span_exporter/"))
        for name in [names[0], names[2]] { #expect(name.wholeMatch(of: /otlp_http_span_exporter\/[0-9]+/) != nil) }
        _ = await tracing.shutdown(deadline: .after(.seconds(60)))
    }

    @Test func periodicReaderReportsPointsAndCollections() async throws {
        let probe = MetricProbe(.failing(.rejected(reason: "no")))
        let periodic = PeriodicMetricReader(probe, every: .seconds(3600))
        let provider = try MeterProvider(resource: .empty, readers: [periodic, reader])
        SelfMetrics.register(on: provider, tracing: tracing())
        provider.meter(InstrumentationScope(name: "tests")).counter("c").add(1)
        _ = await periodic.forceFlush(deadline: .after(.seconds(60)))
        let sent = probe.sizes.reduce(0, +)
        let found = metrics(try reader.collect())
        #expect(values(found["otel.sdk.exporter.metric_data_point.exported"], "error.type") == [["-"]: 0, ["rejected"]: sent])
        #expect(values(found["otel.sdk.exporter.metric_data_point.inflight"], "otel.component.type") == [["MetricProbe"]: 0])
        let kinds = ["exported", "inflight"].map { name -> String in
            let metric = found["otel.sdk.exporter.metric_data_point.\(name)"]
            guard case .sum(_, _, let isMonotonic) = metric?.points else { return "other" }
            return "\(isMonotonic ? "counter" : "updowncounter") \(metric?.unit ?? "")"
        }
        #expect(kinds == ["counter {data_point}", "updowncounter {data_point}"])
        let collections = found["otel.sdk.metric_reader.collection.duration"]?.points.histograms ?? []
        #expect(collections.map { $0.attributes.dictionary["otel.component.type"] } == ["periodic_metric_reader"])
        #expect(collections.first?.count == 1)
        #expect(found["otel.sdk.exporter.operation.duration"]?.points.histograms.first?.attributes.dictionary["error.type"] == "rejected")
        _ = await periodic.shutdown(deadline: .after(.seconds(60)))
    }

    @Test func otherSelfMetricsRemainWithoutSpanCounts() async throws {
        let tracing = TracerProvider(
            resource: .empty, sampler: .alwaysOn, limits: SpanLimits(),
            processors: [BatchSpanProcessor(ProbeExporter(), options: BatchOptions())], idGenerator: nil, clock: .system)
        let provider = try MeterProvider(resource: .empty, readers: [reader])
        SelfMetrics.register(on: provider, tracing: tracing)
        let names = Set(metrics(try reader.collect()).keys)
        #expect(!names.contains("otel.sdk.span.started") && names.contains("otel.sdk.processor.span.queue.size"))
        _ = await tracing.shutdown(deadline: .after(.seconds(60)))
    }

    @Test func laterCollectionHasSpansDeliveredByShutdown() async throws {
        let tracing = tracing(BatchSpanProcessor(ProbeExporter(), options: BatchOptions(scheduleDelay: .seconds(3600))))
        let provider = try MeterProvider(resource: .empty, readers: [reader])
        SelfMetrics.register(on: provider, tracing: tracing)
        tracing.tracer(InstrumentationScope(name: "tests")).startSpan("x", parent: .root).end()
        #expect(values(metrics(try reader.collect())["otel.sdk.exporter.span.exported"], "error.type") == [["-"]: 0])
        _ = await tracing.shutdown(deadline: .after(.seconds(60)))
        #expect(values(metrics(try reader.collect())["otel.sdk.exporter.span.exported"], "error.type") == [["-"]: 1])
    }

    @Test(arguments: [true, false])
    func selfMetricsAreOptIn(isAsked: Bool) async throws {
        let telemetry = try TelemetrySystem.start(
            spans: [.batch(ProbeExporter())], metrics: [reader], selfMetrics: isAsked, environment: [:])
        telemetry.tracer("tests").startSpan("x", parent: .root).end()
        let names = Set(metrics(try reader.collect()).keys)
        #expect(names.isEmpty != isAsked && names.contains("otel.sdk.span.started") == isAsked)
        await telemetry.shutdown(within: .seconds(60))
    }

    @Test func finalCollectionCountsTheLastSpans() async throws {
        let memory = InMemoryMetricExporter()
        let telemetry = try TelemetrySystem.start(
            spans: [.batch(ProbeExporter())], metrics: [.periodic(memory, every: .seconds(3600))], selfMetrics: true, environment: [:])
        for _ in 0..<7 { telemetry.tracer("tests").startSpan("x", parent: .root).end() }
        #expect(await telemetry.shutdown(within: .seconds(60)) == .completed)
        let exported = memory.metric(named: "otel.sdk.exporter.span.exported")?.points.numbers ?? []
        #expect(exported.map(\.value) == [7])
    }

    @Test func prometheusReaderHasTheConventionsComponentType() async throws {
        let prometheus = PrometheusExporter(hasEndpoint: false)
        let provider = try MeterProvider(resource: .empty, readers: [prometheus, reader])
        SelfMetrics.register(on: provider, tracing: tracing())
        _ = await prometheus.page()
        let points = metrics(try reader.collect())["otel.sdk.metric_reader.collection.duration"]?.points.histograms ?? []
        #expect(points.map { $0.attributes.dictionary["otel.component.type"] } == ["prometheus_http_text_metric_exporter"])
        #expect(points.first?.count == 1)
        _ = await prometheus.shutdown(deadline: .after(.seconds(60)))
    }
}
