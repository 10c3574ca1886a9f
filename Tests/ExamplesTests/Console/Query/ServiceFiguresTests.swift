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
