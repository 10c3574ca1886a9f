// The collector's side of OTLP: metrics, JSON, identifiers, methods, and requests as other SDKs write them.

import ExampleSupport
import Telemetry
import Testing

@testable import Collector
@testable import TelemetryConsole

struct CollectorProtocolTests {
    private typealias Harness = CollectorHarness

    private static let metrics = #"""
        {"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeMetrics":[{
        "scope":{"name":"orders"},"metrics":[{"name":"orders.placed","unit":"{order}","sum":{"isMonotonic":true,
        "aggregationTemporality":2,"dataPoints":[{"asInt":"9007199254740993","timeUnixNano":"1700000000000000020"}]}}]}]}]}
        """#

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func defaultTelemetryExportsAllSignalsToCollector() async throws {
        let collector = Harness()
        try await ServiceHarness.listening({ await collector.routes.respond(to: $0) }) { url in
            for encoding in ["http/protobuf", "http/json"] {
                let telemetry = try TelemetrySystem.start(environment: [
                    "OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_EXPORTER_OTLP_PROTOCOL": encoding, "OTEL_SERVICE_NAME": "shop",
                    "OTEL_EXPORTER_OTLP_TIMEOUT": "60000",
                ])
                telemetry.tracer("orders").withSpan("place order") { _ in telemetry.logger("orders").info("placed") }
                telemetry.meter("orders").counter("orders.placed").add(3)
                #expect(await telemetry.shutdown(within: ServiceHarness.patience) == .completed, "With \(encoding).")
            }
        }
        let status = try await collector.get("/status")
        #expect(status["spans"] == 2 && status["logs"] == 2)
        #expect(try #require(status["points"]?.integerValue) >= 2)
        #expect(try await collector.get("/metrics").arrayValue?.contains { $0["name"] == "orders.placed" } == true)
    }

    @Test func metricsShowLastExport() async throws {
        let collector = Harness()
        for _ in 0..<2 {
            let answer = await collector.postJSON("/v1/metrics", Self.metrics)
            #expect(answer.status == 200 && answer.text == "{}" && answer.headers["content-type"] == "application/json")
        }
        #expect(
            try await collector.get("/metrics") == [
                [
                    "name": "orders.placed", "unit": "{order}", "kind": "sum", "points": 1, "service": "shop", "scope": "orders",
                    "truncatedValues": 0,
                ]
            ])
        let metric = try await collector.get("/metrics/orders.placed")["resourceMetrics"]?[0]
        let point = metric?["scopeMetrics"]?[0]?["metrics"]?[0]?["sum"]?["dataPoints"]?[0]
        #expect(point?["asInt"] == "9007199254740993" && point?["timeUnixNano"] == "1700000000000000020")
        #expect(await collector.routes.respond(to: ServiceRequest(method: "GET", target: "/metrics/x")).status == 404)
    }

    @Test func linksScopeAndResourceAreShown() async throws {
        let collector = Harness()
        let linked = "4bf92f3577b34da6a3ce929d0e0e4736"
        let members =
            #""attributes":[{"key":"n","value":{"intValue":"9007199254740993"}}],"links":[{"traceId":"\#(linked)","#
            + #""spanId":"00f067aa0ba902b7","attributes":[{"key":"why","value":{"stringValue":"batch"}}]}]"#
        let body = Harness.request(
            Harness.span(1, members), resource: #"{"attributes":[{"key":"host.name","value":{"stringValue":"h1"}}]}"#,
            scope: #"{"name":"orders","version":"1.2"}"#)
        #expect(await collector.postJSON("/v1/traces", body).status == 200)
        let trace = try await collector.get("/traces/\(Harness.traceID)")
        let span = trace["spans"]?[0]
        #expect(span?["links"]?[0]?["traceId"]?.stringValue == linked && span?["links"]?[0]?["attributes"] == ["why": "batch"])
        #expect(span?["scope"]?["name"] == "orders" && span?["scope"]?["version"] == "1.2")
        #expect(span?["resource"]?["attributes"] == ["host.name": "h1"])
        #expect(span?["attributes"] == ["n": "9007199254740993"])
        #expect(span?["startTimeUnixNano"] == "10" && trace["durationNanoseconds"] == "10")
        let tree = await collector.routes.respond(to: ServiceRequest(method: "GET", target: "/traces/\(Harness.traceID)?format=text")).text
        #expect(tree.contains("↗ link to trace \(linked) span 00f067aa0ba902b7  why=batch"))
        #expect(tree.contains("scope orders 1.2  resource host.name=h1"))
    }

    @Test(arguments: [15, 17, 1, 8])
    func identifierOfWrongLengthRefusesWholeRequest(length: Int) async throws {
        let collector = Harness()
        let good = Harness.field(1, Array(repeating: 1, count: 16)) + Harness.field(2, Array(repeating: 2, count: 8))
        let bad = Harness.field(1, Array(repeating: 3, count: length)) + Harness.field(2, Array(repeating: 2, count: 8))
        let body = Harness.field(1, Harness.field(2, Harness.field(2, good) + Harness.field(2, bad)))
        let answer = await collector.post("/v1/traces", body)
        #expect(answer.status == 400 && answer.body.prefix(3) == [0x08, 3, 0x12])
        #expect(answer.text.contains("invalid traceId length"))
        let digits = String(repeating: "ab", count: length)
        #expect(await collector.sendSpans([1], traceID: digits).status == 400)
        let log = #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"\#(digits)"}]}]}]}"#
        #expect(await collector.postJSON("/v1/logs", log).status == 400)
        let link = #""links":[{"traceId":"\#(digits)","spanId":"00f067aa0ba902b7"}]"#
        #expect(await collector.sendSpans([1], link).status == 400)
        #expect(try await collector.get("/status")["spans"] == 0)
    }

    @Test func spansWithoutValidIdentifiersFormNoTrace() async throws {
        let collector = Harness()
        let zero = String(repeating: "0", count: 32)
        let answer = await collector.sendSpans([1, 2], traceID: zero)
        #expect(answer.status == 200)
        #expect(try JSONValue(parsing: answer.body)["partialSuccess"]?["rejectedSpans"] == "2")
        #expect(await collector.sendSpans([0, 0, 7]).status == 200)
        #expect(try await collector.get("/traces").arrayValue?.map { $0["spans"] } == [1])
        #expect(try await collector.get("/status")["leftOut"]?["invalidSpans"] == 4)
        let log = #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"\#(zero)"},{"traceId":""}]}]}]}"#
        #expect(await collector.postJSON("/v1/logs", log).status == 200)
        #expect(await collector.routes.respond(to: ServiceRequest(method: "GET", target: "/traces/\(zero)")).status == 404)
    }

    @Test func deeplyNestedValueIsTruncatedAndRestOfRequestKept() async throws {
        let collector = Harness()
        let (open, close) = (#"{"arrayValue":{"values":["#, "]}}")
        let deep = String(repeating: open, count: 1_000) + #"{"intValue":1}"# + String(repeating: close, count: 1_000)
        let members = #""attributes":[{"key":"deep","value":\#(deep)},{"key":"flat","value":{"boolValue":true}}]"#
        #expect(await collector.sendSpans([1, 2], members).status == 200)
        var value: [UInt8] = []
        for _ in 0..<10_000 { value = Harness.field(5, Harness.field(1, value)) }
        let attribute = Harness.field(9, Harness.field(1, bytes("deep")) + Harness.field(2, value))
        let identifiers = Harness.field(1, Array(repeating: 1, count: 16)) + Harness.field(2, Array(repeating: 2, count: 8))
        #expect(await collector.post("/v1/traces", Harness.spanRequest(identifiers + attribute)).status == 200)
        for id in [Harness.traceID, String(repeating: "01", count: 16)] {
            let text = await collector.routes.respond(to: ServiceRequest(method: "GET", target: "/traces/\(id)")).text
            #expect(text.contains("nested too deep"))
            #expect(text.contains(#""truncatedValues":1"#))
        }
        let spans = try await collector.get("/traces/\(Harness.traceID)")["spans"]
        #expect(spans?[1]?["attributes"]?["flat"] == .bool(true))
    }

    @Test(arguments: ["/v1/traces", "/v1/metrics", "/v1/logs"])
    func otherMethodIs405AndOtherPathIs404(path: String) async {
        let collector = Harness()
        for method in ["GET", "PUT", "DELETE", "HEAD"] {
            let answer = await collector.routes.respond(to: ServiceRequest(method: method, target: path))
            #expect(answer.status == 405 && answer.headers["allow"] == "POST")
        }
        #expect(await collector.post(path + "/", []).status == 404)
        #expect(await collector.post("/v1/traces/x", []).status == 404)
    }

    @Test func jsonVariantsOfSendersAreDecoded() async throws {
        let collector = Harness()
        let lenient = #"""
             {"unknown":{"a":[1,{"b":"]"}]},"resource_spans":[{"resource":null,"scopeSpans":[{"spans":[{"traceId":
            "0AF7651916CD43DD8448EB211C80319C","span_id":"00f067aa0ba902b7","parentSpanId":"","kind":"SPAN_KIND_SERVER",
            "name":"\u00e9\ud83d\ude00\n","startTimeUnixNano":1700000000123456789,"endTimeUnixNano":"1700000000123456790",
            "status":{"code":2,"message":"m"},"attributes":[{"key":"b","value":{"bytesValue":"AQID"}},{"key":"d","value":{"doubleValue":"NaN"}},
            {"key":"i","value":{"intValue":-5}},{"key":"n","value":{}},{"key":"m","value":{"kvlistValue":{"values":[{"key":"x","value":{"doubleValue":1.5}}]}}}]}]}]}]}
            """#
        #expect(await collector.postJSON("/v1/traces", lenient).status == 200)
        let span = try await collector.get("/traces/\(Harness.traceID)")["spans"]?[0]
        #expect(span?["name"] == "é😀\n" && span?["kind"] == "server" && span?["parentSpanId"] == .null)
        #expect(span?["startTimeUnixNano"] == "1700000000123456789" && span?["status"] == ["code": "error", "message": "m"])
        #expect(span?["attributes"] == ["b": [1, 2, 3], "d": "nan", "i": "-5", "n": .null, "m": ["x": 1.5]])
    }

    @Test(arguments: ["", "[]", "{", "{} x", #"{"resourceSpans":[,]}"#, #"{"resourceSpans":[{}"#, #"{"resourceSpans":{}}"#, "{,}", "nul"])
    func malformedJSONIs400WithStatus(body: String) async throws {
        for path in ["/v1/traces", "/v1/metrics", "/v1/logs"] where path == "/v1/traces" || !body.contains("Spans") {
            let answer = await Harness().postJSON(path, body)
            #expect(answer.status == 400 && answer.headers["content-type"] == "application/json")
            #expect(try JSONValue(parsing: answer.body)["code"] == 3)
        }
    }

    @Test func gzipOfTwoMembersIsAcceptedAndCodingIgnoresCase() async throws {
        let collector = Harness()
        // A stored block with an empty resource. (RFC 1951 §3.2.4, CRC-32 of RFC 1952.)
        let member: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 0, 0xFD, 0xFF, 0x0A, 0x00, 0x75, 0xFA, 0x36, 0xBB, 2, 0, 0, 0]
        let body = member + member
        let answer = await collector.post(
            "/v1/traces", body, ["Content-Type": "application/x-protobuf", "Content-Encoding": "GZIP"])
        #expect(answer.status == 200, "\(answer.text)")
    }

    @Test func damagedRequestsOfAllSignalsAreAnswered() async throws {
        var random = SplitMix64(seed: 15)
        let collector = Harness()
        let samples: [(String, [UInt8])] = [
            ("/v1/metrics", bytes(Self.metrics)), ("/v1/traces", bytes(Harness.request(Harness.span(1, #""links":[{}],"events":[{}]"#)))),
            (
                "/v1/logs",
                bytes(#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"arrayValue":{"values":[{"intValue":"1"}]}}}]}]}]}"#)
            ),
        ]
        for _ in 0..<2_000 {
            for (path, sample) in samples {
                var body = sample
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let place = Int.random(in: 0..<body.count, using: &random)
                    switch Int.random(in: 0...3, using: &random) {
                    case 0: body[place] = .random(in: 0...255, using: &random)
                    case 1: body.remove(at: place)
                    case 2: body.insert(body[Int.random(in: 0..<body.count, using: &random)], at: place)
                    default: body.removeLast(body.count - place)
                    }
                    if body.isEmpty { body = [0x7B] }
                }
                let answer = await collector.post(path, body, Harness.json)
                #expect(answer.status == 200 || answer.status == 400)
            }
        }
        #expect(await collector.routes.respond(to: ServiceRequest(method: "GET", target: "/metrics")).status == 200)
    }
}
