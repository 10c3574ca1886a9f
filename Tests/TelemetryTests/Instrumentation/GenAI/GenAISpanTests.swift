// Spans and metrics of generative models, agents and tools, by the tables of the conventions.

import Testing

@testable import Telemetry

struct GenAISpanTests {
    private struct Overloaded: Error {}

    private let memory = InMemorySpanExporter()
    private let reader = PullMetricReader()
    private let clock = ManualClock()
    private let telemetry: TelemetrySystem
    private let tracer: Tracer

    init() throws {
        telemetry = try TelemetrySystem.start(
            sampler: .alwaysOn, spans: [memory], metrics: [reader], logs: [], clock: .manual(clock), environment: [:])
        tracer = telemetry.tracer("models")
    }

    private static let chat = GenAIOperation(
        .chat, provider: .awsBedrock, model: "m", serverAddress: "bedrock.internal", serverPort: 443)

    @Test func chatHasTheAttributesOfTheTable() throws {
        var chat = Self.chat
        chat.settings.maximumTokens = 100
        chat.settings.choiceCount = 3
        chat.settings.temperature = 0.5
        chat.settings.topP = 0.9
        chat.settings.topK = 40
        chat.settings.frequencyPenalty = 0.1
        chat.settings.presencePenalty = 0.2
        chat.settings.stopSequences = ["."]
        chat.settings.seed = 7
        chat.settings.outputType = "json"
        chat.conversationID = "c-1"
        chat.isStreaming = true
        var response = GenAIResponse(id: "r-1", model: "m-2", finishReasons: ["stop"], inputTokens: 10, outputTokens: 20)
        (response.cachedInputTokens, response.cacheCreationTokens, response.reasoningTokens) = (4, 5, 6)
        tracer.startGenAISpan(chat, parent: .root).finish(response)
        let span = try #require(memory.finishedSpans.first)
        #expect(span.name == "chat m" && span.kind == .client && span.status == .unset)
        #expect(
            span.attributes == [
                "gen_ai.operation.name": "chat", "gen_ai.provider.name": "aws.bedrock", "gen_ai.request.model": "m",
                "server.address": "bedrock.internal", "server.port": 443, "gen_ai.request.max_tokens": 100,
                "gen_ai.request.choice.count": 3, "gen_ai.request.temperature": 0.5, "gen_ai.request.top_p": 0.9,
                "gen_ai.request.top_k": 40.0, "gen_ai.request.frequency_penalty": 0.1, "gen_ai.request.presence_penalty": 0.2,
                "gen_ai.request.stop_sequences": .array(["."]), "gen_ai.request.seed": 7, "gen_ai.output.type": "json",
                "gen_ai.request.stream": true, "gen_ai.conversation.id": "c-1", "gen_ai.response.id": "r-1",
                "gen_ai.response.model": "m-2", "gen_ai.response.finish_reasons": .array(["stop"]), "gen_ai.usage.input_tokens": 10,
                "gen_ai.usage.cache_read.input_tokens": 4, "gen_ai.usage.cache_creation.input_tokens": 5,
                "gen_ai.usage.output_tokens": 20, "gen_ai.usage.reasoning.output_tokens": 6,
            ])
    }

    @Test func namesAndKindsFollowTheOperation() {
        var embeddings = GenAIOperation(.embeddings, provider: .openAI, model: "e")
        embeddings.settings.dimensionCount = 512
        embeddings.settings.encodingFormats = ["float"]
        embeddings.settings.choiceCount = 1
        #expect(embeddings.spanName == "embeddings e" && embeddings.spanKind == .client)
        #expect(embeddings.attributes["gen_ai.embeddings.dimension.count"] == 512)
        #expect(embeddings.attributes["gen_ai.request.choice.count"] == nil, "One goes without saying.")
        let tool = GenAIOperation(executing: .init("forecast", callID: "c", description: "Tells the weather", type: "function"))
        #expect(tool.spanName == "execute_tool forecast" && tool.spanKind == .internal)
        #expect(
            tool.attributes == [
                "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "forecast", "gen_ai.tool.call.id": "c",
                "gen_ai.tool.description": "Tells the weather", "gen_ai.tool.type": "function",
            ])
        var agent = GenAIOperation(.invokeAgent, agent: .init("weather", id: "a-1", description: "d", version: "2"))
        #expect(agent.spanName == "invoke_agent weather" && agent.spanKind == .client)
        #expect(agent.attributes["gen_ai.agent.id"] == "a-1" && agent.attributes["gen_ai.agent.version"] == "2")
        agent.isLocal = true
        agent.agent = nil
        #expect(agent.spanName == "invoke_agent" && agent.spanKind == .internal)
        var workflow = GenAIOperation(.invokeWorkflow)
        #expect(workflow.spanName == "invoke_workflow" && workflow.spanKind == .internal)
        workflow.workflowName = "reviews"
        #expect(workflow.spanName == "invoke_workflow reviews" && workflow.attributes["gen_ai.workflow.name"] == "reviews")
        var retrieval = GenAIOperation(.retrieval, provider: .openAI, model: "e")
        #expect(retrieval.spanName == "retrieval" && retrieval.spanKind == .client)
        retrieval.dataSourceID = "papers"
        #expect(retrieval.spanName == "retrieval papers" && retrieval.attributes["gen_ai.data_source.id"] == "papers")
        let other = GenAIOperation(.init(rawValue: "rerank"), provider: .cohere, model: "r")
        #expect(other.spanName == "rerank r" && other.attributes["gen_ai.operation.name"] == "rerank")
    }

    @Test func failureHasTheProvidersCodeOrTheErrorsType() async throws {
        tracer.startGenAISpan(Self.chat, parent: .root).finish(errorCode: "rate_limit_exceeded")
        try? await tracer.withGenAISpan(Self.chat, parent: .root) { _ throws(Overloaded) in throw Overloaded() }
        try? await tracer.withGenAISpan(Self.chat, parent: .root) { _ in throw CancellationError() }
        let spans = memory.finishedSpans
        #expect(spans[0].status == .error("") && spans[0].attributes["error.type"] == "rate_limit_exceeded")
        #expect(spans[1].status == .error("Overloaded()"))
        #expect(spans[1].attributes["error.type"]?.stringValue?.hasSuffix("Overloaded") == true)
        #expect(spans[2].status == .unset && spans[2].attributes["error.type"] == nil)
    }

    @Test func cancellingIsNoExceptionEvenIfTheProviderHasACodeForIt() {
        tracer.startGenAISpan(Self.chat, parent: .root).finish(errorCode: "cancelled", error: CancellationError())
        tracer.startGenAISpan(Self.chat, parent: .root).finish(errorCode: "overloaded", error: Overloaded())
        let spans = memory.finishedSpans
        #expect(spans.map { $0.events.map(\.name) } == [[], ["exception"]])
        #expect(spans.map { $0.attributes["error.type"] } == ["cancelled", "overloaded"])
    }

    // MARK: Contents

    @Test(arguments: [
        (nil, false), ("", false), ("false", false), ("no_content", false), ("event_only", false), ("yes", false), ("true", true),
        ("TRUE", true), ("span_only", true), ("span_and_event", true),
    ])
    func variableDecidesWhetherContentsAreRecorded(value: String?, areRecorded: Bool) {
        let environment = value.map { ["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": $0] } ?? [:]
        #expect(GenAIContents.areRecorded(by: EnvironmentReader(environment)) == areRecorded)
    }

    @Test func contentsAreMadeAndRecordedOnlyIfWanted() throws {
        var made = 0
        func message() -> AttributeValue {
            made += 1
            return [["role": "user"]]
        }
        let quiet = tracer.startGenAISpan(Self.chat, parent: .root, contents: .none)
        #expect(!quiet.recordsContents)
        quiet.setInputMessages(message())
        quiet.setOutputMessages(message())
        quiet.finish()
        #expect(made == 0 && memory.finishedSpans[0].attributes["gen_ai.input.messages"] == nil)
        let open = tracer.startGenAISpan(Self.chat, parent: .root, contents: .onSpans)
        open.setInputMessages(message())
        open.setOutputMessages(message())
        open.setSystemInstructions("be short")
        open.setToolDefinitions(.array([]))
        open.setToolArguments(["a": 1])
        open.setToolResult(2)
        open.finish()
        let attributes = memory.finishedSpans[1].attributes
        #expect(made == 2 && attributes["gen_ai.input.messages"] == [["role": "user"]])
        for key in ["output.messages", "system_instructions", "tool.definitions", "tool.call.arguments", "tool.call.result"] {
            #expect(attributes["gen_ai.\(key)"] != nil)
        }
    }

    // MARK: Metrics

    private func points(_ name: String) throws -> (unit: String, points: [HistogramPoint]) {
        let metric = try #require(try reader.collect().metrics.first { $0.name == name })
        guard case .histogram(let points, _) = metric.points else { return (metric.unit, []) }
        return (metric.unit, points)
    }

    @Test func tokensAndDurationAreRecordedByTheConventions() throws {
        let metrics = GenAIMetrics(telemetry.meter("models"))
        let span = tracer.startGenAISpan(Self.chat, parent: .root, metrics: metrics)
        clock.advance(by: .milliseconds(80))
        span.finish(GenAIResponse(model: "m-2", inputTokens: 10, outputTokens: 20))
        span.finish(GenAIResponse(inputTokens: 10))
        let common: Attributes = [
            "gen_ai.operation.name": "chat", "gen_ai.provider.name": "aws.bedrock", "gen_ai.request.model": "m",
            "gen_ai.response.model": "m-2", "server.address": "bedrock.internal", "server.port": 443,
        ]
        let tokens = try points("gen_ai.client.token.usage")
        #expect(tokens.unit == "{token}" && tokens.points.map(\.sum).compactMap { $0 }.sorted() == [10, 20])
        #expect(Set(tokens.points.compactMap { $0.attributes["gen_ai.token.type"]?.stringValue }) == ["input", "output"])
        #expect(
            tokens.points[0].boundaries
                == [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864])
        let duration = try points("gen_ai.client.operation.duration")
        #expect(duration.unit == "s" && duration.points.map(\.sum) == [0.08] && duration.points[0].attributes == common)
        #expect(
            duration.points[0].boundaries == [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92])
    }

    @Test func firstChunkCountsFromTheStartAndOthersFromTheOneBefore() throws {
        let metrics = GenAIMetrics(telemetry.meter("models"))
        let span = tracer.startGenAISpan(Self.chat, parent: .root, metrics: metrics)
        for milliseconds in [250, 30, 40] {
            clock.advance(by: .milliseconds(milliseconds))
            span.recordChunk()
        }
        span.finish()
        #expect(memory.finishedSpans[0].attributes["gen_ai.response.time_to_first_chunk"] == 0.25)
        #expect(try points("gen_ai.client.operation.time_to_first_chunk").points.map(\.sum) == [0.25])
        let later = try points("gen_ai.client.operation.time_per_output_chunk").points
        #expect(later.map(\.count) == [2] && abs((later[0].sum ?? 0) - 0.07) < 1e-9)
    }

    @Test func operationsWithoutSpansAreRecordedAsThoseWithSpansAre() throws {
        let metrics = GenAIMetrics(telemetry.meter("models"))
        let response = GenAIResponse(model: "m-2", inputTokens: 10, outputTokens: 20)
        let failures: [(String?, (any Error)?)] = [
            (nil, nil), ("rate_limit_exceeded", nil), (nil, Overloaded()), (nil, CancellationError()),
        ]
        for (code, error) in failures {
            let span = tracer.startGenAISpan(Self.chat, parent: .root, metrics: metrics)
            for _ in 0..<2 {
                clock.advance(by: .milliseconds(50))
                span.recordChunk()
            }
            span.finish(response, errorCode: code, error: error)
            metrics.recordChunk(of: Self.chat, after: .milliseconds(50), isFirst: true)
            metrics.recordChunk(of: Self.chat, after: .milliseconds(50), isFirst: false)
            metrics.record(Self.chat, response, duration: .milliseconds(100), errorCode: code, error: error)
        }
        let duration = try points("gen_ai.client.operation.duration").points
        // Cancelling is no failure, so that its series is that of success.
        #expect(duration.map(\.count).sorted() == [2, 2, 4])
        #expect(duration.allSatisfy { abs(($0.sum ?? 0) - Double($0.count) * 0.1) < 1e-9 })
        #expect(try points("gen_ai.client.token.usage").points.map(\.count) == [8, 8])
        for name in ["gen_ai.client.operation.time_to_first_chunk", "gen_ai.client.operation.time_per_output_chunk"] {
            let chunks = try points(name).points
            #expect(chunks.map(\.count) == [8] && abs((chunks[0].sum ?? 0) - 0.4) < 1e-9, "\(name)")
        }
    }

    @Test func operationsWithoutProviderAreNotMeasured() throws {
        let metrics = GenAIMetrics(telemetry.meter("models"))
        let tool = GenAIOperation(executing: .init("forecast"))
        let span = tracer.startGenAISpan(tool, parent: .root, metrics: metrics)
        span.recordChunk()
        span.finish(GenAIResponse(inputTokens: 10))
        metrics.recordChunk(of: tool, after: .seconds(1), isFirst: true)
        metrics.record(tool, GenAIResponse(inputTokens: 10), duration: .seconds(1))
        #expect(memory.finishedSpans.map(\.name) == ["execute_tool forecast"])
        #expect(try reader.collect().metrics.filter { $0.name.hasPrefix("gen_ai.") }.isEmpty)
    }
}
