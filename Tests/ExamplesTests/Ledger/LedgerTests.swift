// SPA-10: the ledger over all spaceports.

import ExampleSupport
import Telemetry
import Testing

@testable import Ledger
@testable import Spaceport

struct LedgerTests {
    @Test(
        "SPA-10: events of a spaceport arrive through the SDK's exporter, with the trace of their requests",
        arguments: DatabaseKind.available)
    func eventsArriveWithTheirTraces(on kind: DatabaseKind) async throws {
        try await LedgerHarness.running(on: kind) { ledger in
            let before = Timestamp.now.nanosecondsSinceEpoch
            var traces: [String] = []
            try await SpaceHarness.spaceport(["LEDGER_URL": ledger.url], limit: 1, feed: true) { port in
                _ = try await port.act("dock", "endeavour", passengers: 500)
                _ = try await port.act("dock", "voyager", passengers: 3)
                _ = try await port.act("separate", "endeavour", passengers: 9)
                traces = port.spans.finishedSpans.filter { $0.name.hasPrefix("POST") }.map { "\($0.traceID)" }
            }
            let events = try #require(try await ledger.get("/events")["events"]?.arrayValue)
            let members = ["outcome", "action", "ship", "port", "passengers", "reason"].map { key in events.map { $0[key] } }
            #expect(
                members == [
                    ["docked", "refused", "separated"], ["dock", "dock", "separate"], ["endeavour", "voyager", "endeavour"],
                    ["pontus-spaceport", "pontus-spaceport", "pontus-spaceport"],
                    // A ship leaves with the passengers that it came with.
                    [500, 3, 500], [.null, "Docking limit reached", .null],
                ])
            #expect(events.map { $0["trace_id"]?.stringValue } == traces)
            for event in events {
                let time = try #require(LedgerTime(event["time"]?.stringValue ?? ""))
                #expect(time.nanoseconds >= before && time.nanoseconds <= Timestamp.now.nanosecondsSinceEpoch)
            }
        }
    }

    @Test("SPA-10: an event that is sent again, at once or later, is recorded once", arguments: DatabaseKind.available)
    func eventsAreRecordedOnce(on kind: DatabaseKind) async throws {
        try await LedgerHarness.running(on: kind) { ledger in
            // More than one statement takes, with one identifier twice in the same request.
            let events = (0..<150).map { LedgerHarness.event("event-\($0 % 149)", second: $0) }
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<6 { group.addTask { try await ledger.post(events.shuffled()).status } }
                for try await status in group { #expect(status == 200) }
            }
            #expect(try await ledger.get("/totals")["docked"] == 149)
            let page = try await ledger.service.send("GET", "/metrics").text
            #expect(page.contains(#"ledger_events_total{otel_scope_name="ledger",outcome="docked"} 900"#))
            #expect(page.contains(#"ledger_events_duplicate_total{otel_scope_name="ledger"} 751"#))
        }
    }

    @Test("SPA-10: events are found by ship, port, outcome, trace and time, page by page", arguments: DatabaseKind.available)
    func eventsAreFound(on kind: DatabaseKind) async throws {
        try await LedgerHarness.running(on: kind) { ledger in
            // Sent in another order than that of their times.
            let events = [
                LedgerHarness.event("e", "refused", ship: "voyager", port: "zura", second: 4), LedgerHarness.event("a", second: 0),
                LedgerHarness.event("c", ship: "voyager", second: 2), LedgerHarness.event("b", "separated", second: 1),
                LedgerHarness.event("d", "refused", ship: "voyager", second: 3),
            ]
            #expect(try await ledger.post(events).status == 200)
            for (query, found) in [
                ("", "abcde"), ("?ship=voyager", "cde"), ("?port=zura", "e"), ("?outcome=refused", "de"),
                ("?ship=voyager&port=pontus&outcome=refused", "d"), ("?from=2026-01-17T09:30:01Z&to=2026-01-17T09:30:03Z", "bc"),
                ("?from=\(LedgerHarness.start + 4_000_000_000)", "e"), ("?to=2026-01-17T09:30:00.000000001Z", "a"),
                ("?trace_id=0af7651916cd43dd8448eb211c80319c&ship=endeavour", "ab"), ("?trace_id=0", ""), ("?ship='%20OR%201=1", ""),
            ] {
                #expect(try await ledger.events(query).joined() == found, "\(query)")
            }
            var (cursor, pages): (String?, [[String]]) = ("", [])
            while let place = cursor, pages.count < 9 {
                let page = try await ledger.get("/events?limit=2" + (place.isEmpty ? "" : "&cursor=\(place)"))
                pages.append(page["events"]?.arrayValue?.compactMap { $0["id"]?.stringValue } ?? [])
                cursor = page["next"]?.stringValue
            }
            #expect(pages == [["a", "b"], ["c", "d"], ["e"]])
            #expect(
                try await ledger.get("/totals?ship=voyager").description
                    == #"{"docked":1,"separated":0,"refused":2,"ports":{"pontus":{"docked":1,"separated":0,"refused":1},"#
                    + #""zura":{"docked":0,"separated":0,"refused":1}}}"#)
        }
    }

    @Test(
        "SPA-10: a query that cannot be meant is refused with what would be right",
        arguments: [
            ("?shp=a", "unknown parameter"), ("?limit=0", "limit must be"), ("?limit=x", "limit must be"),
            ("?outcome=lost", "outcome must be"),
            ("?from=yesterday", "from must be a time"), ("?to=2026-02-30T00:00:00Z", "to must be a time"), ("?cursor=1", "cursor must be"),
            ("?ship=%00", "must not contain"),
        ])
    func wrongQueryIs400(query: String, text: String) async throws {
        try await LedgerHarness.running { ledger in
            let answer = try await ledger.service.send("GET", "/events\(query)")
            #expect(answer.status == 400 && answer.text.contains(text))
        }
    }

    @Test("SPA-10: events arrive where telemetry is off")
    func eventsArriveWithoutTelemetry() async throws {
        try await LedgerHarness.running { ledger in
            let environment = ServiceEnvironment([
                "LEDGER_URL": ledger.url, "INSTANCE_NAME": "pontus", "OTEL_SDK_DISABLED": "true",
            ])
            let feed = try #require(try LedgerFeed(environment, try SpaceService("spaceport", environment)))
            feed.send(SpaceportEvent(id: "a", .docked, .dock, ship: "endeavour", port: "pontus", passengers: 7))
            #expect(await feed.stop(within: .seconds(60)))
            #expect(try await ledger.events() == ["a"])
            #expect(try await ledger.get("/events")["events"]?.arrayValue?.map { $0["trace_id"] } == [.null])
        }
    }

    @Test("SPA-10: an event without what it must have is rejected, and the others are kept")
    func incompleteEventIsRejected() async throws {
        try await LedgerHarness.running { ledger in
            for missing in ["log.record.uid", "spa.action", "ship.id", "spaceport.name", "spa.passengers"] {
                let answer = try await ledger.post([
                    LedgerHarness.event("lacks \(missing)", without: missing), LedgerHarness.event("has \(missing)"),
                ])
                #expect(
                    answer.status == 200
                        && answer.text.contains(#"{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"\#(missing) "#))
            }
            #expect(
                try await ledger.post([LedgerHarness.event("x", "refused", without: "spa.refusal.reason")]).text.contains(
                    "rejectedLogRecords"))
            let long = try await ledger.post([LedgerHarness.event("y", ship: String(repeating: "x", count: 257))])
            #expect(long.text.contains("ship.id must be a text of 1 to 256 bytes"))
            // Records of other kinds are none of its business.
            #expect(try await ledger.post([#"{"body":{"stringValue":"hello"}}"#, LedgerHarness.event("z", "lost")]).text == "{}")
            #expect(try await ledger.get("/totals")["docked"] == 5)
        }
    }

    @Test(
        "SPA-10: requests that are no OTLP are refused",
        arguments: [
            ("{", "application/json", 400), ("[]", "text/plain", 415), ("\u{1}", "application/x-protobuf", 400),
        ])
    func malformedRequestIsRefused(body: String, contentType: String, status: Int) async throws {
        try await LedgerHarness.running { ledger in
            let answer = try await ledger.service.send("POST", "/v1/logs", body, headers: ["Content-Type": contentType])
            #expect(answer.status == status)
            #expect(try await ledger.events().isEmpty)
        }
    }

    @Test("SPA-10: while the database is away, senders are told to come back, and queries too", arguments: DatabaseKind.available)
    func missingDatabaseIs503(on kind: DatabaseKind) async throws {
        try await LedgerHarness.running(on: kind) { ledger in
            await ledger.database.close()
            let answer = try await ledger.post([LedgerHarness.event("a")])
            #expect(answer.status == 503 && answer.headers["Retry-After"] == "1" && answer.text.contains(#""code":14"#))
            for path in ["/events", "/totals"] { #expect(try await ledger.service.send("GET", path).status == 503) }
            #expect(try await ledger.service.send("GET", "/status").status == 200)
        }
    }

    @Test("SPA-10: queries are traced down to their statement, and the intake is not")
    func queriesAreTraced() async throws {
        try await LedgerHarness.running { ledger in
            _ = try await ledger.post([LedgerHarness.event("a")])
            #expect(ledger.service.memory.finishedSpans.isEmpty && ledger.statements.finishedSpans.isEmpty)
            _ = try await ledger.events("?ship=endeavour")
            let server = try ledger.service.onlySpan()
            let statement = try #require(ledger.statements.finishedSpans.first)
            #expect(server.name == "GET /events" && statement.name == "SELECT ledger_events" && statement.parentSpanID == server.spanID)
        }
    }

    @Test(
        "SPA-10: times are read and written to the nanosecond",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-01-17T09:30:00Z", 1_768_642_200_000_000_000),
            ("2024-02-29T23:59:59.5Z", 1_709_251_199_500_000_000),
            ("2100-03-01T00:00:00.000000001Z", 4_107_542_400_000_000_001),
        ])
    func timesAreExact(text: String, nanoseconds: Int) {
        let time = LedgerTime(text)
        #expect(time?.nanoseconds == nanoseconds)
        #expect(time.flatMap { LedgerTime($0.description) } == time && LedgerTime("\(nanoseconds)") == time)
        #expect(time?.description.prefix(19) == text.prefix(19))
    }

    @Test("SPA-10: a hundred ships at ten spaceports leave exact totals", arguments: DatabaseKind.available)
    func totalsOfAStormAreExact(on kind: DatabaseKind) async throws {
        try await LedgerHarness.running(on: kind) { ledger in
            var seen = StormTotals()
            try await SpaceHarness.spaceports(10, ["LEDGER_URL": ledger.url]) { ports in
                seen = try await StormTotals.storm(ships: 100, ports: ports, rounds: 4)
            }
            let totals = try await ledger.get("/totals")
            #expect(seen.isRecorded(in: totals), "\(seen) \(totals)")
            #expect(seen.counts.values.reduce(0, +) == 800 && seen.counts.count == 3)
        }
    }
}
