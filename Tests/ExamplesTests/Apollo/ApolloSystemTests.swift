// The five services together: what the dashboard sends is done, and what happens is shown.

import ExampleSupport
import Telemetry
import Testing

struct ApolloSystemTests {
    @Test("APO-05: a command is sent by the dashboard and seen completed, in one trace", arguments: DatabaseKind.available)
    func commandIsOneTrace(on kind: DatabaseKind) async throws {
        try await ApolloHarness.system(on: kind) { apollo in
            let answer = try await apollo.dashboard.send("POST", "/command", #"{"command":"PAUSE_MISSION"}"#)
            #expect(answer.status == 200)
            #expect(try JSONValue(parsing: answer.body)["status"]?.stringValue?.contains("Command saved") == true)
            #expect(
                try await eventually {
                    let fragment = try await apollo.dashboard.send("GET", "/commands").text
                    return fragment.contains("PAUSE_MISSION</span> <span class=\"badge good\">COMPLETED</span>")
                })
            #expect(
                try await apollo.dashboard.send("GET", "/systems").text.contains("Mission Status: <span class=\"badge waiting\">PAUSED"))

            let root = try #require(apollo.dashboard.spans("POST /command").first { $0.kind == .server })
            #expect(await eventually { apollo.spans.contains { $0.kind == .consumer && $0.traceID == root.traceID } })
            var path: [String] = []
            var span = apollo.spans.first { $0.kind == .consumer && $0.traceID == root.traceID }
            while let current = span {
                path.append("\(current.kind) \(current.name)")
                span = apollo.spans.first { $0.spanID == current.parentSpanID && $0.traceID == root.traceID }
            }
            #expect(
                path.reversed() == [
                    "server POST /command", "client POST /dispatch", "server POST /dispatch", "client POST /command",
                    "server POST /command", "producer send lunar-commands", "consumer process lunar-commands",
                ])
        }
    }

    @Test("APO-06, APO-09: an event is added by the dashboard and seen launched", arguments: DatabaseKind.available)
    func eventIsLaunched(on kind: DatabaseKind) async throws {
        try await ApolloHarness.system(on: kind) { apollo in
            let body = #"{"name":"EMERGENCY_STOP","time":"2025-07-20T20:19"}"#
            let answer = try await apollo.dashboard.send("POST", "/event", body)
            #expect(answer.status == 200)
            let item = "EMERGENCY_STOP</span> <span class=\"badge"
            #expect(try await apollo.dashboard.send("GET", "/events").text.contains("\(item) waiting\">Upcoming"))
            #expect(try await apollo.dashboard.send("GET", "/commands").text.contains("No commands yet."))
            apollo.clock.advance(by: .seconds(80))
            #expect(
                try await eventually {
                    let fragment = try await apollo.dashboard.send("GET", "/commands").text
                    return fragment.contains("MISSION_EVENT · EMERGENCY_STOP</span> <span class=\"badge good\">COMPLETED")
                })
            #expect(try await apollo.dashboard.send("GET", "/events").text.contains("\(item) quiet\">Completed"))
            #expect(try await apollo.dashboard.send("GET", "/systems").text.contains("<span class=\"badge bad\">STOPPED"))
            let launch = try #require(apollo.timeline.spans("launch event").first)
            #expect(await eventually { apollo.lunar.spans("process lunar-commands").first?.traceID == launch.traceID })
        }
    }

    @Test("APO-03, APO-04: a reading comes from the module to the page") func readingIsShown() async throws {
        try await ApolloHarness.system { apollo in
            #expect(await eventually { apollo.telemetry.spans("POST /input").count == 1 })
            let reading = try await apollo.telemetry.json("GET", "/data")["data"]?[0]
            #expect(reading?[0] == "2025-07-20T20:17:40" && reading?[3] == "OK")
            let fragment = try await apollo.dashboard.send("GET", "/telemetry").text
            #expect(fragment.contains("20:17:40</time>") && fragment.contains("<span class=\"badge good\">OK</span>"))
            let loop = try #require(apollo.lunar.spans("reading").first)
            #expect(apollo.telemetry.spans("POST /input").first?.traceID == loop.traceID)
        }
    }
}
