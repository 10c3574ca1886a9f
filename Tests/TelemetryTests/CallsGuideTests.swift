// The guide to procedures and models: each of its examples stands here word for word and is run.

import Testing

@testable import Telemetry

struct CallsGuideTests {
    @Test func everyExampleOfTheGuideStandsHere() throws {
        let examples = try GuideExamples("Calls.md")
        #expect(examples.blocks.count == 6)
        #expect(try examples.missing(in: #filePath) == [])
    }

    private struct CallFailure: Error { let status: String }

    private struct Request: Sendable {
        var path = "/shop.Cart/Add"
        var metadata: [String: String] = [:]
    }

    private struct Channel: Sendable {
        func add(_ request: Request) async throws -> Int { request.metadata.count }
    }

    private struct Service: Sendable {
        func hasMethod(_ path: String) -> Bool { path == "/shop.Cart/Add" }
        func answer(_ request: Request) async throws -> Int { throw CallFailure(status: "NOT_FOUND") }
    }

    @Test func callIsOneTraceOfClientAndServer() async throws {
        let spans = InMemorySpanExporter()
        let telemetry = try TelemetrySystem.start(spans: [spans], metrics: [], logs: [], environment: [:])
        let (tracer, metrics) = (telemetry.tracer("shop"), RPCMetrics(telemetry.meter("shop")))
        var request = Request()
        let channel = Channel()
        let call = RPCCall("/shop.Cart/Add", system: .grpc, serverAddress: "cart.internal", serverPort: 50051)
        let added = try await tracer.withRPCClientSpan(call, metrics: metrics, statusCode: { ($0 as? CallFailure)?.status }) { calling in
            telemetry.propagator.inject(calling.context, into: &request.metadata)
            return try await channel.add(request)
        }
        #expect(added > 0)
        let service = Service()
        func respond() async throws -> Int {
            let caller = telemetry.propagator.extract(from: request.metadata, into: .root)
            let answered = RPCCall(request.path, isKnownMethod: service.hasMethod(request.path))
            let failure = { (error: any Error) in (error as? CallFailure)?.status }
            let answer = try await tracer.withRPCServerSpan(answered, parent: caller, metrics: metrics, statusCode: failure) { _ in
                try await service.answer(request)
            }
            return answer
        }
        await #expect(throws: CallFailure.self) { try await respond() }
        await telemetry.forceFlush()
        let found = spans.finishedSpans
        #expect(found.map(\.name) == ["shop.Cart/Add", "shop.Cart/Add"] && found.map(\.kind) == [.client, .server])
        #expect(found[1].parentSpanID == found[0].spanID && found[1].status == .unset)
        #expect(found[1].attributes["rpc.response.status_code"] == "NOT_FOUND")
        await telemetry.shutdown()
    }

    private struct Peer: Sendable {
        func call(_ method: String, _ parameters: [Int]) async throws -> (result: Int?, errorCode: Int?) { (nil, -32601) }
    }

    @Test func failureInAnAnswerIsThatOfTheSpan() async throws {
        let spans = InMemorySpanExporter()
        let telemetry = try TelemetrySystem.start(spans: [spans], metrics: [], logs: [], environment: [:])
        let (tracer, peer) = (telemetry.tracer("shop"), Peer())
        let sum = try await tracer.withRPCClientSpan(RPCCall("add", system: .jsonRPC)) { calling in
            let reply = try await peer.call("add", [1, 2])
            calling.finish(statusCode: reply.errorCode.map { "\($0)" })
            return reply.result
        }
        await telemetry.forceFlush()
        let span = try #require(spans.finishedSpans.first)
        #expect(sum == nil && span.name == "add" && span.status == .error(""))
        #expect(span.attributes["rpc.response.status_code"] == "-32601" && span.attributes["error.type"] == "-32601")
        await telemetry.shutdown()
    }

    private struct Model: Sendable {
        struct Answer: Sendable {
            let model = "gpt-4o-mini-2024-07-18"
            let inputTokens = 10
            let outputTokens = 3
        }

        func answer(_ question: String) async throws -> Answer { Answer() }

        func pieces(_ question: String) -> AsyncStream<String> {
            AsyncStream { stream in
                stream.yield("It ")
                stream.yield("rains.")
                stream.finish()
            }
        }
    }

    private func show(_ piece: String) {}
    private func forecast() async throws -> AttributeValue { ["rain": true] }

    @Test func modelsAgentsAndToolsHaveSpans() async throws {
        let spans = InMemorySpanExporter()
        let telemetry = try TelemetrySystem.start(spans: [spans], metrics: [], logs: [], environment: [:])
        let (tracer, models, model) = (telemetry.tracer("shop"), GenAIMetrics(telemetry.meter("shop")), Model())
        let chat = GenAIOperation(.chat, provider: .openAI, model: "gpt-4o-mini", serverAddress: "api.openai.com")
        let answer = try await tracer.withGenAISpan(chat, metrics: models) { chatting in
            chatting.setInputMessages([["role": "user", "parts": [["type": "text", "content": "Is it raining?"]]]])
            let answer = try await model.answer("Is it raining?")
            let usage = (answer.inputTokens, answer.outputTokens)
            chatting.finish(GenAIResponse(model: answer.model, inputTokens: usage.0, outputTokens: usage.1))
            return answer
        }
        #expect(answer.outputTokens == 3)
        var streamed = chat
        streamed.isStreaming = true
        let streaming = tracer.startGenAISpan(streamed, metrics: models)
        for await piece in model.pieces("Tell me more") {
            streaming.recordChunk()
            show(piece)
        }
        streaming.finish(GenAIResponse(outputTokens: 42))
        let agent = GenAIOperation(.invokeAgent, provider: .openAI, agent: .init("weather"))
        try await tracer.withGenAISpan(agent, metrics: models) { _ in
            let tool = GenAIOperation(executing: .init("forecast", callID: "call-1", type: "function"))
            try await tracer.withGenAISpan(tool) { executing in
                let weather = try await forecast()
                executing.setToolResult(weather)
            }
        }
        await telemetry.forceFlush()
        let found = spans.finishedSpans
        #expect(found.map(\.name) == ["chat gpt-4o-mini", "chat gpt-4o-mini", "execute_tool forecast", "invoke_agent weather"])
        #expect(found[0].attributes["gen_ai.input.messages"] == nil && found[0].attributes["gen_ai.usage.input_tokens"] == 10)
        #expect(found[1].attributes["gen_ai.response.time_to_first_chunk"] != nil)
        #expect(found[2].parentSpanID == found[3].spanID && found[2].kind == .internal)
        await telemetry.shutdown()
    }
}
