// The collector over sockets, up to a proxied request from end to end.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

@testable import AlbumStore
@testable import Collector
@testable import TelemetryConsole
@testable import Proxy

struct CollectorTests {
    private static let protobuf: HTTPHeaders = ["Content-Type": "application/x-protobuf"]

    /// A listening collector and its drawings.
    private struct RunningCollector {
        let url: String
        let drawn: Drawn

        func send(_ method: String, _ path: String, _ body: [UInt8] = [], headers: HTTPHeaders = [:]) async throws -> ServiceResponse {
            try await SocketTransport(timeout: ServiceHarness.patience).send(method, url + path, headers: headers, body: body)
        }

        func json(_ path: String) async throws -> JSONValue {
            try JSONValue(parsing: try await send("GET", path).body)
        }
    }

    private final class Drawn: Sendable {
        private let text = Mutex("")
        func add(_ more: String) { text.withLock { $0 += more } }
        var all: String { text.withLock { $0 } }
    }

    private func withCollector(capacity: Int = 100, _ body: (RunningCollector) async throws -> Void) async throws {
        let drawn = Drawn()
        var limits = CollectorLimits()
        limits.traces = capacity
        let collection = TraceCollection(limits: limits, settle: .milliseconds(20)) { drawn.add($0) }
        let routes = CollectorRoutes(collection)
        let drawing = Task { await collection.run() }
        defer { drawing.cancel() }
        try await ServiceHarness.listening({ await routes.respond(to: $0) }) { try await body(RunningCollector(url: $0, drawn: drawn)) }
    }

    /// Returns telemetry that exports to a collector.
    private func telemetry(_ service: String, _ collector: RunningCollector) throws -> TelemetrySystem {
        try TelemetrySystem.start(
            resource: .service(service), detectors: [], sampler: .alwaysOn, spans: [batches(to: collector)],
            propagators: [.traceContext], metrics: [], environment: [:])
    }

    private func batches(to collector: RunningCollector) -> BatchSpanProcessor {
        .batch(.otlp(endpoint: collector.url, options: OTLPOptions(timeout: ServiceHarness.patience)))
    }

    @Test func emptyRequestHasEmptyResponse() async throws {
        try await withCollector { collector in
            let answer = try await collector.send("POST", "/v1/traces", headers: Self.protobuf)
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "application/x-protobuf")
            #expect(answer.body.isEmpty)
            let status = try await collector.json("/status")
            #expect(status["status"] == "OK" && status["spans"] == 0 && status["traces"] == 0 && status["logs"] == 0)
        }
    }

    @Test(arguments: ["text/plain", "", "application/x-protobufs", "application/jsonlines"])
    func unknownContentTypeIs415(type: String) async throws {
        try await withCollector { collector in
            let answer = try await collector.send("POST", "/v1/traces", headers: ["Content-Type": type])
            #expect(answer.status == 415)
            #expect(answer.text.contains("application/x-protobuf"))
        }
    }

    @Test func parametersOfContentTypeAreIgnored() async throws {
        try await withCollector { collector in
            let answer = try await collector.send("POST", "/v1/traces", headers: ["Content-Type": "Application/X-Protobuf; charset=utf-8"])
            #expect(answer.status == 200)
        }
    }

    @Test func compressionOtherThanGzipIs415() async throws {
        try await withCollector { collector in
            let headers: HTTPHeaders = ["Content-Type": "application/x-protobuf", "Content-Encoding": "br"]
            let answer = try await collector.send("POST", "/v1/traces", [0x1F, 0x8B], headers: headers)
            #expect(answer.status == 415)
            #expect(answer.text.contains("gzip"))
        }
    }

    @Test func gzipRequestIsDecoded() async throws {
        try await withCollector { collector in
            let telemetry = try TelemetrySystem.start(
                resource: .service("shop"), detectors: [], sampler: .alwaysOn,
                spans: [.batch(.otlp(endpoint: collector.url, options: OTLPOptions(timeout: ServiceHarness.patience, compression: .gzip)))],
                propagators: [.traceContext], environment: [:])
            for index in 0..<100 { telemetry.tracer("test").startSpan("span \(index)", parent: .root).end() }
            #expect(await telemetry.shutdown(within: ServiceHarness.patience) == .completed)
            #expect(try await collector.json("/status")["spans"] == 100)
        }
    }

    @Test func oversizedDecompressedBodyIs413() async throws {
        let routes = CollectorRoutes(TraceCollection { _ in })
        let headers: HTTPHeaders = ["Content-Type": "application/x-protobuf", "Content-Encoding": "gzip"]
        func answer(_ body: [UInt8]) async -> ServiceResponse {
            await routes.respond(to: ServiceRequest(method: "POST", target: "/v1/traces", headers: headers, body: body))
        }
        // A stored block of 65,535 zeros after another, as RFC 1951 §3.2.4 has them.
        let block: [UInt8] = [0, 0xFF, 0xFF, 0, 0] + [UInt8](repeating: 0, count: 65_535)
        let beginning: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
        let bomb = beginning + (0..<1_030).flatMap { _ in block }
        #expect(await answer(bomb).status == 413)
        #expect(await answer(beginning).status == 400)
        #expect(await answer([1, 2, 3]).status == 400)
    }

    @Test(arguments: [[0xFF], [0x0A, 0x05, 0x01], [0x0A, 0x02, 0x12, 0x40]] as [[UInt8]])
    func malformedProtobufIs400WithStatus(body: [UInt8]) async throws {
        try await withCollector { collector in
            let answer = try await collector.send("POST", "/v1/traces", body, headers: Self.protobuf)
            #expect(answer.status == 400)
            #expect(answer.headers["content-type"] == "application/x-protobuf")
            // google.rpc.Status: code 3 (invalid argument), then the message.
            #expect(answer.body.prefix(3) == [0x08, 0x03, 0x12])
            #expect(answer.text.contains("ExportTraceServiceRequest"))
        }
    }

    @Test func randomBytesDoNotTrapCollector() async {
        let routes = CollectorRoutes(TraceCollection { _ in })
        var random = SplitMix64(seed: 3)
        for _ in 0..<3_000 {
            // Tags of the fields that matter, so that the bytes lead somewhere.
            let tags: [UInt8] = [0x0A, 0x12, 0x1A, 0x22, 0x2A, 0x30, 0x39, 0x4A, 0x5A, 0x6A, 0x7A, 0x00, 0x01, 0x05, 0x80, 0xFF]
            let body = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                Bool.random(using: &random)
                    ? tags[Int.random(in: 0..<tags.count, using: &random)] : UInt8.random(in: 0...20, using: &random)
            }
            let answer = await routes.respond(to: ServiceRequest(method: "POST", target: "/v1/traces", headers: Self.protobuf, body: body))
            #expect(answer.status == 200 || answer.status == 400)
        }
        #expect(await routes.respond(to: ServiceRequest(method: "GET", target: "/traces")).status == 200)
    }

    @Test func completeTraceIsDrawnOnceAndServed() async throws {
        try await withCollector { collector in
            let telemetry = try telemetry("shop", collector)
            let tracer = telemetry.tracer("test")
            tracer.withSpan("place order", ["order.id": 7]) { span in
                span.addEvent("paid", ["amount": 1.5])
                tracer.withSpan("reserve") { $0.setStatus(.error("none left")) }
            }
            #expect(await telemetry.shutdown(within: ServiceHarness.patience) == .completed)
            #expect(try await eventually { try await collector.json("/traces")[0]?["complete"] == true })

            let list = try await collector.json("/traces")
            #expect(list.arrayValue?.count == 1)
            #expect(list[0]?["root"] == "place order")
            #expect(list[0]?["spans"] == 2)
            #expect(list[0]?["errors"] == 1)
            #expect(list[0]?["services"] == ["shop"])

            let id = try #require(list[0]?["traceId"]?.stringValue)
            let trace = try await collector.json("/traces/\(id)")
            let (order, reserve) = (trace["spans"]?[0], trace["spans"]?[1])
            #expect(order?["parentSpanId"] == .null)
            #expect(order?["attributes"] == ["order.id": "7"])
            #expect(order?["events"]?[0]?["name"] == "paid")
            #expect(order?["events"]?[0]?["attributes"] == ["amount": 1.5])
            #expect(reserve?["parentSpanId"] == order?["spanId"])
            #expect(reserve?["status"] == ["code": "error", "message": "none left"])

            let tree = try await collector.send("GET", "/traces/\(id)?format=text").text
            #expect(tree.contains("└─ ✗ reserve"))
            #expect(collector.drawn.all.components(of: "trace \(id)") == 1)
        }
    }

    @Test func unknownTraceIs404() async throws {
        try await withCollector { collector in
            for id in ["x", "0af7651916cd43dd8448eb211c80319c"] {
                let answer = try await collector.send("GET", "/traces/\(id)")
                #expect(answer.status == 404)
            }
        }
    }

    @Test func onlyNewestTracesAreKept() async throws {
        try await withCollector(capacity: 3) { collector in
            let telemetry = try telemetry("shop", collector)
            for number in 1...5 {
                telemetry.tracer("test").startSpan("span \(number)", parent: .root).end()
                // Spans of one batch come in no order, since each processor keeps its own.
                #expect(await telemetry.forceFlush(within: ServiceHarness.patience) == .completed)
            }
            #expect(await telemetry.shutdown(within: ServiceHarness.patience) == .completed)
            let list = try await collector.json("/traces")
            #expect(list.arrayValue?.compactMap { $0["root"]?.stringValue } == ["span 3", "span 4", "span 5"])
            #expect(try await collector.json("/status")["traces"] == 5)
        }
    }

    @Test func proxiedRequestIsOneTraceOfThreeSpans() async throws {
        try await withCollector { collector in
            let storeTelemetry = try ServiceHarness.telemetry("album-store", batches(to: collector))
            let store = AlbumStoreApp.application(storeTelemetry)
            try await ServiceHarness.listening({ await store.respond(to: $0) }) { storeURL in
                let proxyTelemetry = try ServiceHarness.telemetry("proxy-service", batches(to: collector))
                let proxy = ProxyApp.application(
                    proxyTelemetry, transport: SocketTransport(timeout: ServiceHarness.patience), storeURL: storeURL)
                try await ServiceHarness.listening({ await proxy.respond(to: $0) }) { proxyURL in
                    let answer = try await SocketTransport(timeout: ServiceHarness.patience).send(
                        "GET", proxyURL + "/albums/1", headers: [:], body: [])
                    #expect(answer.status == 200)
                }
                #expect(await proxyTelemetry.stop(within: ServiceHarness.patience))
            }
            #expect(await storeTelemetry.stop(within: ServiceHarness.patience))

            let list = try await collector.json("/traces")
            #expect(list.arrayValue?.count == 1)
            let trace = try await collector.json("/traces/\(list[0]?["traceId"]?.stringValue ?? "")")
            let spans = trace["spans"]?.arrayValue ?? []
            #expect(spans.map { $0["name"]?.stringValue } == ["/albums/:id GET", "HTTP GET", "/albums/:id GET"])
            #expect(spans.map { $0["service"]?.stringValue } == ["proxy-service", "proxy-service", "album-store"])
            #expect(spans.map { $0["kind"]?.stringValue } == ["server", "client", "server"])
            #expect(spans.map { $0["parentSpanId"] } == [.null, spans.first?["spanId"], spans.dropFirst().first?["spanId"]])
        }
    }
}

extension String {
    /// Returns the number of occurrences of a text.
    fileprivate func components(of part: String) -> Int {
        var (count, rest) = (0, Substring(self))
        while let range = rest.firstRange(of: part) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
