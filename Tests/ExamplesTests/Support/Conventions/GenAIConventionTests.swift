// Holds the metrics of operations of generative models against the conventions, as a receiver gets them.

import Foundation
import Telemetry
import Testing

@testable import ExampleSupport

struct GenAIConventionTests {
    private struct Overloaded: Error {}

    private static func operate(_ operation: GenAIOperation, _ telemetry: TelemetrySystem) {
        let metrics = GenAIMetrics(telemetry.meter("models"))
        let response = GenAIResponse(model: "m-2", inputTokens: 10, outputTokens: 20)
        let span = telemetry.tracer("models").startGenAISpan(operation, parent: .root, metrics: metrics)
        span.recordChunk()
        span.recordChunk()
        span.finish(response, error: Overloaded())
        metrics.record(operation, response, duration: .seconds(1))
    }

    @Test func metricsHaveWhatTheConventionsRequire() async throws {
        let directory = try TemporaryDirectory()
        let telemetry = try TelemetrySystem.start(
            resource: .service("shop"), sampler: .alwaysOn, spans: [],
            metrics: [.periodic(.otlpFile(.file("\(directory.path)/metrics.jsonl")))], logs: [], environment: [:])
        for kind in [GenAIOperation.Kind.chat, .embeddings, .retrieval, .createAgent, .invokeAgent] {
            Self.operate(
                GenAIOperation(kind, provider: .openAI, model: "m", serverAddress: "api.openai.com", serverPort: 443), telemetry)
        }
        for operation in [GenAIOperation(.invokeAgent), GenAIOperation(.invokeWorkflow), GenAIOperation(executing: .init("forecast"))] {
            Self.operate(operation, telemetry)
        }
        await telemetry.shutdown()
        var report = ConventionReport()
        for line in try directory.bytes(of: "metrics.jsonl").split(separator: UInt8(ascii: "\n")) {
            let request = try OTLPReceivedRequest.protobuf(ofJSON: Array(line), .metrics, maximumBytes: 1 << 24)
            ConventionCheck().check(request, .metrics, into: &report)
        }
        let findings = report.services["shop"]?.findings.map(\.finding) ?? []
        // Each of the four was checked: the conventions have them in development.
        #expect(
            findings.filter { $0.rule == .notStable }.map(\.subject).filter { $0.hasPrefix("gen_ai.client.") }.sorted() == [
                "gen_ai.client.operation.duration", "gen_ai.client.operation.time_per_output_chunk",
                "gen_ai.client.operation.time_to_first_chunk", "gen_ai.client.token.usage",
            ])
        #expect(findings.filter { $0.level == .violation }.map { "\($0.rule.rawValue) \($0.subject)" } == [])
    }
}
