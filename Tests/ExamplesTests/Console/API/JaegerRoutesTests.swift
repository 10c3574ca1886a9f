// Jaeger's query endpoints.

import ExampleSupport
import Testing

@testable import TelemetryConsole

struct JaegerRoutesTests {
    private typealias Harness = ConsoleHarness
    private typealias Span = ConsoleHarness.Span

    private func console() async -> Harness {
        let console = Harness()
        await console.sendSpans([
            Span(id: 1, name: "GET /", kind: 2, duration: 9_000_000, isError: true, attributes: Harness.attribute("http.status", 500)),
            Span(id: 2, parent: 1, name: "GET", kind: 3, more: #","events":[{"timeUnixNano":"5000","name":"retry"}]"#),
        ])
        await console.sendSpans([Span(id: 3, parent: 2, name: "show", kind: 2)], service: "store")
        await console.sendSpans([Span(trace: Harness.trace(7), id: 4, name: "other", kind: 2)])
        return console
    }

    @Test func servicesAndOperationsAreListed() async throws {
        let console = await console()
        #expect(try await console.get("/api/services")["data"] == ["shop", "store"])
        #expect(try await console.get("/api/services/shop/operations")["data"] == ["GET", "GET /", "other"])
        #expect(
            try await console.get("/api/operations?service=shop&spanKind=client") == [
                "data": [["name": "GET", "spanKind": "client"]], "total": 1, "limit": 0, "offset": 0, "errors": .null,
            ])
    }

    @Test("POC-22: a trace that Jaeger's interface is asked for has its spans with references, tags, logs and processes")
    func traceHasSpansWithReferencesTagsLogsAndProcesses() async throws {
        let trace = try #require(try await console().get("/api/traces/\(Harness.traceID)")["data"]?[0])
        #expect(trace["traceID"]?.stringValue == Harness.traceID && trace["spans"]?.arrayValue?.count == 3 && trace["warnings"] == .null)
        let (root, client) = (trace["spans"]?[0], trace["spans"]?.arrayValue?.first { $0["operationName"] == "GET" })
        #expect(root?["operationName"] == "GET /" && root?["references"] == [] && root?["duration"] == 9_000)
        #expect(root?["startTime"]?.integerValue == Int(Harness.time / 1_000))
        let tags = root?["tags"]?.arrayValue ?? []
        #expect(tags.contains(["key": "http.status", "type": "int64", "value": 500]))
        #expect(tags.contains(["key": "span.kind", "type": "string", "value": "server"]))
        #expect(tags.contains(["key": "error", "type": "bool", "value": .bool(true)]))
        #expect(client?["references"] == [["refType": "CHILD_OF", "traceID": .string(Harness.traceID), "spanID": .string(Span.id(1))]])
        #expect(client?["logs"] == [["timestamp": 5, "fields": [["key": "event", "type": "string", "value": "retry"]]]])
        let process = try #require(root?["processID"]?.stringValue)
        #expect(trace["processes"]?[process]?["serviceName"] == "shop")
        #expect(trace["processes"]?[process]?["tags"] == [["key": "host.name", "type": "string", "value": "h1"]])
    }

    @Test(arguments: [
        ("service=shop", 2), ("service=shop&operation=other", 1), ("service=shop&minDuration=5ms", 1), ("service=shop&maxDuration=5ms", 2),
        ("service=store", 1), ("service=shop&tags=%7B%22http.status%22%3A%22500%22%7D", 1),
        ("service=shop&tags=%7B%22error%22%3A%22true%22%7D", 1),
        ("service=shop&limit=1", 1), ("service=none", 0), ("traceID=\(ConsoleHarness.traceID)", 1), ("service=shop&start=1&end=2", 0),
    ])
    func searchTakesJaegersParameters(query: String, count: Int) async throws {
        #expect(try await console().get("/api/traces?\(query)")["data"]?.arrayValue?.count == count)
    }

    @Test func dependenciesAreCallsBetweenServices() async throws {
        let console = await console()
        let end = Harness.time / 1_000_000 + 1_000
        #expect(
            try await console.get("/api/dependencies?endTs=\(end)&lookback=60000")["data"] == [
                ["parent": "shop", "child": "store", "callCount": 1]
            ])
    }

    @Test(arguments: [
        ("/api/traces", 400), ("/api/traces?service=a&minDuration=5", 400), ("/api/traces?service=a&tags=x", 400),
        ("/api/traces/\(ConsoleHarness.trace(9))", 404), ("/api/traces/x", 400),
    ])
    func errorsHaveJaegersForm(target: String, status: Int) async throws {
        let response = await Harness().send("GET", target)
        #expect(response.status == status)
        let answer = try JSONValue(parsing: response.body)
        #expect(answer["data"] == .null && answer["errors"]?[0]?["code"]?.integerValue == status)
    }
}
