// The figures of services and of the map.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

struct ServiceFiguresTests {
    private typealias Harness = ConsoleHarness
    private typealias Span = ConsoleHarness.Span

    /// A proxy that calls a store, which asks a database; a stranger; a queue between two services.
    private func landscape() async -> Harness {
        let console = Harness()
        await console.sendSpans(
            [
                Span(id: 1, name: "GET /", kind: 2, duration: 9_000_000), Span(id: 2, parent: 1, name: "GET", kind: 3, duration: 7_000_000),
                Span(
                    id: 9, parent: 1, name: "GET", kind: 3, duration: 1_000_000, isError: true,
                    attributes: Harness.attribute("server.address", "maps.example")),
                Span(
                    id: 10, parent: 1, name: "publish", kind: 4,
                    attributes: Harness.attribute("messaging.system", "kafka") + ","
                        + Harness.attribute("messaging.destination.name", "orders")),
            ], service: "proxy")
        await console.sendSpans(
            [
                Span(id: 3, parent: 2, name: "GET /albums", kind: 2, duration: 6_000_000, isError: true),
                Span(
                    id: 4, parent: 3, name: "SELECT", kind: 3, duration: 2_000_000,
                    attributes: Harness.attribute("db.system.name", "postgresql") + "," + Harness.attribute("db.namespace", "albums")),
            ], service: "store")
        await console.sendSpans(
            [
                Span(
                    id: 11, parent: 10, name: "process", kind: 5,
                    attributes: Harness.attribute("messaging.system", "kafka") + ","
                        + Harness.attribute("messaging.destination.name", "orders"))
            ],
            service: "mailer")
        return console
    }

    @Test func mapJoinsClientsServersDatabasesQueuesAndStrangers() async throws {
        let map = try await landscape().get("/data/map")
        let edges = (map["edges"]?.arrayValue ?? []).map { "\($0["from"]?.stringValue ?? "") > \($0["to"]?.stringValue ?? "")" }
        #expect(
            Set(edges) == [
                "proxy > store", "store > postgresql albums", "proxy > maps.example", "proxy > kafka orders", "kafka orders > mailer",
            ])
        #expect(edges.count == 5)
        let kinds = Dictionary(
            uniqueKeysWithValues: (map["nodes"]?.arrayValue ?? []).map { ($0["name"]?.stringValue ?? "", $0["kind"]?.stringValue ?? "") })
        #expect(
            kinds == [
                "proxy": "service", "store": "service", "mailer": "service", "postgresql albums": "database", "kafka orders": "messaging",
                "maps.example": "external",
            ])
        let call = (map["edges"]?.arrayValue ?? []).first { $0["to"] == "store" }
        #expect(call?["calls"] == 1 && call?["errors"] == 1 && call?["errorRate"] == 1)
    }

    @Test func servicesHaveRoutesOfServersAndConsumersOnly() async throws {
        let services = try await landscape().get("/data/services")["services"]
        #expect(services?.arrayValue?.compactMap { $0["name"]?.stringValue } == ["mailer", "proxy", "store"])
        #expect(services?[1]?["spans"] == 4 && services?[1]?["errors"] == 0)
        #expect(services?[1]?["routes"]?.arrayValue?.compactMap { $0["name"]?.stringValue } == ["GET /"])
        #expect(services?[2]?["errors"] == 1 && services?[2]?["errorRate"] == 1)
    }

    @Test func figuresAreWeightedBySamplingProbability() async throws {
        let console = Harness()
        // One span of eight was kept, and all of the slow ones.
        await console.sendSpans((1...10).map { Span(id: $0, name: "a", kind: 2, duration: 1_000_000, traceState: "ot=th:e") })
        await console.sendSpans(
            (11...15).map { Span(id: $0, name: "a", kind: 2, duration: 50_000_000, isError: true, traceState: "ot=th:0") })
        let route = try await console.get("/data/services")["services"]?[0]?["routes"]?[0]
        #expect(route?["spans"] == 85 && route?["errors"] == 5)
        #expect(abs((route?["p50"]?.stringValue.flatMap { Double($0) } ?? 0) - 1e6) < 2e4)
        #expect(abs((route?["p99"]?.stringValue.flatMap { Double($0) } ?? 0) - 50e6) < 1e6)
    }

    @Test func duplicatesCountOnce() async throws {
        let console = Harness()
        for _ in 0..<3 { await console.sendSpans([Span(id: 1, kind: 2)]) }
        let service = try await console.get("/data/services")["services"]?[0]
        #expect(service?["spans"] == 1)
    }

    @Test func rateIsOfTheWindow() async throws {
        let console = Harness()
        await console.sendSpans((1...20).map { Span(id: $0, kind: 2, start: UInt64($0) * 500_000_000) })
        let end = Harness.time + 11_000_000_000
        let service = try await console.get("/data/services?from=\(Harness.time)&to=\(end)")["services"]?[0]
        let rate = try #require((service?["rate"]?.description).flatMap { Double($0) })
        #expect(abs(rate - 20.0 / 11) < 0.01)
        let none = try await console.get("/data/services?from=\(end)")["services"]
        #expect(none == [])
    }

    @Test func historyHasTheFiguresOfEachStep() async throws {
        let console = Harness()
        // Ten calls in the first second, one that fails in the third one, and another service that is only a client.
        await console.sendSpans((1...10).map { Span(id: $0, kind: 2, start: UInt64($0) * 50_000_000, duration: 2_000_000) })
        await console.sendSpans([Span(id: 11, kind: 2, start: 2_500_000_000, duration: 40_000_000, isError: true)])
        await console.sendSpans([Span(id: 12, kind: 3)], service: "client")
        let window = "from=\(Harness.time)&to=\(Harness.time + 4_000_000_000)"
        let answer = try await console.get("/data/services?\(window)&steps=4")
        #expect(answer["step"] == "1000000000" && answer["start"]?.stringValue == "\(Harness.time)")
        let services = answer["services"]?.arrayValue ?? []
        #expect(services.count == 2 && services[0]["history"] == [])
        let history = try #require(services[1]["history"]?.arrayValue)
        #expect(history.map { $0 == .null } == [false, true, false, true])
        #expect(history[0]["rate"] == 10 && history[0]["errorRate"] == 0)
        #expect(history[2]["rate"] == 1 && history[2]["errorRate"] == 1 && history[2]["p50"] == "40000000")
        #expect(try await console.get("/data/services?\(window)")["services"]?[1]?["history"] == nil)
        let missing = await console.send("GET", "/data/services?steps=4")
        #expect(missing.status == 400 && missing.text.contains("steps needs from"))
    }

    @Test func stepsBeginAtMultiplesOfTheirLengthAndEndWithThePresentOne() {
        let steps = ServiceFigures.Steps(30, of: TimeWindow(from: 1_000, to: .max), now: 4_015)
        #expect(steps.length == 100 && steps.start == 1_100)
        #expect(steps.index(of: 1_099) == nil && steps.index(of: 1_100) == 0 && steps.index(of: 4_015) == 29)
        #expect(steps.index(of: 4_099) == 29 && steps.index(of: 4_100) == nil)
        // Clocks that are late, and windows that are over, make no step of no length.
        let none = ServiceFigures.Steps(30, of: TimeWindow(from: 5_000, to: 6_000), now: 10)
        #expect(none.length == 1 && none.index(of: 10) == 10)
    }

    @Test func percentilesAreWithinTwoPercent() {
        var durations = WeightedDurations()
        for number in 1...10_000 { durations.add(UInt64(number) * 1_000, weight: 1) }
        for (share, expected) in [(0.5, 5e6), (0.95, 9.5e6), (0.99, 9.9e6)] {
            #expect(abs(Double(durations.percentile(share)) - expected) / expected < 0.02)
        }
        var one = WeightedDurations()
        one.add(123_456_789, weight: 0.25)
        #expect(one.percentile(0.5) == 123_456_789 && one.percentile(0.99) == 123_456_789)
        #expect(WeightedDurations().percentile(0.5) == 0)
        var extremes = WeightedDurations()
        extremes.add(.max - 1, weight: 1)
        extremes.add(0, weight: 1)
        #expect(extremes.percentile(0.1) == 0 && extremes.percentile(1) > .max / 100 * 98)
    }
}
