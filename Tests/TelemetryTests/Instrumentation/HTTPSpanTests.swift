// HTTP spans: names, attributes, status.

import Synchronization
import Testing

@testable import Telemetry

struct HTTPSpanTests {
    private struct Response { var status: Int }
    private struct Refused: Error {}

    private let recorder = EndedSpans()
    private let tracer: Tracer
    private let remote = Context.root.with(
        spanContext: SpanContext(traceID: Samples.traceID, spanID: SpanID(7), flags: .sampled, isRemote: true))

    init() {
        let provider = TracerProvider(
            resource: .service("shop"), sampler: .alwaysOn, limits: SpanLimits(), processors: [recorder], idGenerator: nil,
            clock: .manual(ManualClock()))
        tracer = provider.tracer(InstrumentationScope(name: "http"))
    }

    @Test func serverTimingNamesTheSpanOfTheResponse() {
        let server = tracer.startHTTPServerSpan(HTTPServerRequest(method: "GET", target: "/"), parent: remote)
        #expect(server.serverTiming == "trace;desc=00-\(Samples.traceID)-\(server.span.context.spanID)-01")
        server.finish(statusCode: 200)
        let unsampled = Context.root.with(spanContext: SpanContext(traceID: Samples.traceID, spanID: SpanID(7), isRemote: true))
        let dropped = TracerProvider(
            resource: .service("shop"), sampler: .alwaysOff, limits: SpanLimits(), processors: [recorder], idGenerator: nil,
            clock: .manual(ManualClock())
        ).tracer(InstrumentationScope(name: "http")).startHTTPServerSpan(HTTPServerRequest(method: "GET", target: "/"), parent: unsampled)
        #expect(
            dropped.serverTiming?.hasPrefix("trace;desc=00-\(Samples.traceID)-") == true && dropped.serverTiming?.hasSuffix("-00") == true)
    }

    @Test func serverTimingIsMissingWithoutATrace() async throws {
        let telemetry = try TelemetrySystem.start(environment: ["OTEL_SDK_DISABLED": "true"])
        let span = telemetry.tracer("http").startHTTPServerSpan(HTTPServerRequest(method: "GET", target: "/"), parent: .root)
        #expect(!span.span.context.isValid && span.serverTiming == nil)
        await telemetry.shutdown(within: .seconds(60))
    }

    @Test func serverSpanContinuesTheTraceAndIsCurrentInTheHandler() async throws {
        let request = HTTPServerRequest(method: "GET", target: "/albums/7")
        let response = await tracer.withHTTPServerSpan(request, parent: remote, statusCode: \.status) { server in
            #expect(TraceSpan.current.context == server.span.context)
            server.setRoute("/albums/{id}")
            return Response(status: 200)
        }
        #expect(response.status == 200)
        let span = try #require(recorder.spans.first)
        #expect(span.name == "GET /albums/{id}")
        #expect(span.kind == .server)
        #expect(span.traceID == Samples.traceID)
        #expect(span.parentSpanID == SpanID(7))
        #expect(span.status == .unset)
        #expect(span.attributes["http.route"] == "/albums/{id}")
        #expect(span.attributes["http.response.status_code"] == 200)
        #expect(span.attributes["error.type"] == nil)
    }

    @Test func serverErrorSetsErrorStatusWithoutDescription() async throws {
        let request = HTTPServerRequest(method: "GET", target: "/")
        _ = await tracer.withHTTPServerSpan(request, parent: .root, statusCode: \.status) { _ in Response(status: 503) }
        let span = try #require(recorder.spans.first)
        #expect(span.name == "GET")
        #expect(span.status == .error(""))
        #expect(span.attributes["error.type"] == "503")
        #expect(span.events.isEmpty)
    }

    @Test func explicitStatusIsKept() throws {
        let server = tracer.startHTTPServerSpan(HTTPServerRequest(method: "GET", target: "/"), parent: .root)
        server.span.setStatus(.error("no album by that name"))
        server.finish(statusCode: 500)
        let span = try #require(recorder.spans.first)
        #expect(span.status == .error("no album by that name"))
        #expect(span.attributes["error.type"] == "500")
    }

    @Test func thrownErrorIsRecordedOnceAndRethrown() async throws {
        let request = HTTPServerRequest(method: "GET", target: "/")
        await #expect(throws: Refused.self) {
            _ = try await tracer.withHTTPServerSpan(request, parent: .root, statusCode: \.status) { _ throws(Refused) -> Response in
                throw Refused()
            }
        }
        let span = try #require(recorder.spans.first)
        #expect(recorder.spans.count == 1)
        #expect(span.status == .error("Refused()"))
        #expect(span.attributes["error.type"]?.stringValue?.hasSuffix("Refused") == true)
        #expect(span.events.map(\.name) == ["exception"])
    }

    @Test func valuesReportedBeforeAThrownErrorAreRecorded() async throws {
        let request = HTTPServerRequest(method: "GET", target: "/")
        await #expect(throws: Refused.self) {
            _ = try await tracer.withHTTPServerSpan(request, parent: .root, statusCode: \.status) { server throws(Refused) -> Response in
                server.finish(statusCode: 404, route: "/none", error: Refused())
                throw Refused()
            }
        }
        let span = try #require(recorder.spans.first)
        #expect(span.name == "GET /none")
        #expect(span.status == .unset)
        #expect(span.attributes["http.response.status_code"] == 404)
        #expect(span.events.isEmpty)
    }

    @Test func clientSpanIsChildAndFailsFrom400() async throws {
        try await tracer.withSpan("page") { page in
            let request = HTTPClientRequest(method: "GET", url: "http://user:secret@albums/7?sig=secret")
            _ = await tracer.withHTTPClientSpan(request, statusCode: \.status) { client in
                #expect(TraceSpan.current.context == client.span.context)
                client.setPeer(address: "192.0.2.1", port: 80, protocolVersion: "HTTP/1.1")
                return Response(status: 404)
            }
            let span = try #require(recorder.spans.first)
            #expect(span.kind == .client)
            #expect(span.parentSpanID == page.context.spanID)
            #expect(span.status == .error(""))
            #expect(span.attributes["error.type"] == "404")
            #expect(span.attributes["network.peer.address"] == "192.0.2.1")
            #expect(span.attributes["url.full"] == "http://REDACTED:REDACTED@albums/7?sig=REDACTED")
        }
    }

    @Test func cancelledRequestIsNotAnError() async throws {
        await #expect(throws: CancellationError.self) {
            let request = HTTPClientRequest(method: "GET", url: "http://albums/")
            _ = try await tracer.withHTTPClientSpan(request, statusCode: \.status) { _ -> Response in throw CancellationError() }
        }
        let span = try #require(recorder.spans.first)
        #expect(span.status == .unset)
        #expect(span.events.isEmpty)
    }

    @Test func headersOfUnsampledRequestAreNotRead() async {
        let read = Mutex(0)
        let request = HTTPServerRequest(method: "GET", target: "/") { _ in
            read.withLock { $0 += 1 }
            return []
        }
        let provider = TracerProvider(
            resource: .empty, sampler: .parentBased(.alwaysOff), limits: SpanLimits(), processors: [recorder], idGenerator: nil,
            clock: .manual(ManualClock()))
        let quiet = provider.tracer(InstrumentationScope(name: "http"))
        _ = await quiet.withHTTPServerSpan(request, parent: .root, statusCode: \.status) { server in
            #expect(Context.current.spanContext == server.span.context)
            return Response(status: 500)
        }
        #expect(read.withLock { $0 } == 0)
        #expect(recorder.spans.isEmpty)
    }

    @Test func onlyListedResponseHeadersAreRecorded() throws {
        let conventions = HTTPConventions(recordedResponseHeaders: ["ETag"])
        let headers = ["etag": ["\"1\""], "set-cookie": ["secret"]]
        let server = tracer.startHTTPServerSpan(HTTPServerRequest(method: "GET", target: "/"), parent: .root, conventions: conventions)
        server.finish(statusCode: 200) { headers[$0] ?? [] }
        let span = try #require(recorder.spans.first)
        #expect(span.attributes["http.response.header.etag"] == ["\"1\""])
        #expect(!span.attributes.contains { $0.key.contains("cookie") })
    }

    @Test func finishedSpansAreDrawnAsATree() async throws {
        _ = await tracer.withHTTPServerSpan(HTTPServerRequest(method: "GET", target: "/"), parent: remote, statusCode: \.status) { server in
            server.setRoute("/albums")
            tracer.withSpan("look up") { $0.addEvent("miss") }
            return Response(status: 200)
        }
        let drawn = TraceTree.text(for: recorder.spans.map { TraceTreeSpan($0) })
        let lines = drawn.split(separator: "\n").map { String($0.drop { $0 == " " }) }
        #expect(lines.count == 5)
        #expect(lines[0] == "trace 0af7651916cd43dd8448eb211c80319c · 0 ns · 2 spans · shop")
        #expect(lines[1].hasPrefix("GET /albums · server"))
        #expect(lines[2] == "│  (its parent 0000000000000007 is not among the spans here)")
        #expect(lines[3].hasPrefix("└─ look up"))
        #expect(lines[4] == "• miss +0 ns")
    }
}
