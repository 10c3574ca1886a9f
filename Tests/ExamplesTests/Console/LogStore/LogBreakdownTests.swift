// Counts of log records by the values of a field, from the memory and from the file.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

struct LogBreakdownTests {
    private typealias Harness = ConsoleHarness
    private static let start = Timestamp.now.nanosecondsSinceEpoch - 600_000_000_000
    private static let window = "from=\(start)&to=\(start + 60_000_000_000)&steps=6"

    private static func access(_ route: String, _ duration: Int, second: Int, status: Int = 200) -> Harness.Record {
        Harness.Record(
            body: "GET took \(duration) ms", severity: status >= 500 ? 17 : 9, time: start - Harness.time + UInt64(second) * 1_000_000_000,
            attributes: [
                Harness.attribute("http.route", route), Harness.attribute("duration_ms", duration),
                Harness.attribute("http.response.status_code", status),
            ].joined(separator: ","))
    }

    private static func other(_ body: String, second: Int, severity: Int = 9, attributes: String = "") -> Harness.Record {
        Harness.Record(
            body: body, severity: severity, time: start - Harness.time + UInt64(second) * 1_000_000_000, attributes: attributes)
    }

    /// Asks the memory, and the file, whose records lie in several shards.
    private func withConsoles(_ body: (Harness, String) async throws -> Void) async throws {
        let directory = try TemporaryDirectory()
        var limits = LogStoreLimits()
        limits.maximumShardBytes = 1_000
        let store = try LogStore(path: "\(directory.path)/logs.db", limits: limits)
        for (harness, name) in [(Harness(logStore: store), "file"), (Harness(), "memory")] {
            await harness.sendLogs((0..<10).map { Self.access("/albums/:id", 10 + $0, second: $0) }, service: "store")
            await harness.sendLogs(
                [Self.access("/slow", 900, second: 15), Self.access("/slow", 1_000, second: 55, status: 500)], service: "store")
            await harness.sendLogs(
                [
                    Self.other("user 'ann' left", second: 5), Self.other("user 'bob' left", second: 25),
                    Self.other(
                        "disk full", second: 30, severity: 17, attributes: Harness.attribute("long", String(repeating: "x", count: 400))),
                ], service: "auth")
            if name == "file" {
                #expect(await eventually { store.counts.stored == 15 })
                #expect(store.contents.sealed.count > 0 && store.contents.shards.open != nil)
            }
            try await body(harness, name)
            await harness.console.finish(until: .after(ServiceHarness.patience))
        }
    }

    private func series(_ answer: JSONValue) -> [String] {
        (answer["series"]?.arrayValue ?? []).map { one in
            let counts = (one["counts"]?.arrayValue ?? []).map(\.description).joined(separator: ".")
            return "\(one["value"]?.stringValue ?? "?") \(one["count"]?.description ?? "") \(one["errors"]?.description ?? "") \(counts)"
        }
    }

    @Test("POC-42: lines over time by service, severity, message and any attribute") func valuesAreCountedOverTime() async throws {
        try await withConsoles { console, name in
            func ask(_ parameters: String) async throws -> JSONValue {
                try await console.get("/data/logs/breakdown?\(Self.window)&\(parameters)")
            }
            let services = try await ask("by=service")
            #expect(series(services) == ["store 12 1 10.1.0.0.0.1", "auth 3 1 1.0.1.1.0.0"], "\(name)")
            #expect(services["total"]?.stringValue == "15" && services["isPartial"] == false && services["hasMoreValues"] == false)
            #expect(series(try await ask("by=severity&sort=errors")) == ["error 2 2 0.0.0.1.0.1", "info 13 0 11.1.1.0.0.0"], "\(name)")
            let messages = try await ask("by=message")
            #expect(
                series(messages)
                    == ["GET took <number> ms 12 1 10.1.0.0.0.1", "user <quoted> left 2 0 1.0.1.0.0.0", "disk full 1 1 0.0.0.1.0.0"],
                "\(name)")
            let routes = try await ask("by=http.route")
            #expect(series(routes) == ["/albums/:id 10 0 10.0.0.0.0.0", "/slow 2 1 0.1.0.0.0.1"], "\(name)")
            #expect(routes["without"]?["count"] == 3 && routes["rest"]?["count"] == 0, "\(name)")
            let narrowed = try await ask("by=http.route&q=http.response.status_code%3E=500")
            #expect(series(narrowed) == ["/slow 1 1 0.0.0.0.0.1"] && narrowed["without"]?["count"] == 0, "\(name)")
            // An attribute of the resource counts for records that have none of their own.
            #expect(series(try await ask("by=host.name")) == ["h1 15 2 11.1.1.1.0.1"], "\(name)")
            #expect(series(try await ask("by=scope")) == ["test 15 2 11.1.1.1.0.1"], "\(name)")
            #expect(try await ask("by=nothing")["without"]?["count"] == 15, "\(name)")
            let long = try await ask("by=long")
            #expect(
                long["series"]?[0]?["value"]?.stringValue?.hasSuffix("… (400 bytes)") == true && long["series"]?[0]?["count"] == 1,
                "\(name)")
        }
    }

    @Test("POC-42: the slowest routes come first by what their lines say") func routesAreMeasured() async throws {
        try await withConsoles { console, name in
            let answer = try await console.get("/data/logs/breakdown?\(Self.window)&by=http.route&of=duration_ms&sort=p95")
            #expect(answer["series"]?[0]?["value"] == "/slow", "\(name)")
            let (slow, quick) = (answer["series"]?[0]?["measure"], answer["series"]?[1]?["measure"])
            #expect(slow?["count"] == 2 && slow?["max"] == 1_000 && quick?["p50"] == 15 && quick?["p95"] == 19, "\(name): \(answer)")
            #expect(answer["measuredOneOf"] == 1)
            let top = try await console.get("/data/logs/breakdown?\(Self.window)&by=duration_ms&top=2")
            #expect(top["series"]?.arrayValue?.count == 2 && top["rest"]?["count"] == 10 && top["values"] == 12, "\(name): \(top)")
        }
    }

    @Test(
        "POC-42: a bad request is refused with the reason",
        arguments: [
            ("", "by is missing"), ("by=a&top=11", "from 1 to 10"), ("by=a&steps=121", "from 1 to 120"), ("by=a&sort=x", "sort must be"),
            ("by=a&sort=p95", "needs of"), ("by=\(String(repeating: "a", count: 300))", "at most 256 bytes"), ("by=a&q=(b", "\"at\":"),
            ("by=a&x=1", "x"),
        ])
    func badRequestIsRefused(parameters: String, reason: String) async throws {
        let answer = await Harness().send("GET", "/data/logs/breakdown?\(parameters)")
        #expect(answer.status == 400 && answer.text.contains(reason), "\(answer.text)")
    }

    @Test("counting in the memory looks at the clock often: a message may take long") func memoryEndsInTime() async throws {
        let console = Harness()
        await console.sendLogs((0..<1_000).map { Self.other("größer \($0)", second: 1 + $0 % 50) })
        let search = LogSearch(blocks: console.stores.logs.blocks, term: .everything, window: TimeWindow(), runs: RunNames())
        let request = LogBreakdown.Request(field: .message, measure: nil, steps: 1)
        let now = Timestamp.now.nanosecondsSinceEpoch
        let (ended, whole) = (
            search.breakdown(request, now: now, within: .zero), search.breakdown(request, now: now, within: .seconds(60))
        )
        #expect(ended.isPartial && ended.total < 300)
        #expect(!whole.isPartial && whole.total == 1_000)
    }

    @Test func valuesBeyondTheBoundAreCountedTogether() {
        var breakdown = LogBreakdown(
            LogBreakdown.Request(field: .message, measure: nil, steps: 1), TimeWindow(from: 0, to: 10), oldest: 0, now: 10)
        for number in 0..<LogBreakdown.maximumValues + 3 { breakdown.add(time: 1, severity: 9, at: breakdown.place(of: "\(number)")) }
        let top = breakdown.top(2, by: .count)
        #expect(
            breakdown.hasMoreValues && breakdown.valueCount == LogBreakdown.maximumValues
                && top.rest.count == LogBreakdown.maximumValues + 1)
    }

    @Test func sampleIsEvenAndBounded() throws {
        var sample = NumberSample()
        for number in 0..<100_000 where sample.wantsNext() { sample.add(Double(number), at: number % 3) }
        let all = sample.numbers.values.flatMap { $0 }.sorted()
        #expect(all.count < NumberSample.maximum && all.count >= NumberSample.maximum / 2 && sample.oneOf == 16)
        #expect(zip(all, all.dropFirst()).allSatisfy { $1 - $0 == 16 })
    }
}
