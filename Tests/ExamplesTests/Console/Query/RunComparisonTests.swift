// Two runs side by side: operations, log records and metrics.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

struct RunComparisonTests {
    private typealias Harness = ConsoleHarness
    private typealias Span = ConsoleHarness.Span

    private static let second: UInt64 = 1_000_000_000

    /// A run of 100 seconds and one of 50, with what `send` does in each; answers requests.
    private func console(
        first: (SignalStores, Int) throws -> Void, second: (SignalStores, Int) throws -> Void
    ) throws -> Console {
        func time(_ seconds: UInt64) -> Timestamp { Timestamp(nanosecondsSinceEpoch: Harness.time + seconds * Self.second) }
        let stores = SignalStores(ConsoleLimits(), run: SignalStores.Run(number: 2, id: "two", start: time(1_000), end: time(1_050)))
        stores.addRun(SignalStores.Run(number: 1, id: "one", start: time(0), end: time(100)))
        try first(stores, 1)
        try second(stores, 2)
        return Console(stores, queryTime: .patience)
    }

    private func send(_ spans: [Span], service: String = "shop", to stores: SignalStores, run: Int) throws {
        let request = ReceivedBody(try Harness.protobuf(spans, service: service), arrival: Harness.time + 2_000 * Self.second)
        #expect(try stores.spans.restore(request, run: run).accepted == spans.count)
    }

    private func sendLogs(_ severities: [Int], to stores: SignalStores, run: Int) throws {
        let records = severities.map { #"{"timeUnixNano":"5","severityNumber":\#($0),"body":{"stringValue":"x"}}"# }.joined(separator: ",")
        let json =
            #"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"#
            + #""scopeLogs":[{"logRecords":[\#(records)]}]}]}"#
        let body = try OTLPReceivedRequest.protobuf(ofJSON: Array(json.utf8), .logs, maximumBytes: 1 << 20)
        #expect(try stores.logs.restore(ReceivedBody(body, arrival: Harness.time), run: run).accepted == severities.count)
    }

    private func get(_ console: Console, _ target: String) async throws -> JSONValue {
        try JSONValue(parsing: await console.respond(to: ServiceRequest(method: "GET", target: target)).body)
    }

    @Test func operationsHaveTheFiguresOfBothRunsAndAreNewOrGone() async throws {
        let console = try console { stores, run in
            try send((1...20).map { Span(id: $0, name: "GET /", kind: 2, duration: 10_000_000, isError: $0 <= 5) }, to: stores, run: run)
            try send([Span(id: 50, name: "retired")], to: stores, run: run)
        } second: { stores, run in
            // Each of these spans stands for four.
            let spans = (61...65).map { Span(id: $0, name: "GET /", kind: 2, duration: 30_000_000, traceState: "ot=th:c") }
            try send(spans, to: stores, run: run)
            // What came twice counts once.
            try send(spans, to: stores, run: run)
            try send([Span(id: 70, name: "fresh"), Span(id: 71, name: "GET /", kind: 3)], to: stores, run: run)
        }
        let answer = try await get(console, "/data/runs?a=one&b=two")
        #expect(
            answer["a"]?["seconds"] == 100 && answer["a"]?["spans"] == 21 && answer["b"]?["seconds"] == 50 && answer["b"]?["spans"] == 7)
        let operations = answer["operations"]?.arrayValue ?? []
        #expect(
            operations.map { "\($0["name"]?.stringValue ?? "") \($0["kind"]?.description ?? "")" } == [
                "GET / 2", "GET / 3", "fresh 1", "retired 1",
            ])
        let (a, b) = (operations[0]["a"], operations[0]["b"])
        #expect(a?["calls"] == 20 && a?["errors"] == 5 && a?["errorRate"] == 0.25 && a?["rate"] == 0.2 && a?["p95"] == "10000000")
        #expect(b?["calls"] == 20 && b?["errors"] == 0 && b?["rate"] == 0.4 && b?["p50"] == "30000000")
        #expect(operations[1]["a"] == .null && operations[2]["a"] == .null && operations[2]["b"]?["calls"] == 1)
        #expect(operations[3]["b"] == .null && operations[3]["a"]?["calls"] == 1)
        #expect(answer["isPartial"] == false)
    }

    @Test func operationsAreATableToo() async throws {
        let console = try console { stores, run in
            try send(
                [
                    Span(id: 1, name: "=A1", kind: 2, duration: 2_500_000),
                    Span(id: 2, name: "=A1", kind: 2, duration: 2_500_000, isError: true),
                    Span(id: 3, name: "gone", duration: 0),
                ], to: stores, run: run)
        } second: { stores, run in
            // This span stands for four thirds.
            try send([Span(id: 4, name: "=A1", kind: 2, duration: 1_000_001, traceState: "ot=th:4")], to: stores, run: run)
        }
        let response = await console.respond(to: ServiceRequest(method: "GET", target: "/data/runs?a=one&b=two&format=csv"))
        #expect(response.headers["Content-Disposition"] == "attachment; filename=\"operations.csv\"")
        let lines = response.text.split(separator: "\r\n")
        #expect(
            lines.first
                == "service,name,kind,a_calls,a_errors,a_p50_ms,a_p95_ms,a_p99_ms,b_calls,b_errors,b_p50_ms,b_p95_ms,b_p99_ms")
        #expect(lines.count == 3 && lines[1].hasPrefix("shop,'=A1,server,2,1,2.500000,2.500000,2.500000,1.33"))
        #expect(lines[1].hasSuffix(",0,1.000001,1.000001,1.000001"))
        #expect(lines[2] == "shop,gone,internal,1,0,0.000000,0.000000,0.000000,,,,,")
    }

    @Test func recordsAreCountedByServiceAndSeverity() async throws {
        let console = try console {
            try sendLogs([9, 9, 13, 17], to: $0, run: $1)
        } second: {
            try sendLogs([0, 21, 24], to: $0, run: $1)
        }
        let answer = try await get(console, "/data/runs?a=one&b=two")["logs"]
        #expect(answer?.arrayValue?.count == 1 && answer?[0]?["service"] == "shop")
        #expect(answer?[0]?["a"]?["info"] == 2 && answer?[0]?["a"]?["warn"] == 1 && answer?[0]?["a"]?["error"] == 1)
        #expect(answer?[0]?["b"]?["info"] == 1 && answer?[0]?["b"]?["fatal"] == 2 && answer?[0]?["b"]?["error"] == 0)
    }

    @Test func metricsAreRatesAveragesSumsAndPercentilesOfEachRun() async throws {
        func send(_ stores: SignalStores, _ begin: UInt64, _ factor: Double) throws {
            let start = Harness.time / Self.second + begin
            for step in 0...4 as ClosedRange<UInt64> {
                var request = MetricRequest()
                let point = MetricRequest.Point(time: start + 1 + step * 10, start: start + 1)
                request.sum("calls", Int64(Double(step) * 100 * factor), point)
                request.sum("open", Int64(4 * factor), point, isMonotonic: false)
                request.gauge("heat", unit: "Cel", 20 * factor, point)
                let count = step * 10
                request.histogram("wait", unit: "s", bounds: [0.1, 1], counts: factor > 1 ? [0, count, 0] : [count, 0, 0], sum: 1, point)
                #expect(stores.metrics.receive(try request.received).accepted == 4)
            }
        }
        let console = try console {
            try send($0, 0, 1)
            _ = $1
            var request = MetricRequest()
            request.gauge("retired \"for good\"", 1, .init(time: Harness.time / Self.second + 5))
            #expect($0.metrics.receive(try request.received).accepted == 1)
        } second: {
            try send($0, 1_000, 2)
            _ = $1
        }
        let metrics = try await get(console, "/data/runs?a=one&b=two")["metrics"]?.arrayValue ?? []
        func metric(_ name: String) throws -> JSONValue { try #require(metrics.first { $0["name"]?.stringValue == name }, "\(name)") }
        func number(_ value: JSONValue?) -> Double { (value?.description).flatMap { Double($0) } ?? .nan }
        let calls = try metric("calls")
        #expect(calls["measure"] == "rate" && calls["type"] == "sum")
        // Ten a second while it was sent, over the 100 and 50 seconds of the runs.
        #expect(number(calls["a"]?["value"]) > 3.9 && number(calls["a"]?["value"]) < 5)
        #expect(number(calls["b"]?["value"]) > 15.9 && number(calls["b"]?["value"]) < 20)
        let open = try metric("open")
        #expect(open["measure"] == "sum" && open["a"]?["value"] == 4 && open["b"]?["value"] == 8)
        let heat = try metric("heat")
        #expect(heat["measure"] == "average" && heat["a"]?["value"] == 20 && heat["b"]?["value"] == 40 && heat["unit"] == "Cel")
        let wait = try metric("wait")
        #expect(number(wait["a"]?["p95"]) < 0.1 && number(wait["b"]?["p95"]) > 0.9 && wait["a"]?["series"] == 1)
        let retired = try metric("retired \"for good\"")
        #expect(retired["a"]?["value"] == 1 && retired["b"] == .null && retired["a"]?["p95"] == nil)
    }

    @Test func operationsBeyondTheBoundAreCountedTogether() async throws {
        let console = try console { stores, run in
            try send((1...2_100).map { Span(id: $0, name: "operation \($0)") }, to: stores, run: run)
        } second: { _, _ in
        }
        let operations = try await get(console, "/data/runs?a=one&b=two")["operations"]?.arrayValue ?? []
        #expect(operations.count == 2_001)
        #expect(operations.first { $0["name"] == "… (others)" }?["a"]?["calls"] == 100)
    }

    @Test func runThatIsNotKeptIsNamed() async throws {
        let console = try console { _, _ in
        } second: { _, _ in
        }
        for (target, status, part) in [
            ("/data/runs?a=one&b=three", 404, "b is \\\"three\\\""), ("/data/runs?a=one", 400, "b is missing"),
            ("/data/runs?a=one&b=two&c=1", 400, "\\\"c\\\""),
        ] {
            let response = await console.respond(to: ServiceRequest(method: "GET", target: target))
            #expect(response.status == status && response.text.contains(part), "\(target): \(response.text)")
        }
    }
}
