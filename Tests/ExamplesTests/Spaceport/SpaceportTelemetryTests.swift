// SPA-07, SPA-11: what a spaceport counts, and what its spans and log lines say.

import ExampleSupport
import Telemetry
import Testing

@testable import Spaceport

struct SpaceportTelemetryTests {
    /// The samples of the spaceport's own metrics without attributes.
    private func samples(_ port: RunningSpaceService) async throws -> [String: String] {
        let names = [
            "docking_authorization_total", "separation_authorization_total", "docked_total", "separated_total", "currently_docked",
            "current_passengers",
        ]
        let page = try await port.send("GET", "/metrics").text
        var samples: [String: String] = [:]
        for name in names {
            let prefix = "\(name){otel_scope_name=\"spaceport\"} "
            samples[name] = page.split(separator: "\n").first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        }
        return samples
    }

    @Test("SPA-07: all counters are there with 0 from the start")
    func countersStartAtZero() async throws {
        try await SpaceHarness.spaceport { port in
            let samples = try await samples(port)
            #expect(samples.count == 6 && samples.values.allSatisfy { $0 == "0" }, "\(samples)")
        }
    }

    @Test("SPA-07: docked and separated move, and passengers are those that the ship docked with")
    func passengersDoNotDrift() async throws {
        try await SpaceHarness.spaceport { port in
            #expect(try await port.act("dock", "a", passengers: 500).hasPrefix("200 "))
            #expect(try await port.act("dock", "b", passengers: 40).hasPrefix("200 "))
            #expect(try await port.act("dock", "b", passengers: 999).hasPrefix("400 "))
            #expect(try await port.act("separate", "a", passengers: 3).hasPrefix("200 "))
            #expect(
                try await samples(port) == [
                    "docking_authorization_total": "3", "separation_authorization_total": "1", "docked_total": "2", "separated_total": "1",
                    "currently_docked": "1", "current_passengers": "40",
                ])
            let page = try await port.send("GET", "/metrics").text
            #expect(page.contains(#"passenger_arrivals_sum{otel_scope_name="spaceport",ship_id="a"} 500"#))
            #expect(page.contains(#"passenger_arrivals_count{otel_scope_name="spaceport",ship_id="b"} 1"#))
        }
    }

    @Test("SPA-07: clearing the lists leaves no ship and no passenger behind")
    func clearedListsCountNothing() async throws {
        try await SpaceHarness.spaceport { port in
            for ship in ["a", "b"] { #expect(try await port.act("dock", ship).hasPrefix("200 ")) }
            _ = try await port.send("POST", "/clear_lists")
            let samples = try await samples(port)
            #expect(samples["currently_docked"] == "0" && samples["current_passengers"] == "0" && samples["separated_total"] == "0")
        }
    }

    @Test("SPA-11: the span of a refused step says which ship, which spaceport and why, and is an error")
    func refusedStepSaysWhy() async throws {
        try await SpaceHarness.spaceport(limit: 0) { port in
            _ = try await port.act("dock", "voyager")
            let asked = try port.serverSpan("GET /request_docking/{ship_id}")
            #expect(asked.attributes["ship.id"] == "voyager" && asked.attributes["spaceport.name"] == "pontus-spaceport")
            #expect(asked.status == .unset && asked.attributes["http.route"] == "/request_docking/{ship_id}")
            let refused = try port.serverSpan("POST /dock")
            #expect(refused.attributes["ship.id"] == "voyager" && refused.attributes["spaceport.name"] == "pontus-spaceport")
            #expect(refused.attributes["spa.refusal.reason"] == "Docking limit reached")
            #expect(refused.status == .error("Docking limit reached") && refused.attributes["http.response.status_code"] == 400)
            #expect(refused.events.map(\.name) == ["exception"])
            #expect(refused.events.first?.attributes["exception.message"] == "Docking limit reached")
        }
    }

    @Test("SPA-11: the span of a body that is no ship says what is wrong with it")
    func unfitBodySaysWhy() async throws {
        try await SpaceHarness.spaceport { port in
            _ = try await port.send("POST", "/dock", #"{"id":"a"}"#)
            let span = try port.serverSpan("POST /dock")
            let expected = "body.authorization_code: Field required; body.passengers: Field required"
            #expect(span.attributes["spa.refusal.reason"] == .string(expected))
        }
    }

    @Test("SPA-04: without refusals on spans the trace tells where, not why")
    func originalSpansTellWhereNotWhy() async throws {
        try await SpaceHarness.spaceport(["REFUSALS_ON_SPANS": "off"], limit: 0) { port in
            _ = try await port.act("dock", "voyager")
            let span = try port.serverSpan("POST /dock")
            #expect(span.status == .unset && span.events.isEmpty && span.attributes["http.response.status_code"] == 400)
            for key in ["ship.id", "spaceport.name", "spa.refusal.reason"] { #expect(span.attributes[key] == nil) }
        }
    }

    @Test("SPA-05: log lines have the original's messages and fields, the ship on that of a docking request too")
    func linesAreThoseOfTheContract() async throws {
        try await SpaceHarness.spaceport(limit: 1) { port in
            _ = try await port.use("dock", "a", "x")
            for (action, ship) in [("dock", "a"), ("dock", "a"), ("dock", "b"), ("separate", "b"), ("separate", "a")] {
                _ = try await port.act(action, ship)
            }
            #expect(
                port.lines == [
                    "error Invalid authorization code for ship a ship_id=a",
                    "info Requesting docking for ship a ship_id=a", "info Ship a docked successfully ship_id=a",
                    "info Requesting docking for ship a ship_id=a", "error Ship a already docked ship_id=a",
                    "info Requesting docking for ship b ship_id=b", "error Docking limit '1' reached, Dock is full ship_id=b",
                    "info Requesting separation for ship b ship_id=b", "error Ship b not found ship_id=b",
                    "info Requesting separation for ship a ship_id=a", "info Ship a separated successfully ship_id=a",
                ])
            let access = port.logs.finishedRecords.compactMap { record -> Substring? in
                guard case .string(let text)? = record.body, let quote = text.firstIndex(of: "\"") else { return nil }
                return text[quote...]
            }
            #expect(
                access.prefix(3) == [
                    #""POST /dock HTTP/1.1" 400"#, #""GET /request_docking/a HTTP/1.1" 200"#, #""POST /dock HTTP/1.1" 200"#,
                ])
        }
    }

    @Test("SPA-08: with the spans of ASGI each request has those that Python's instrumentation records")
    func asgiSpansAreThoseOfPython() async throws {
        try await SpaceHarness.spaceport(["ASGI_SPANS": "on"]) { port in
            _ = try await port.act("dock", "a")
            let spans = port.spans.finishedSpans.filter { $0.kind == .internal }
            let names = spans.map(\.name)
            #expect(
                names == [
                    "GET /request_docking/{ship_id} http send", "GET /request_docking/{ship_id} http send", "POST /dock http receive",
                    "POST /dock http send", "POST /dock http send",
                ])
            let server = try port.serverSpan("POST /dock")
            #expect(spans.suffix(3).allSatisfy { $0.parentSpanID == server.spanID })
            #expect(
                spans.suffix(3).map { $0.attributes["asgi.event.type"] } == ["http.request", "http.response.start", "http.response.body"])
            #expect(spans.suffix(2).first?.attributes["http.response.status_code"] == 200)
        }
    }
}
