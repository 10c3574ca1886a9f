// Requests of metrics over HTTP, outcomes of responses, and preferences of the exporter.

import Testing

@testable import Telemetry

struct OTLPMetricExporterTests {
    /// Collects and exports once; returns the outcome.
    private func deliver(
        _ exporter: OTLPMetricExporter, points: Int = 3, environment: [String: String] = [:], maxExportBatchSize: Int? = nil
    ) async throws -> (result: FlushResult, health: PipelineHealth) {
        let reader = PeriodicMetricReader(exporter, every: .seconds(3600), maxExportBatchSize: maxExportBatchSize)
        try reader.configure(EnvironmentReader(environment))
        let source = MetricSource(pointCount: points)
        reader.register(source.collector())
        let result = await reader.forceFlush(deadline: .after(.seconds(60)))
        let health = try #require(reader.health)
        // A shutdown would collect once more.
        source.fail(.shutDown)
        _ = await reader.shutdown(deadline: .after(.seconds(60)))
        return (result, health)
    }

    private func exporter(_ receiver: ScriptedReceiver, encoding: OTLPEncoding? = nil) -> OTLPMetricExporter {
        OTLPMetricExporter(
            endpoint: receiver.url,
            options: OTLPOptions(
                headers: ["X-Token": "secret"], timeout: .patience, encoding: encoding, retry: OTLPDelivering.quick))
    }

    @Test func requestGoesToMetricsPath() async throws {
        let receiver = try ScriptedReceiver()
        let outcome = try await deliver(exporter(receiver))
        #expect(outcome.result == .completed && outcome.health.exported == 3)
        #expect(outcome.health.destination == receiver.url + "/v1/metrics")
        let request = try #require(receiver.requests.first)
        #expect(request.method == "POST" && request.path == "/v1/metrics")
        #expect(request.headers["Content-Type"] == "application/x-protobuf" && request.headers["X-Token"] == "secret")
        #expect(request.headers["User-Agent"]?.hasPrefix("OTel-OTLP-Exporter-Swift/") == true)
        var json = OTLPJSON()
        try json.write(.metricsData, request.body)
        #expect(String(decoding: json.text, as: UTF8.self).contains(#""asInt":"2""#))
        await receiver.stop()
    }

    @Test func jsonEncodingIsSentAsJSON() async throws {
        let receiver = try ScriptedReceiver()
        let outcome = try await deliver(exporter(receiver, encoding: .json))
        #expect(outcome.health.exported == 3)
        let request = try #require(receiver.requests.first)
        #expect(request.headers["Content-Type"] == "application/json")
        let metric = try JSONReader.value(of: request.body)["resourceMetrics"]?.elements?.first?["scopeMetrics"]?.elements?.first?[
            "metrics"]
        #expect(metric?.elements?.first?["gauge"]?["dataPoints"]?.elements?.map { $0["asInt"]?.text } == ["0", "1", "2"])
        await receiver.stop()
    }

    @Test func signalVariablesOverrideGeneralOnes() async throws {
        let receiver = try ScriptedReceiver()
        let outcome = try await deliver(
            OTLPMetricExporter(options: OTLPOptions(timeout: .patience)),
            environment: [
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": receiver.url + "/own",
                "OTEL_EXPORTER_OTLP_HEADERS": "x-a=general", "OTEL_EXPORTER_OTLP_METRICS_HEADERS": "x-a=own",
                "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "http/json",
            ])
        #expect(outcome.health.exported == 3)
        let request = try #require(receiver.requests.first)
        #expect(request.path == "/own" && request.headers["x-a"] == "own" && request.headers["Content-Type"] == "application/json")
        await receiver.stop()
    }

    @Test func generalEndpointGetsMetricsPath() async throws {
        let receiver = try ScriptedReceiver()
        _ = try await deliver(
            OTLPMetricExporter(options: OTLPOptions(timeout: .patience)),
            environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url + "/base/"])
        #expect(receiver.requests.map(\.path) == ["/base/v1/metrics"])
        await receiver.stop()
    }

    @Test func partialSuccessIsNotRetriedAndRejectedPointsAreCounted() async throws {
        // ExportMetricsServiceResponse { partial_success { rejected_data_points: 1 error_message: "no" } }, and the same as JSON.
        let answers = [
            HTTPResponse(
                status: 200, headers: ["Content-Type": "application/x-protobuf"], body: [0x0A, 6, 0x08, 1, 0x12, 2, 0x6E, 0x6F]),
            HTTPResponse(
                status: 200, headers: ["Content-Type": "application/json"],
                body: Array(#"{"partialSuccess":{"rejectedDataPoints":"1","errorMessage":"no"}}"#.utf8)),
        ]
        for answer in answers {
            let receiver = try ScriptedReceiver([answer])
            let outcome = try await deliver(exporter(receiver))
            #expect(outcome.health.exported == 2 && outcome.health.dropped == [.rejected: 1])
            #expect(outcome.health.lastFailure?.message.hasSuffix("no") == true)
            #expect(receiver.requests.count == 1)
            await receiver.stop()
        }
    }

    @Test func rejectedBatchCountsPointsAndReportsAdvice() async throws {
        let receiver = try ScriptedReceiver([HTTPResponse(status: 413)])
        let outcome = try await deliver(exporter(receiver))
        #expect(outcome.result == .failed && outcome.health.dropped == [.rejected: 3])
        #expect(outcome.health.lastFailure?.message.contains("export fewer points at a time (maxExportBatchSize)") == true)
        #expect(receiver.requests.count == 1)
        await receiver.stop()
    }

    @Test(arguments: [429, 502, 503, 504])
    func retryableStatusIsRetried(status: Int) async throws {
        let receiver = try ScriptedReceiver([HTTPResponse(status: status), HTTPResponse(status: status, headers: ["Retry-After": "0"])])
        let outcome = try await deliver(exporter(receiver))
        #expect(outcome.result == .completed && outcome.health.exported == 3 && outcome.health.retries == 2)
        await receiver.stop()
    }

    @Test func splitCollectionIsSentInSeveralRequests() async throws {
        let receiver = try ScriptedReceiver()
        let outcome = try await deliver(exporter(receiver), points: 7, maxExportBatchSize: 3)
        #expect(outcome.health.exported == 7 && receiver.requests.count == 3)
        await receiver.stop()
    }

    @Test func emptyCollectionSendsNoRequest() async throws {
        let receiver = try ScriptedReceiver()
        let exporter = exporter(receiver)
        try exporter.configure(EnvironmentReader([:]))
        try await exporter.export(MetricBatch(resource: .empty, scopes: []), deadline: .after(.patience))
        #expect(receiver.requests.isEmpty)
        #expect(await exporter.shutdown(deadline: .after(.patience)) == .completed)
        await #expect(throws: ExportFailure.shutDown) {
            try await exporter.export(.madeUp("m", pointCount: 1), deadline: .after(.patience))
        }
        await receiver.stop()
    }

    @Test func storedPointsAreCountedAndSentAfterOutage() async throws {
        let root = try TemporaryDirectory()
        let port = try #require(ScriptedServer.freePort())
        let exporter = OTLPMetricExporter(
            endpoint: "http://127.0.0.1:\(port)", options: OTLPOptions(retry: OTLPDelivering.quick, spool: .directory("\(root.path)/spool"))
        )
        let reader = PeriodicMetricReader(exporter, every: .seconds(3600))
        try reader.configure(EnvironmentReader([:]))
        let source = MetricSource(pointCount: 3)
        reader.register(source.collector())
        _ = await reader.forceFlush(deadline: .after(.seconds(60)))
        #expect(reader.health?.spooled == 3 && reader.health?.dropped == [:])
        #expect(root.files.contains { $0.contains("metrics") })

        let receiver = try ScriptedReceiver(port: port)
        source.fail(.shutDown)
        #expect(await eventually { reader.health?.exported == 3 })
        #expect(reader.health?.spooled == 0 && receiver.requests.first?.path == "/v1/metrics")
        _ = await reader.shutdown(deadline: .after(.seconds(60)))
        await receiver.stop()
    }

    @Test func recordedMeasurementsArrive() async throws {
        let receiver = try ScriptedReceiver()
        let system = try TelemetrySystem.start(
            resource: Resource(attributes: ["service.name": "album-store"], schemaURL: "https://example.com/1"), detectors: [], spans: [],
            metrics: [
                .periodic(
                    .otlp(
                        endpoint: receiver.url, temporality: .delta, histogramAggregation: .exponentialHistogram(),
                        options: OTLPOptions(timeout: .patience, encoding: .json)),
                    every: .seconds(3600))
            ], environment: [:])
        let meter = system.meter("albums", schemaURL: "https://example.com/2")
        let created = meter.counter("albums.created", unit: "{album}")
        let sizes = meter.histogram("album.size")
        for index in 0..<10 { created.add(1, ["even": AttributeValue(index % 2 == 0)]) }
        for size in [1.0, 2, 4] { sizes.record(size) }
        #expect(await system.forceFlush() == .completed)
        let resource = try JSONReader.value(of: #require(receiver.requests.first).body)["resourceMetrics"]?.elements?.first
        let scope = resource?["scopeMetrics"]?.elements?.first
        #expect(resource?["schemaUrl"]?.text == "https://example.com/1" && scope?["schemaUrl"]?.text == "https://example.com/2")
        let metrics = scope?["metrics"]?.elements ?? []
        let counts = metrics.first?["sum"]?["dataPoints"]?.elements?.map { $0["asInt"]?.text }
        #expect(metrics.first?["name"]?.text == "albums.created" && counts == ["5", "5"])
        #expect(metrics.first?["sum"]?["aggregationTemporality"] == .integer(1) && metrics.first?["sum"]?["isMonotonic"] == .bool(true))
        let size = metrics.last?["exponentialHistogram"]?["dataPoints"]?.elements?.first
        #expect(size?["count"]?.text == "3" && size?["sum"]?.number == 7)
        await system.shutdown()
        await receiver.stop()
    }

    // MARK: Preferences

    private static let temporality = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"
    private static let aggregation = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION"

    private func configured(
        _ environment: [String: String], temporality: TemporalityPreference? = nil, histogramAggregation: Aggregation? = nil
    ) throws -> OTLPMetricExporter {
        let exporter = OTLPMetricExporter(temporality: temporality, histogramAggregation: histogramAggregation)
        try exporter.configure(EnvironmentReader(environment))
        return exporter
    }

    @Test(
        arguments: [
            (nil, .cumulative), ("cumulative", .cumulative), ("Delta", .delta), ("LOWMEMORY", .lowMemory), ("", .cumulative),
            ("sometimes", .cumulative),
        ] as [(String?, TemporalityPreference)])
    func temporalityComesFromVariable(text: String?, expected: TemporalityPreference) throws {
        #expect(try configured(text.map { [Self.temporality: $0] } ?? [:]).temporality == expected)
    }

    @Test func lowMemoryKeepsObservableCountersCumulativeUnlikeDelta() throws {
        let low = try configured([Self.temporality: "lowmemory"]).temporality
        let delta = try configured([Self.temporality: "delta"]).temporality
        #expect(low[.counter] == .delta && low[.histogram] == .delta)
        #expect(low[.observableCounter] == .cumulative && delta[.observableCounter] == .delta)
        for kind in [InstrumentKind.upDownCounter, .observableUpDownCounter] {
            #expect(low[kind] == .cumulative && delta[kind] == .cumulative)
        }
    }

    @Test(
        arguments: [
            (nil, [:]), ("explicit_bucket_histogram", [:]), ("base2_exponential_bucket_histogram", [.histogram: .exponentialHistogram()]),
            ("BASE2_Exponential_bucket_histogram", [.histogram: .exponentialHistogram()]), ("fine", [:]),
        ] as [(String?, [InstrumentKind: Aggregation])])
    func histogramAggregationComesFromVariable(text: String?, expected: [InstrumentKind: Aggregation]) throws {
        #expect(try configured(text.map { [Self.aggregation: $0] } ?? [:]).aggregations == expected)
    }

    @Test func codeOverridesEnvironment() throws {
        let exporter = try configured(
            [Self.temporality: "delta", Self.aggregation: "base2_exponential_bucket_histogram"], temporality: .lowMemory,
            histogramAggregation: .explicitBucketHistogram(boundaries: [1, 2]))
        #expect(exporter.temporality == .lowMemory)
        #expect(exporter.aggregations == [.histogram: .explicitBucketHistogram(boundaries: [1, 2])])
    }

    @Test func readerUsesPreferencesOfConfiguredEnvironment() throws {
        let reader = PeriodicMetricReader(.otlp())
        try reader.configure(EnvironmentReader([Self.temporality: "delta", Self.aggregation: "base2_exponential_bucket_histogram"]))
        #expect(reader.options.temporality == .delta && reader.options.aggregations == [.histogram: .exponentialHistogram()])
    }

    @Test func unusableAggregationIsConfigurationError() {
        #expect(throws: ConfigurationError.self) {
            try configured([:], histogramAggregation: .explicitBucketHistogram(boundaries: [2, 1]))
        }
        #expect(throws: ConfigurationError.self) {
            try OTLPFileMetricExporter(.standardOutput, histogramAggregation: .exponentialHistogram(maxSize: 1))
                .configure(EnvironmentReader([:]))
        }
    }
}
