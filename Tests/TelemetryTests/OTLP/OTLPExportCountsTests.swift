// OTLP exporters in metrics about the SDK: component types, retries, status codes.

import Testing

@testable import Telemetry

struct OTLPExportCountsTests {
    /// Exports two spans; returns the counts and diagnostics.
    private static func export(
        to endpoint: String, retry: RetryPolicy = OTLPDelivering.quick, encoding: OTLPEncoding = .protobuf
    ) async throws -> (counts: ExporterCounts, finished: [FinishedExport]) {
        let exporter = OTLPSpanExporter(endpoint: endpoint, options: OTLPOptions(timeout: .seconds(60), encoding: encoding, retry: retry))
        let processor = BatchSpanProcessor(exporter, options: BatchOptions(scheduleDelay: .seconds(3600)))
        try processor.configure(EnvironmentReader([:]))
        let finished = Journal<FinishedExport>()
        processor.pipeline.accounting.exports.observe { finished.note($0) }
        let provider = TracerProvider(
            resource: .empty, sampler: .alwaysOn, limits: SpanLimits(), processors: [processor], idGenerator: nil, clock: .system)
        for _ in 0..<2 { provider.tracer(InstrumentationScope(name: "tests")).startSpan("x", parent: .root).end() }
        _ = await provider.shutdown(deadline: .after(.seconds(60)))
        return (processor.pipeline.accountedDestinations[0].counts, finished.entries)
    }

    @Test func retriesCountAsOneExportWithLastStatus() async throws {
        let receiver = try ScriptedReceiver([HTTPResponse(status: 503), HTTPResponse(status: 429)])
        let (counts, finished) = try await Self.export(to: receiver.url)
        #expect(receiver.requests.count == 3)
        #expect(counts == ExporterCounts(exported: 2))
        #expect(finished.count == 1 && finished[0].httpStatus == 200 && finished[0].failure == nil && finished[0].seconds > 0)
        await receiver.stop()
    }

    @Test func rejectedItemsOfPartialSuccessCountAsFailed() async throws {
        // ExportTraceServiceResponse { partial_success { rejected_spans: 1 error_message: "no" } }
        let body: [UInt8] = [0x0A, 6, 0x08, 1, 0x12, 2, 0x6E, 0x6F]
        let receiver = try ScriptedReceiver([HTTPResponse(status: 200, headers: ["Content-Type": "application/x-protobuf"], body: body)])
        let (counts, finished) = try await Self.export(to: receiver.url)
        #expect(counts == ExporterCounts(exported: 1, failed: [.rejected: 1]))
        #expect(finished.map(\.failure) == [.rejected] && finished.map(\.httpStatus) == [200])
        await receiver.stop()
    }

    @Test func refusalHasStatusAndMissingReceiverHasNone() async throws {
        let receiver = try ScriptedReceiver([HTTPResponse(status: 401)])
        let refused = try await Self.export(to: receiver.url)
        #expect(refused.counts == ExporterCounts(failed: [.rejected: 2]) && refused.finished.map(\.httpStatus) == [401])
        await receiver.stop()
        let lost = try await Self.export(to: "http://127.0.0.1:1", retry: FailingDelivery.oneRetry)
        #expect(lost.counts == ExporterCounts(failed: [.unreachable: 2]) && lost.finished.map(\.httpStatus) == [nil])
    }

    @Test(.enabled(if: HTTP2Peer.isAvailable, "nghttp2 is installed."))
    func callHasStatusByNameAndMissingReceiverHasNone() async throws {
        // Unavailable is retried; unauthenticated is not.
        let receiver = try GRPCReceiver(GRPCReceiver.refusing(14), GRPCReceiver.accepting, GRPCReceiver.refusing(16))
        let taken = try await Self.export(to: receiver.url, encoding: .grpc)
        #expect(taken.counts == ExporterCounts(exported: 2) && taken.finished.map(\.callStatus) == ["OK"])
        let refused = try await Self.export(to: receiver.url, encoding: .grpc)
        #expect(refused.counts == ExporterCounts(failed: [.rejected: 2]) && refused.finished.map(\.callStatus) == ["UNAUTHENTICATED"])
        #expect(refused.finished.map(\.httpStatus) == [nil])
        receiver.stop()
        let lost = try await Self.export(to: "http://127.0.0.1:1", retry: FailingDelivery.oneRetry, encoding: .grpc)
        #expect(lost.counts == ExporterCounts(failed: [.unreachable: 2]) && lost.finished.map(\.callStatus) == [nil])
    }

    @Test(
        arguments: [
            ("http://collector", .protobuf, "otlp_http_span_exporter", "collector", 80),
            ("http://127.0.0.1:4318", .json, "otlp_http_json_span_exporter", "127.0.0.1", 4318),
            ("http://[::1]:7", .protobuf, "otlp_http_span_exporter", "::1", 7),
            ("unix:/run/otel.sock", .protobuf, "otlp_http_span_exporter", "/run/otel.sock", nil),
        ] as [(String, OTLPEncoding, String, String, Int?)])
    func componentTypeNamesProtocolAndReceiver(
        endpoint: String, encoding: OTLPEncoding, type: String, address: String, port: Int?
    ) throws {
        let exporter = OTLPSpanExporter(endpoint: endpoint, options: OTLPOptions(encoding: encoding))
        try exporter.configure(EnvironmentReader([:]))
        #expect(exporter.component == ExporterComponent(type: type, serverAddress: address, serverPort: port))
        let metrics = OTLPMetricExporter(endpoint: endpoint, options: OTLPOptions(encoding: encoding))
        try metrics.configure(EnvironmentReader([:]))
        let metricType = type.split(separator: "_").map { $0 == "span" ? "metric" : String($0) }.joined(separator: "_")
        #expect(metrics.component == ExporterComponent(type: metricType, serverAddress: address, serverPort: port))
    }
}
