// Span names of routes, and the answers, spans and log lines of refusals, with and without a contract.

import ExampleSupport
import Telemetry
import Testing

struct TracedApplicationTests {
    private struct Answered {
        let response: ServiceResponse
        let span: ReadableSpan
        let logs: [ReadableLogRecord]
    }

    /// Returns the response, span and log records of one request.
    private func answer(
        _ path: String, method: String = "GET", contract: ContractSpan? = nil, _ handler: @escaping RouteHandler
    ) async throws -> Answered {
        let (spans, logs) = (InMemorySpanExporter(), InMemoryLogExporter())
        let telemetry = try ServiceHarness.telemetry("test", spans, logs: [logs])
        var router = Router(spanNames: .patternThenMethod)
        router.on("GET", "/items/:id", handler)
        router.on("GET", "/docs", spanName: .conventional, handler)
        let application = TracedApplication(telemetry, router: router, contract: contract)
        let response = await application.respond(to: ServiceRequest(method: method, target: path))
        return Answered(response: response, span: try #require(spans.finishedSpans.first), logs: logs.finishedRecords)
    }

    @Test(arguments: [
        ("GET", "/items/1", "/items/:id GET"), ("HEAD", "/items/1", "/items/:id HEAD"), ("GET", "/docs", "GET /docs"),
        ("GET", "/status", "/status"), ("HEAD", "/metrics", "/metrics"), ("GET", "/nothing", "GET"), ("PUT", "/docs", "PUT"),
    ])
    func spanIsNamedByRoute(method: String, path: String, name: String) async throws {
        #expect(try await answer(path, method: method) { _ in .text("") }.span.name == name)
    }

    @Test func refusalUnderContractIsRecordedAsErrorWithEvent() async throws {
        let answered = try await answer("/items/1", contract: ContractSpan(prefix: "test")) { _ throws(Refusal) in
            throw Refusal([FieldError("id", .unique)], reason: "invalid")
        }
        let list = #"[{"field":"id","message":"already exists"}]"#
        #expect(answered.response.status == 400 && answered.response.text == #"{"errors":\#(list)}"#)
        #expect(answered.span.status == .error("invalid") && answered.span.events.map(\.name) == [list])
        #expect(answered.span.attributes["test.response.code"] == 400)
        #expect(answered.span.attributes["test.response.body"] == .string(#"{"errors":\#(list)}"#))
        #expect(answered.logs.map { $0.body } == ["invalid", "request answered"])
        #expect(answered.logs.first?.attributes["detail"] == .string(list) && answered.logs.first?.severity == .warn)
        #expect(answered.logs.first?.spanID == answered.span.spanID)
    }

    @Test func refusalWithoutContractLeavesSpanToConventions() async throws {
        let cases: [(Int, SpanStatus, LogSeverity)] = [(401, .unset, .warn), (503, .error(""), .error)]
        for (status, spanStatus, severity) in cases {
            let answered = try await answer("/items/1") { _ throws(Refusal) in
                throw Refusal("Invalid token", status: status, key: "error")
            }
            #expect(answered.response.status == status && answered.response.text == #"{"error":"Invalid token"}"#)
            #expect(answered.response.headers["content-type"] == "application/json; charset=utf-8")
            #expect(answered.span.status == spanStatus && answered.span.events.isEmpty)
            #expect(answered.logs.first?.body == "Invalid token" && answered.logs.first?.severity == severity)
        }
    }

    @Test func contractRecordsParameterBodyAndResponse() async throws {
        let contract = ContractSpan(prefix: "test")
        let answered = try await answer("/items/7", contract: contract) { request in
            contract.recordParameter("id", of: request)
            contract.recordBody(of: request)
            return contract.response(["a": 1], status: 201, to: request)
        }
        #expect(answered.response.status == 201 && answered.response.text == #"{"a":1}"#)
        let expected: [String: AttributeValue] = [
            "test.request.parameters": "ID=7", "test.request.body": "", "test.response.code": 201,
            "test.response.body": #"{"a":1}"#,
        ]
        for (key, value) in expected { #expect(answered.span.attributes[key] == value, "\(key)") }
        #expect(answered.span.status == .ok)
    }

    @Test func answerThatIsCutOffIsAnErrorOfItsSpan() async throws {
        let memory = InMemorySpanExporter()
        var router = Router()
        router.on("GET", "/items") { _ in
            var response = ServiceResponse.json("", spanStatus: .ok)
            response.stream = { writer in
                await writer.write([UInt8(ascii: "[")])
                throw DatabaseError.unavailable("the connection was lost")
            }
            return response
        }
        let application = TracedApplication(try ServiceHarness.telemetry("test", memory), router: router)
        try await ServiceHarness.listening({ await application.respond(to: $0) }) { url in
            await #expect(throws: HTTPClientError.self) {
                try await SocketTransport(timeout: ServiceHarness.patience).send("GET", url + "/items", headers: [:], body: [])
            }
            let isFinished = await eventually { !memory.finishedSpans.isEmpty }
            #expect(isFinished)
        }
        let span = try #require(memory.finishedSpans.first)
        #expect(span.status != .ok && span.status != .unset && span.events.map(\.name) == ["exception"])
    }

    @Test func recordedTextEndsAfter4KiBAtWholeScalar() {
        let text = String(repeating: "é", count: 2_048)
        #expect(text.recorded == text)
        #expect(("a" + text).recorded == "a" + String(repeating: "é", count: 2_047) + "…")
    }
}
