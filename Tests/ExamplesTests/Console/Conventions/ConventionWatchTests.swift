// What the console finds against the semantic conventions in what arrives, and how it bounds that.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

struct ConventionWatchTests {
    private static func findings(_ harness: ConsoleHarness, _ query: String = "") async throws -> [JSONValue] {
        let answer = try await harness.get("/data/conventions" + query)
        return (answer["services"]?.arrayValue ?? []).flatMap { $0["findings"]?.arrayValue ?? [] }
    }

    @Test func findingsComeByServiceWithTheRuleAndAnExample() async throws {
        let harness = ConsoleHarness()
        let span = ConsoleHarness.Span(
            id: 1, name: "work", attributes: ConsoleHarness.attribute("http.method", "GET") + "," + ConsoleHarness.attribute("shop.size", 3)
        )
        await harness.sendSpans([span], service: "shop")
        await harness.sendLogs([ConsoleHarness.Record(attributes: ConsoleHarness.attribute("enduser.role", "x"))], service: "users")
        #expect(
            await eventually {
                let all = try? await Self.findings(harness, "?level=violation&rule=deprecated")
                return all?.count == 2
            })
        let answer = try await harness.get("/data/conventions")
        #expect(answer["schemaUrl"]?.stringValue == "https://opentelemetry.io/schemas/1.44.0")
        let services = try #require(answer["services"]?.arrayValue)
        #expect(services.map { $0["service"]?.stringValue } == ["shop", "users"])
        #expect(services[0]["checked"]?["spans"]?.integerValue == 1 && services[1]["checked"]?["logs"]?.integerValue == 1)
        let first = try #require(try await Self.findings(harness, "?service=shop&rule=deprecated").first)
        #expect(first["subject"]?.stringValue == "http.method" && first["message"]?.stringValue == "deprecated; use http.request.method")
        #expect(first["signal"]?.stringValue == "span" && first["names"]?[0]?.stringValue == "work")
        #expect(first["traceId"]?.stringValue == ConsoleHarness.traceID)
        #expect(try await Self.findings(harness, "?service=shop&level=information").count == 1)
        #expect(await harness.send("DELETE", "/data/conventions").status == 204)
        #expect(try await Self.findings(harness).isEmpty)
    }

    @Test func wrongParametersAreRefused() async {
        let harness = ConsoleHarness()
        #expect(await harness.send("GET", "/data/conventions?level=bad").status == 400)
        #expect(await harness.send("GET", "/data/conventions?rule=bad").status == 400)
        #expect(await harness.send("GET", "/data/conventions?what=1").status == 400)
    }

    @Test func requestsBeyondTheShareOfASecondAreCountedOnly() async throws {
        let watch = ConventionWatch()
        let request = try ConsoleHarness.protobuf([ConsoleHarness.Span(id: 1, name: String(repeating: "a", count: 1 << 20))])
        for _ in 0..<5 { watch.offer(request, .traces, arrival: 1_000_000_000) }
        #expect(watch.findings.skippedRequests == 3)
        watch.offer(request, .traces, arrival: 2_000_000_000)
        #expect(watch.findings.skippedRequests == 3)
        #expect(await eventually { watch.findings.report.services["shop"]?.items[.span] == 3 })
    }

    @Test func itemsBeyondThoseOfARequestAreCountedOnly() async throws {
        let watch = ConventionWatch()
        let request = try ConsoleHarness.protobuf((1...5_000).map { ConsoleHarness.Span(id: $0) })
        watch.offer(request, .traces, arrival: 1)
        #expect(await eventually { watch.findings.report.skipped == 904 && watch.findings.report.services["shop"]?.items[.span] == 4_096 })
    }

    @Test func requestThatIsTooLargeIsCountedOnly() async throws {
        let watch = ConventionWatch()
        watch.offer(
            try ConsoleHarness.protobuf([ConsoleHarness.Span(id: 1, name: String(repeating: "a", count: 9 << 20))]), .traces, arrival: 1)
        #expect(watch.findings.skippedRequests == 1)
        watch.offer(try ConsoleHarness.protobuf([ConsoleHarness.Span(id: 1)]), .traces, arrival: 1)
        #expect(await eventually { watch.findings.report.services["shop"]?.items[.span] == 1 })
    }
}
