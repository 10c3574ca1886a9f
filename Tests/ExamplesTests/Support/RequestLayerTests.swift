// What surrounds every request: the order of layers, identifiers in log records, and open CORS. (TWT-07.)

import ExampleSupport
import Telemetry
import Testing

struct RequestLayerTests {
    /// A layer that leaves its name in the answer, or answers itself.
    private struct Named: RequestLayer {
        let name: String
        var answers = false

        func respond(to request: ServiceRequest, next: Handler) async -> ServiceResponse {
            var response = answers ? .text("by \(name)", status: 429) : await next(request)
            response.headers.add("Layer", name)
            return response
        }
    }

    /// Returns the response, span and log records of one request.
    private func answer(
        _ layers: [any RequestLayer], path: String = "/items", headers: HTTPHeaders = [:], peer: String = "192.0.2.1"
    ) async throws -> (response: ServiceResponse, span: ReadableSpan, logs: [ReadableLogRecord]) {
        let (spans, logs) = (InMemorySpanExporter(), InMemoryLogExporter())
        let telemetry = try ServiceHarness.telemetry("test", spans, logs: [.contextFields, logs])
        var router = Router()
        router.on("GET", "/items") { _ in
            telemetry.log.info("handled", ["request_ip": "own"])
            return .text("by the route")
        }
        let application = TracedApplication(telemetry, router: router, layers: layers)
        var request = ServiceRequest(method: "GET", target: path, headers: headers)
        request.peerAddress = peer
        let response = await application.respond(to: request)
        return (response, try #require(spans.finishedSpans.first), logs.finishedRecords)
    }

    @Test func firstLayerIsOutermost() async throws {
        let answered = try await answer([Named(name: "a"), Named(name: "b")])
        #expect(answered.response.text == "by the route" && answered.response.headers.values(named: "Layer") == ["b", "a"])
    }

    @Test func layerAnswersWithoutTheRouteInsideTheSpan() async throws {
        let answered = try await answer([Named(name: "a"), Named(name: "b", answers: true), Named(name: "c")])
        #expect(answered.response.text == "by b" && answered.response.headers.values(named: "Layer") == ["b", "a"])
        #expect(answered.span.name == "GET /items" && answered.span.attributes["http.response.status_code"] == 429)
        #expect(answered.logs.map { $0.body } == ["request answered"])
    }

    /// A layer that only sets the context is not in the way of answers.
    @Test func layerThatTakesNoPartInAnswersIsAskedForTheContextAlone() async throws {
        struct Silent: RequestLayer {
            var takesPartInAnswers: Bool { false }

            func context(of request: ServiceRequest, _ context: Context) -> Context { context.adding(logFields: ["layer": "silent"]) }

            func respond(to request: ServiceRequest, next: Handler) async -> ServiceResponse { .text("by the layer", status: 500) }
        }
        let answered = try await answer([Silent(), Named(name: "a"), RateLimit(limit: 0)])
        #expect(answered.response.text == "by the route" && answered.response.headers.values(named: "Layer") == ["a"])
        #expect(answered.logs.first?.attributes["layer"] == "silent")
    }

    @Test func layersSeeRequestsWithoutRoute() async throws {
        let answered = try await answer([Named(name: "a")], path: "/nothing")
        #expect(answered.response.status == 404 && answered.response.headers["Layer"] == "a")
    }

    @Test(arguments: ["7", "a-b_c.d:e/f+g=h@i", String(repeating: "x", count: 128)])
    func sentIdentifierIsOnLogRecords(identifier: String) async throws {
        let logs = try await answer([RequestIdentifier()], headers: ["X-Request-ID": identifier]).logs
        #expect(logs.count == 2 && logs.allSatisfy { $0.attributes["request_id"] == .string(identifier) })
        #expect(logs.last?.attributes["request_ip"] == nil)
    }

    @Test(arguments: [nil, "", "a b", "a\"}", "é", "a,b", String(repeating: "x", count: 129)])
    func missingOrStrangeIdentifierIsReplacedByUUID(identifier: String?) async throws {
        var headers: HTTPHeaders = [:]
        headers["X-Request-ID"] = identifier
        let logs = try await answer([RequestIdentifier()], headers: headers).logs
        let made = try #require(logs.first?.attributes["request_id"]?.stringValue)
        #expect(UUID(made) != nil && logs.allSatisfy { $0.attributes["request_id"] == .string(made) })
    }

    @Test func addressIsOnLogRecordsUnlessTheyHaveTheirOwn() async throws {
        let layer = RequestIdentifier(recordsAddress: true, behind: TrustedProxies(count: 1))
        let logs = try await answer([layer], headers: ["X-Forwarded-For": "198.51.100.7"]).logs
        #expect(logs.map { $0.attributes["request_ip"] } == ["own", "198.51.100.7"])
    }

    @Test func answersNameEveryOriginAndReadableHeaders() async throws {
        let answered = try await answer([OpenCORS(readableHeaders: ["A", "B"])])
        #expect(answered.response.headers["Access-Control-Allow-Origin"] == "*")
        #expect(answered.response.headers["Access-Control-Expose-Headers"] == "A, B")
        #expect(answered.response.headers["Access-Control-Allow-Credentials"] == nil)
    }
}
