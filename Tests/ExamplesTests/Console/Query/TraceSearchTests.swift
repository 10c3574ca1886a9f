// Searches for traces, through the JSON API.

import ExampleSupport
import Testing

@testable import TelemetryConsole

struct TraceSearchTests {
    private typealias Harness = ConsoleHarness
    private typealias Span = ConsoleHarness.Span

    private func names(_ answer: JSONValue) -> [String] { (answer["traces"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue } }

    /// Asks for traces; everything that is no letter or digit is percent-encoded.
    private func search(_ text: String, _ more: String = "", _ console: Harness) async throws -> JSONValue {
        let encoded = text.utf8.map { byte in
            Character(Unicode.Scalar(byte)).isLetter && byte < 0x80
                ? String(Character(Unicode.Scalar(byte))) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return try await console.get("/data/traces?q=\(encoded.joined())\(more)")
    }

    private func shop() async -> Harness {
        let console = Harness()
        await console.sendSpans([
            Span(
                trace: Harness.trace(1), id: 1, name: "list", kind: 2, duration: 3_000_000,
                attributes: Harness.attribute("http.route", "/albums")),
            Span(
                trace: Harness.trace(1), id: 2, parent: 1, name: "query", kind: 3, duration: 2_000_000,
                attributes: Harness.attribute("db.rows", 12)),
            Span(
                trace: Harness.trace(2), id: 3, name: "show", kind: 2, start: 10, duration: 9_000_000, isError: true,
                attributes: Harness.attribute("http.route", "/albums/:id") + "," + Harness.attribute("http.response.status_code", 500),
                more: #","events":[{"name":"exception","attributes":[{"key":"exception.message","value":{"stringValue":"Disk Full"}}]}]"#),
        ])
        await console.sendSpans([Span(trace: Harness.trace(3), id: 4, name: "login", kind: 2, start: 20)], service: "auth")
        return console
    }

    @Test(arguments: [
        ("", ["login", "show", "list"]), ("service:auth", ["login"]), ("service~SHO", ["show", "list"]), ("error", ["show"]),
        ("-error", ["login", "list"]), ("duration>5ms", ["show"]), ("duration<=3ms", ["login", "list"]), ("kind=client", ["list"]),
        ("name=query", ["list"]), ("name:list kind=server", ["list"]), ("name=query kind=server", []), ("db.rows>=12", ["list"]),
        ("db.rows=12", ["list"]), ("db.rows<12", []), ("http.route=\"/albums/:id\" error duration>5ms", ["show"]),
        ("http.route~albums", ["show", "list"]), ("http.route!=\"/albums\"", ["show"]), ("host.name=h1", ["login", "show", "list"]),
        ("\"disk full\"", ["show"]), ("exception.message~disk", ["show"]), ("event=exception", ["show"]), ("500", ["show"]),
        ("service:auth OR db.rows=12", ["login", "list"]), ("NOT (service:auth OR error)", ["list"]), ("scope=test error", ["show"]),
        ("span=0000000000000002", ["list"]), ("nothing", []), ("run=none", []),
    ])
    func termsSelectTraces(text: String, expected: [String]) async throws {
        let answer = try await search(text, "", await shop())
        #expect(names(answer) == expected)
        #expect(answer["matched"]?.stringValue == "\(expected.count)" && answer["isPartial"] == .bool(false))
    }

    @Test func traceIsDescribedByItsRoot() async throws {
        let console = await shop()
        await console.sendSpans([Span(trace: Harness.trace(1), id: 5, parent: 2, name: "store", kind: 2, isError: true)], service: "store")
        let trace = try #require(try await search("name=query", "", console)["traces"]?[0])
        #expect(trace["traceId"]?.stringValue == Harness.trace(1) && trace["service"] == "shop" && trace["kind"] == 2)
        #expect(trace["spans"] == 3 && trace["errors"] == 1 && trace["status"] == "error" && trace["duration"] == "3000000")
        #expect(trace["start"]?.stringValue == "\(Harness.time)")
        #expect(trace["isComplete"] == .bool(true) && trace["open"] == 0)
        #expect(trace["services"]?[1] == ["name": "store", "spans": 1, "errors": 1])
    }

    @Test func pagesFollowEachOtherWithoutGapOrRepetition() async throws {
        let console = Harness()
        await console.sendSpans((1...25).map { Span(trace: Harness.trace($0), id: $0, name: "t\($0)", start: UInt64($0 / 2)) })
        var found: [String] = []
        var place = ""
        for _ in 0..<10 {
            let page = try await console.get("/data/traces?limit=7\(place)")
            found += names(page)
            #expect(page["matched"] == "25")
            guard let next = page["next"]?.stringValue else { break }
            place = "&before=\(next)"
        }
        #expect(found.count == 25 && Set(found).count == 25)
        #expect(found.first == "t25" && found.last == "t1")
    }

    @Test func windowSelectsByTheStartOfTheTrace() async throws {
        let console = await shop()
        #expect(names(try await search("", "&from=\(Harness.time + 10)&to=\(Harness.time + 20)", console)) == ["show"])
        #expect(names(try await search("", "&from=-15m", console)) == [])
    }

    @Test func traceFromTheFutureIsListedByItsArrival() async throws {
        let console = Harness()
        let century: UInt64 = 3_000_000_000_000_000_000
        await console.sendSpans([Span(trace: Harness.trace(1), id: 1, name: "future", start: century)])
        let answer = try await console.get("/data/traces")
        #expect(answer["traces"]?[0]?["start"]?.stringValue == "\(Harness.time + century)")
        let next = try await console.get("/data/traces?from=-1m")
        #expect(names(next) == ["future"], "It came within the last minute.")
    }

    @Test func openAndIncompleteTracesAreMarked() async throws {
        let console = Harness()
        await console.sendSpans([
            Span(trace: Harness.trace(1), id: 1, name: "open", isOpen: true),
            Span(trace: Harness.trace(2), id: 2, parent: 99, name: "orphan"),
        ])
        let open = try await search("name=open", "", console)["traces"]?[0]
        #expect(open?["open"] == 1 && open?["isComplete"] == .bool(true) && open?["duration"] == "0")
        let orphan = try await search("name=orphan", "", console)["traces"]?[0]
        #expect(orphan?["isComplete"] == .bool(false) && orphan?["name"] == "orphan")
    }

    @Test func errorOfSearchHasItsColumn() async throws {
        let console = Harness()
        let response = await console.send("GET", "/data/traces?q=duration%3E5")
        #expect(response.status == 400)
        #expect(try JSONValue(parsing: response.body)["error"]?["at"] == 10)
    }

    @Test(arguments: [
        "/data/traces?limit=0", "/data/traces?limit=1001", "/data/traces?x=1", "/data/traces?limit=1&limit=2",
        "/data/traces?from=yesterday",
        "/data/traces?from=5&to=5", "/data/traces?before=x", "/data/traces/xyz", "/data/logs/volume?steps=0", "/data/facets",
        "/data/facets?signal=x",
        "/data/summary?x",
    ])
    func wrongParametersAre400(target: String) async throws {
        let response = await Harness().send("GET", target)
        #expect(response.status == 400)
        #expect(try JSONValue(parsing: response.body)["error"]?["message"]?.stringValue?.isEmpty == false)
    }
}
