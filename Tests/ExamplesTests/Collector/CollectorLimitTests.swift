// The collector's bounds: what it keeps, drops and counts.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

@testable import Collector
@testable import TelemetryConsole

struct CollectorLimitTests {
    private typealias Harness = CollectorHarness

    @Test func oldestTracesAreRemovedBeyondByteLimit() async throws {
        var limits = CollectorLimits()
        limits.bytes = 1 << 20
        let collector = Harness(limits)
        let attribute = #""attributes":[{"key":"a","value":{"stringValue":"\#(String(repeating: "x", count: 10_000))"}}]"#
        for number in 1...200 {
            let id = String(repeating: "0", count: 32 - "\(number)".count) + "\(number)"
            #expect(await collector.sendSpans([1], traceID: id, attribute).status == 200)
        }
        let status = try await collector.get("/status")
        let kept = try #require(status["kept"]?["traces"]?.integerValue)
        #expect(kept > 10 && kept < 60)
        #expect(status["leftOut"]?["forgottenTraces"]?.integerValue == 200 - kept)
        #expect(try #require(status["kept"]?["bytes"]?.integerValue) <= limits.bytes)
        let list = try await collector.get("/traces")
        #expect(list.arrayValue?.count == kept)
        #expect(list[kept - 1]?["traceId"]?.stringValue?.hasSuffix("200") == true, "The newest ones stay.")
    }

    @Test func spansBeyondTraceLimitAreDroppedAndCounted() async throws {
        let collector = Harness()
        #expect(await collector.sendSpans(2...1_501, #""parentSpanId":"0000000000000001""#).status == 200)
        #expect(await collector.sendSpans([1]).status == 200)
        collector.collection.drawAll()
        let trace = try await collector.get("/traces")[0]
        #expect(trace?["spans"] == 1_000 && trace?["droppedSpans"] == 501 && trace?["complete"] == false)
        #expect(trace?["root"] == "span 1", "The root is kept, though it came last.")
        #expect(try await collector.get("/status")["leftOut"]?["droppedSpans"] == 501)
        let text = await collector.routes.respond(
            to: ServiceRequest(method: "GET", target: "/traces/\(Harness.traceID)?format=text"))
        #expect(text.text.contains("501 spans beyond the limit left out"))
    }

    @Test func drawingAtTheEndStopsAtItsDeadlineAndCountsTheRest() async throws {
        let collector = Harness()
        #expect(await collector.sendSpans(1...3).status == 200)
        #expect(collector.collection.drawAll(until: .after(.zero)) == 1)
        #expect(collector.collection.drawAll() == 0)
    }

    @Test func nothingIsDrawnWhileMoreComesThanCanBe() {
        var budget = DrawingBudget(itemsPerSecond: 100)
        // Of a request that comes after a pause all is drawn.
        var taken = [budget.takes(600, at: .zero)]
        for tenth in 1...50 { taken.append(budget.takes(50, at: .milliseconds(tenth * 100))) }
        #expect(taken == [true] + [Bool](repeating: false, count: 50) && budget.refusedCount == 2_500)
        taken = [budget.takes(10, at: .milliseconds(5_500)), budget.takes(10, at: .milliseconds(6_200))]
        #expect(taken == [false, true])
    }

    @Test func traceOfAnUndrawnUserAgentIsListedAndNotDrawn() async throws {
        let drawn = Mutex("")
        let collection = TraceCollection(settle: .zero, undrawnUserAgent: "robot") { text in drawn.withLock { $0 += text } }
        let routes = CollectorRoutes(collection)
        for (number, agent) in [(1, "robot"), (2, "curl")] {
            let members = #""attributes":[{"key":"user_agent.original","value":{"stringValue":"\#(agent)"}}]"#
            let body = Harness.request(Harness.span(number, traceID: String(repeating: "\(number)", count: 32), members))
            _ = await routes.respond(
                to: ServiceRequest(method: "POST", target: "/v1/traces", headers: Harness.json, body: Array(body.utf8)))
        }
        collection.drawAll()
        let text = drawn.withLock { $0 }
        #expect(text.contains("span 2") && !text.contains("span 1"))
        let list = await routes.respond(to: ServiceRequest(method: "GET", target: "/traces"))
        #expect(try JSONValue(parsing: list.body).arrayValue?.map { $0["complete"] } == [true, true])
    }

    @Test func duplicateSpanIsKeptOnce() async throws {
        let collector = Harness()
        for _ in 0..<2 { #expect(await collector.sendSpans(1...3).status == 200) }
        collector.collection.drawAll()
        let trace = try await collector.get("/traces/\(Harness.traceID)")
        #expect(trace["spans"]?.arrayValue?.count == 3 && trace["complete"] == true)
        let status = try await collector.get("/status")
        #expect(status["spans"] == 6 && status["leftOut"]?["duplicateSpans"] == 3)
    }

    @Test func longTextIsTruncatedAndMarked() async throws {
        let collector = Harness()
        let long = String(repeating: "é", count: 50_000)
        #expect(await collector.sendSpans([1], #""attributes":[{"key":"a","value":{"stringValue":"\#(long)"}}]"#).status == 200)
        let span = try await collector.get("/traces/\(Harness.traceID)")["spans"]?[0]
        let text = try #require(span?["attributes"]?["a"]?.stringValue)
        #expect(text.hasPrefix("éé") && text.hasSuffix("é… (100000 bytes)") && text.utf8.count < 17_000)
        #expect(span?["truncatedValues"] == 1)
    }

    @Test func attributesBeyondLimitAreDroppedAndCounted() async throws {
        let collector = Harness()
        let fields =
            Harness.field(1, Array(repeating: 1, count: 16)) + Harness.field(2, Array(repeating: 2, count: 8))
            + Array(repeating: [0x4A, 0x00] as [UInt8], count: 200_000).joined() + Harness.field(5, Harness.byte("named at the end"))
        #expect(await collector.post("/v1/traces", Harness.spanRequest(fields)).status == 200)
        let trace = try await collector.get("/traces/\(String(repeating: "01", count: 16))")
        #expect(trace["spans"]?[0]?["name"] == "named at the end")
        #expect(trace["spans"]?[0]?["truncatedValues"] == 195_904)
        #expect(try #require(try await collector.get("/status")["kept"]?["bytes"]?.integerValue) < 1 << 20)
    }

    @Test func emptyMessagesTakeNoMemory() async throws {
        let collector = Harness()
        for unit in [[0x0A, 0x00], [0x0A, 0x02, 0x12, 0x00], [0x0A, 0x04, 0x12, 0x02, 0x12, 0x00]] as [[UInt8]] {
            let body = Array(Array(repeating: unit, count: 5_000).joined())
            for path in ["/v1/traces", "/v1/logs", "/v1/metrics"] { #expect(await collector.post(path, body).status == 200) }
        }
        let status = try await collector.get("/status")
        #expect(status["kept"]?["traces"] == 0 && status["leftOut"]?["invalidSpans"] == 5_000)
        #expect(try #require(status["kept"]?["bytes"]?.integerValue) < 1 << 16)
    }

    @Test(arguments: [true, false])
    func oversizedRequestIs413WithStatusInItsEncoding(isJSON: Bool) async throws {
        let collector = Harness(maximumRequestBytes: 10_000)
        let type = isJSON ? Harness.json : Harness.protobuf
        var gzip = type
        gzip["Content-Encoding"] = "gzip"
        // One stored block of 20,000 bytes. (RFC 1951 §3.2.4.)
        let block = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1, 0x20, 0x4E, 0xDF, 0xB1] + [UInt8](repeating: 0x20, count: 20_000)
        for (body, headers) in [([UInt8](repeating: 0x20, count: 20_000), type), (block, gzip)] {
            for path in ["/v1/traces", "/v1/metrics", "/v1/logs"] {
                let answer = await collector.post(path, body, headers)
                #expect(answer.status == 413 && answer.headers["content-type"] == type["content-type"])
                #expect(answer.text.contains("larger than 10000 bytes"))
                if isJSON {
                    #expect(try JSONValue(parsing: answer.body)["code"] == 8)
                } else {
                    #expect(answer.body.prefix(3) == [0x08, 8, 0x12])
                }
            }
        }
    }

    @Test func oversizedBodyIsRefusedBeforeItIsReadWithStatus() async throws {
        var options = HTTPServerOptions.patient
        options.limits.body = 1_000
        options.refusal = { OTLPAnswer.refusal(of: $0, $1) }
        let collector = Harness()
        let listener = try ServiceListener.start(host: "127.0.0.1", port: 0, options: options) { await collector.routes.respond(to: $0) }
        let transport = SocketTransport(timeout: ServiceHarness.patience)
        let url = "http://127.0.0.1:\(listener.port)"
        let json = try await transport.send("POST", url + "/v1/traces", headers: Harness.json, body: .init(repeating: 0x20, count: 1_001))
        #expect(json.status == 413 && json.headers["content-type"] == "application/json")
        #expect(try JSONValue(parsing: json.body)["code"] == 8)
        let protobuf = try await transport.send(
            "POST", url + "/v1/logs", headers: Harness.protobuf, body: .init(repeating: 0, count: 1_001))
        #expect(protobuf.status == 413 && protobuf.body.prefix(3) == [0x08, 8, 0x12])
        let other = try await transport.send("POST", url + "/x", headers: Harness.json, body: .init(repeating: 0, count: 1_001))
        #expect(other.status == 413 && other.headers["content-type"] == "text/plain; charset=utf-8")
        await listener.stop(within: .seconds(2))
    }
}
