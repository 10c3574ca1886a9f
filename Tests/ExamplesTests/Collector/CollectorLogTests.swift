// The collector's handling of log records, alone and beside the spans of their trace.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

@testable import Collector
@testable import TelemetryConsole

struct CollectorLogTests {
    private static let protobuf: HTTPHeaders = ["Content-Type": "application/x-protobuf"]
    private static let traceID = "0af7651916cd43dd8448eb211c80319c"

    /// An ExportLogsServiceRequest with two records of a trace and one of none, written by Google's protobuf library for Python.
    private static let records = bytes(
        "0af8010a180a160a0c736572766963652e6e616d6512060a0473686f7012db010a080a066f726465727312710914000000000000001011"
            + "1a054552524f522a100a0e7061796d656e74206661696c6564320e0a086f726465722e69641202180732110a047461677312092a070a"
            + "030a01610a0045010000004a100af7651916cd43dd8448eb211c80319c5208b7ad6b7169203331591500000000000000124510092a0e"
            + "320c0a0a0a0473746570120218014a100af7651916cd43dd8448eb211c80319c5208b7ad6b7169203331590a00000000000000620c6f"
            + "726465722e706c6163656412152a0a0a086e6f207472616365591e00000000000000")

    /// An ExportTraceServiceRequest with a span named `a` of that trace.
    private static let spanRequest: [UInt8] = {
        let message = [0x0A, 16] + bytes(traceID) + [0x12, 8] + bytes("b7ad6b7169203331") + [0x2A, 1, 0x61]
        let scope = [0x12, UInt8(message.count)] + message
        let resource = [0x12, UInt8(scope.count)] + scope
        return [0x0A, UInt8(resource.count)] + resource
    }()

    private static func bytes(_ digits: String) -> [UInt8] {
        let values = digits.map { UInt8($0.hexDigitValue ?? 0) }
        return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }

    private static func collector(capacity: Int = 100) -> CollectorRoutes {
        var limits = CollectorLimits()
        limits.traces = capacity
        return CollectorRoutes(TraceCollection(limits: limits) { _ in })
    }

    private static func post(
        _ body: [UInt8], _ path: String = "/v1/logs", headers: HTTPHeaders = protobuf, to routes: CollectorRoutes
    ) async -> ServiceResponse {
        await routes.respond(to: ServiceRequest(method: "POST", target: path, headers: headers, body: body))
    }

    private static func get(_ path: String, from routes: CollectorRoutes) async throws -> JSONValue {
        try JSONValue(parsing: await routes.respond(to: ServiceRequest(method: "GET", target: path)).body)
    }

    @Test func traceHasItsLogRecordsInOrderOfTime() async throws {
        let routes = Self.collector()
        let answer = await Self.post(Self.records, to: routes)
        #expect(answer.status == 200 && answer.headers["content-type"] == "application/x-protobuf" && answer.body.isEmpty)
        #expect(await Self.post(Self.spanRequest, "/v1/traces", to: routes).status == 200)
        let status = try await Self.get("/status", from: routes)
        #expect(status["spans"] == 1 && status["traces"] == 1 && status["logs"] == 3)

        let trace = try await Self.get("/traces/\(Self.traceID)", from: routes)
        #expect(trace["spans"]?[0]?["name"] == "a")
        let scope: JSONValue = ["name": "orders", "version": "", "schemaUrl": "", "attributes": [:]]
        let resource: JSONValue = ["schemaUrl": "", "attributes": ["service.name": "shop"]]
        #expect(
            trace["logs"] == [
                [
                    "timeUnixNano": "10", "severityNumber": 9, "severityText": "", "body": ["step": "1"], "eventName": "order.placed",
                    "service": "shop", "spanId": "b7ad6b7169203331", "attributes": [:], "truncatedValues": 0, "scope": scope,
                    "resource": resource,
                ],
                [
                    "timeUnixNano": "20", "severityNumber": 17, "severityText": "ERROR", "body": "payment failed", "eventName": "",
                    "service": "shop", "spanId": "b7ad6b7169203331", "attributes": ["order.id": "7", "tags": ["a", .null]],
                    "truncatedValues": 0, "scope": scope, "resource": resource,
                ],
            ], "In the order of their times.")
    }

    @Test func logRecordsAreFoundBeforeTheirSpans() async throws {
        let routes = Self.collector()
        _ = await Self.post(Self.records, to: routes)
        #expect(try await Self.get("/traces", from: routes) == [], "A trace is listed when it has a span.")
        let trace = try await Self.get("/traces/\(Self.traceID)", from: routes)
        #expect(trace["spans"] == [] && trace["logs"]?.arrayValue?.count == 2)
        let unknown = await routes.respond(to: ServiceRequest(method: "GET", target: "/traces/\(String(Self.traceID.reversed()))"))
        #expect(unknown.status == 404)
    }

    @Test func logRecordsAreBoundedByTraceAndByNumberOfTraces() async throws {
        let routes = Self.collector(capacity: 2)
        for _ in 0..<600 { _ = await Self.post(Self.records, to: routes) }
        let trace = try await Self.get("/traces/\(Self.traceID)", from: routes)
        #expect(trace["logs"]?.arrayValue?.count == CollectorLimits().logRecordsPerTrace)
        #expect(try await Self.get("/status", from: routes)["logs"] == 1_800)
        // Records of other traces, whose identifiers differ in their first byte.
        let digits = Self.bytes(Self.traceID)
        for first: UInt8 in [1, 2] {
            var body = Self.records
            for place in body.indices.dropLast(16) where Array(body[place..<place + 16]) == digits { body[place] = first }
            _ = await Self.post(body, to: routes)
        }
        let gone = await routes.respond(to: ServiceRequest(method: "GET", target: "/traces/\(Self.traceID)"))
        #expect(gone.status == 404)
        #expect(try await Self.get("/traces/01\(Self.traceID.dropFirst(2))", from: routes)["logs"]?.arrayValue?.count == 2)
    }

    @Test func invalidLogsRequestIsRefused() async {
        let routes = Self.collector()
        #expect(await Self.post([], to: routes).status == 200, "An empty request is one.")
        for type in ["application/jsonlines", "text/plain", ""] {
            let answer = await Self.post([], headers: ["Content-Type": type], to: routes)
            #expect(answer.status == 415 && answer.text.contains("application/x-protobuf"))
        }
        let brotli: HTTPHeaders = ["Content-Type": "application/x-protobuf", "Content-Encoding": "br"]
        #expect(await Self.post([0x1F, 0x8B], headers: brotli, to: routes).status == 415)
        for body in [[0xFF], [0x0A, 0x05, 0x01], Self.records.dropLast()] as [[UInt8]] {
            let answer = await Self.post(body, to: routes)
            #expect(answer.status == 400 && answer.body.prefix(3) == [0x08, 0x03, 0x12])
            #expect(answer.text.contains("ExportLogsServiceRequest"))
        }
        let gzip: HTTPHeaders = ["Content-Type": "application/x-protobuf", "Content-Encoding": "gzip"]
        #expect(await Self.post([1, 2, 3], headers: gzip, to: routes).status == 400)
    }

    @Test func damagedLogsRequestsDoNotTrapCollector() async {
        let routes = Self.collector()
        var random = SplitMix64(seed: 4)
        for _ in 0..<3_000 {
            var body = Self.records
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                body[Int.random(in: 0..<body.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            let answer = await Self.post(body, to: routes)
            #expect(answer.status == 200 || answer.status == 400)
        }
        let trace = await routes.respond(to: ServiceRequest(method: "GET", target: "/traces/\(Self.traceID)"))
        #expect(trace.status == 200 || trace.status == 404)
    }
}
