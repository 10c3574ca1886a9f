// APO-04, APO-05, APO-06 and APO-10: the page, its fragments, and what its buttons send.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

@testable import MissionDashboard

struct DashboardTests {
    /// The services behind a dashboard, with the answers that a test gives to their paths.
    private final class Mission: Sendable {
        private let answers: Mutex<[String: ServiceResponse]>
        private let received = Mutex<[ServiceRequest]>([])

        init(_ answers: [String: ServiceResponse]) {
            self.answers = Mutex(answers)
        }

        var requests: [ServiceRequest] { received.withLock { $0 } }

        func answer(_ request: ServiceRequest) -> ServiceResponse {
            received.withLock { $0.append(request) }
            return answers.withLock { $0["\(request.method) \(request.path)"] } ?? ServiceResponse(status: 503)
        }
    }

    private static let readings: JSONValue = [
        "data": [
            ["2025-07-20T20:17:40.500000", 106.666, 1.65, "OK", "2025-07-20T20:17:41"],
            ["2025-07-20T20:17:10", 5, 1, "<b>LOST</b>", "2025-07-20T20:17:11"],
        ]
    ]
    private static let module: JSONValue = [
        "state": "PAUSED", "queue_depth": 2,
        "commands": [
            [
                "id": 2, "timestamp": "2025-07-20T20:17:40Z", "command_type": "<script>", "parameters": ["name": "a & b"],
                "status": "FAILED", "detail": "\"quoted\"",
            ]
        ],
    ]

    /// Runs a closure with a dashboard whose three other services are one.
    private func dashboard(
        _ answers: [String: ServiceResponse], _ body: (RunningApolloService, Mission) async throws -> Void
    ) async throws {
        let mission = Mission(answers)
        try await ServiceHarness.listening({ mission.answer($0) }) { url in
            try await ApolloHarness.dashboard(telemetryURL: url, timelineURL: url + "/data", dispatcherURL: url) {
                try await body($0, mission)
            }
        }
    }

    @Test("APO-04: readings are shown with their units, and OK is good news") func readingsAreShown() async throws {
        try await dashboard(["GET /data": .json(Self.readings)]) { dashboard, _ in
            let fragment = try await dashboard.send("GET", "/telemetry").text
            #expect(fragment.contains("<th>Position (°)</th><th>Speed (km/s)</th>"))
            #expect(fragment.contains("<td>106.67</td><td>1.650</td><td><span class=\"badge good\">OK</span></td>"))
            #expect(fragment.contains("<span class=\"badge bad\">&lt;b&gt;LOST&lt;/b&gt;</span>") && !fragment.contains("<b>"))
            #expect(fragment.contains("2025-07-20 </span>20:17:40</time>") && fragment.contains("rotate(106.67)"))
        }
    }

    @Test("APO-06: upcoming events come first and in their order, then those that are over") func eventsAreSorted() async throws {
        let events: JSONValue = .array(
            [
                ("Past", "1969-07-16T13:32:00Z"), ("Just", "2025-07-20T20:17:40Z"), ("Next", "2025-07-20T20:17:41Z"),
                ("Far", "2030-01-01T00:00:00Z"),
            ]
            .map { ["id": "0", "name": .string($0.0), "time": .string($0.1)] })
        try await dashboard(["GET /data": .json(events)]) { dashboard, _ in
            let fragment = try await dashboard.send("GET", "/events").text
            let names = fragment.split(separator: "class=\"name\">").dropFirst().map { String($0.prefix { $0 != "<" }) }
            #expect(names == ["Next", "Far", "Just", "Past"])
            #expect(fragment.split(separator: "Upcoming").count == 3 && fragment.split(separator: "Completed").count == 3)
        }
    }

    @Test("APO-05: commands are shown with what came of them, escaped") func commandsAreShown() async throws {
        try await dashboard(["GET /commands": .json(Self.module)]) { dashboard, _ in
            let fragment = try await dashboard.send("GET", "/commands").text
            #expect(fragment.contains("&lt;script&gt; · a &amp; b</span> <span class=\"badge bad\">FAILED</span>"))
            #expect(fragment.contains("&quot;quoted&quot;") && fragment.contains("2 not finished.") && !fragment.contains("<script"))
        }
    }

    @Test("APO-04: what cannot be had is an empty table and a note, and no error") func missingServicesAreNoted() async throws {
        try await dashboard([:]) { dashboard, _ in
            for (path, note) in [
                ("/telemetry", "Telemetry is not available."), ("/events", "The timeline is not available."),
                ("/commands", "The lunar module is not available."),
            ] {
                let answer = try await dashboard.send("GET", path)
                #expect(answer.status == 200 && answer.text.contains(note))
            }
            let systems = try await dashboard.send("GET", "/systems").text
            #expect(systems.split(separator: "<span class=\"badge bad\">OFFLINE</span>").count == 6)
            #expect(try await dashboard.send("GET", "/").status == 200)
        }
    }

    @Test("APO-04: the state of the mission and of its services is shown") func systemsAreShown() async throws {
        try await dashboard(["GET /commands": .json(Self.module), "GET /ready": .text("READY")]) { dashboard, _ in
            let systems = try await dashboard.send("GET", "/systems").text
            #expect(systems.contains("Mission Status: <span class=\"badge waiting\">PAUSED</span>"))
            #expect(systems.split(separator: "ONLINE").count == 5)
        }
    }

    @Test("APO-04: fragments are the content of the elements that poll for them, so that polling goes on")
    func fragmentsKeepTheirElements() async throws {
        try await dashboard(["GET /data": .json(Self.readings), "GET /commands": .json(Self.module)]) { dashboard, _ in
            let page = try await dashboard.send("GET", "/").text
            for (path, seconds) in [("/telemetry", 5), ("/events", 10), ("/commands", 2), ("/systems", 5)] {
                let fragment = try await dashboard.send("GET", path).text
                #expect(!fragment.contains("data-refresh"))
                #expect(page.contains("data-refresh=\"\(path)\" data-seconds=\"\(seconds)\">\(fragment)</div>"), "\(path)")
            }
        }
    }

    @Test("APO-05: a command goes to the dispatcher, whose answer is passed on", arguments: [200, 400, 503])
    func commandIsSent(status: Int) async throws {
        try await dashboard(["POST /dispatch": .json(["status": "relayed"], status: status)]) { dashboard, mission in
            let answer = try await dashboard.send("POST", "/command", #"{"command":"START_MISSION"}"#)
            #expect(answer.status == status && answer.text == #"{"status":"{\"status\":\"relayed\"}"}"#)
            #expect(mission.requests.map(\.text) == [#"{"command_type":"START_MISSION"}"#])
        }
    }

    @Test("APO-05: a command that cannot be sent is 502") func unsentCommandIs502() async throws {
        let nowhere = "http://127.0.0.1:1"
        try await ApolloHarness.dashboard(telemetryURL: nowhere, timelineURL: nowhere, dispatcherURL: nowhere) { dashboard in
            let answer = try await dashboard.send("POST", "/command", #"{"command":"START_MISSION"}"#)
            #expect(answer.status == 502 && answer.text == #"{"status":"Failed to send command"}"#)
            let event = try await dashboard.send("POST", "/event", #"{"name":"a","time":"2025-07-20T20:17"}"#)
            #expect(event.status == 500 && event.text == #"{"error":"The timeline cannot be reached"}"#)
        }
    }

    @Test("APO-06: an event goes to the timeline, with its time in UTC") func eventIsSent() async throws {
        try await dashboard(["POST /input": .json(["id": "0"], status: 201)]) { dashboard, mission in
            let answer = try await dashboard.send("POST", "/event", #"{"name":"Landing","time":"2025-07-20T20:17"}"#)
            #expect(answer.status == 200 && answer.text == #"{"status":"Event added successfully"}"#)
            let form: HTTPHeaders = ["Content-Type": "application/x-www-form-urlencoded"]
            #expect(try await dashboard.send("POST", "/event", "name=A+b&time=2025-07-20T20%3A17%3A30Z", headers: form).status == 200)
            #expect(
                mission.requests.map(\.text) == [
                    #"{"name":"Landing","time":"2025-07-20T20:17:00Z"}"#, #"{"name":"A b","time":"2025-07-20T20:17:30Z"}"#,
                ])
        }
    }

    @Test(
        "APO-05, APO-06: bad input is refused with what is wrong, and nothing is sent",
        arguments: [
            ("/command", "{", 400), ("/command", "{}", 400), ("/command", #"{"command":7}"#, 400),
            ("/command", #"{"command":"\#(String(repeating: "x", count: 51))"}"#, 400), ("/event", "{", 400), ("/event", "{}", 400),
            ("/event", #"{"name":"a","time":"soon"}"#, 500), ("/event", #"{"name":"a\u0000","time":"2025-07-20T20:17"}"#, 400),
        ])
    func badInputIsRefused(path: String, body: String, status: Int) async throws {
        try await dashboard([:]) { dashboard, mission in
            let answer = try await dashboard.send("POST", path, body)
            #expect(answer.status == status && answer.text.hasPrefix(#"{"error":""#), "\(answer.text)")
            #expect(mission.requests.isEmpty)
        }
    }

    @Test("APO-05: a refusal of the timeline is shown") func refusedEventIsShown() async throws {
        try await dashboard(["POST /input": .json(["error": "no"], status: 400)]) { dashboard, _ in
            let answer = try await dashboard.send("POST", "/event", #"{"name":"a","time":"2025-07-20T20:17"}"#)
            #expect(answer.status == 500 && answer.text.contains("The timeline has refused the event"))
        }
    }

    @Test("APO-05: the page loads its own files alone, and other sites cannot send commands") func pageIsProtected() async throws {
        try await dashboard(["POST /dispatch": .json(["status": "relayed"])]) { dashboard, mission in
            let page = try await dashboard.send("GET", "/")
            let policy = try #require(page.headers["Content-Security-Policy"])
            #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self';") && !policy.contains("unsafe"))
            #expect(!page.text.contains(" style=") && !page.text.contains("onclick") && !page.text.contains("<script>"))
            for (name, type) in [("dashboard.js", "text/javascript"), ("dashboard.css", "text/css"), ("moon.svg", "image/svg+xml")] {
                let file = try await dashboard.send("GET", "/static/\(name)")
                #expect(file.status == 200 && file.headers["Content-Type"]?.hasPrefix(type) == true)
                #expect(page.text.contains("\"/static/\(name)\""))
            }
            for (site, status) in [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)] {
                let answer = try await dashboard.send(
                    "POST", "/command", #"{"command":"START_MISSION"}"#, headers: ["Sec-Fetch-Site": site])
                #expect(answer.status == status)
            }
            #expect(mission.requests.filter { $0.path == "/dispatch" }.count == 2)
        }
    }

    @Test("APO-10: probes answer") func probesAnswer() async throws {
        try await dashboard([:]) { dashboard, _ in
            for (path, text) in [("/health", "OK"), ("/ready", "READY"), ("/started", "STARTED"), ("/x", "Cannot GET /x")] {
                let answer = try await dashboard.send("GET", path)
                #expect(answer.text == text)
            }
        }
    }
}
