// APO-09: events whose time has come become commands.

import ExampleSupport
import Telemetry
import Testing

@testable import MissionTimeline

struct EventLauncherTests {
    private static let relayed = ServiceResponse.json(["status": "relayed"])

    /// Runs a closure with a timeline before a dispatcher that answers so.
    private func launching(
        on kind: DatabaseKind = .sqlite, _ answer: ServiceResponse, _ body: (RunningApolloService, StubService) async throws -> Void
    ) async throws {
        let dispatcher = StubService(answer)
        try await dispatcher.listening { url in
            try await ApolloHarness.timeline(on: kind, dispatcherURL: url) { try await body($0, dispatcher) }
        }
    }

    /// Has rounds follow each other until a condition holds.
    private func rounds(_ timeline: RunningApolloService, until condition: @escaping @Sendable () -> Bool) async -> Bool {
        await eventually {
            timeline.clock.advance(by: .seconds(1))
            return condition()
        }
    }

    @Test("APO-09: an event is sent to the dispatcher when its time has come, and once", arguments: DatabaseKind.available)
    func eventIsLaunchedAtItsTime(on kind: DatabaseKind) async throws {
        try await launching(on: kind, Self.relayed) { timeline, dispatcher in
            let event = try await timeline.json("POST", "/input", #"{"name":"Landing","time":"2025-07-20T20:18:40Z"}"#)
            timeline.clock.advance(by: .seconds(59))
            // An event that is due at once shows that the round is over.
            _ = try await timeline.send("POST", "/input", #"{"name":"First"}"#)
            #expect(await eventually { dispatcher.requests.count == 1 && timeline.spans("launch event").count == 1 })
            timeline.clock.advance(by: .seconds(1))
            #expect(await eventually { timeline.spans("launch event").count == 2 })
            let request = dispatcher.requests[1]
            #expect(request.method == "POST" && request.path == "/dispatch")
            #expect(
                try JSONValue(parsing: request.body) == [
                    "command_type": "MISSION_EVENT",
                    "parameters": ["event_id": event["id"] ?? .null, "name": "Landing", "time": "2025-07-20T20:18:40Z"],
                ])
            #expect(request.headers["Idempotency-Key"] == event["id"]?.stringValue)
            timeline.clock.advance(by: .seconds(60))
            _ = try await timeline.send("POST", "/input", #"{"name":"Last"}"#)
            #expect(await eventually { timeline.spans("launch event").count == 3 })
            #expect(dispatcher.requests.count == 3)
            #expect(try await timeline.metric("events_launched_total") == 3)
        }
    }

    @Test("APO-13: a launch is a trace of its own, linked with the request that added the event") func launchIsLinkedWithRequest()
        async throws
    {
        try await launching(Self.relayed) { timeline, dispatcher in
            _ = try await timeline.send("POST", "/input", #"{"name":"Landing"}"#)
            #expect(await eventually { !timeline.spans("launch event").isEmpty })
            let launch = timeline.spans("launch event")[0]
            let request = try #require(timeline.spans("POST /input").first)
            #expect(!launch.parentSpanID.isValid && launch.traceID != request.traceID)
            #expect(launch.links.map(\.context.spanID) == [request.spanID])
            #expect(launch.attributes["timeline.event.name"] == "Landing")
            let children = timeline.spans().filter { $0.parentSpanID == launch.spanID }.map(\.name)
            #expect(children == ["POST /dispatch", "UPDATE events"])
            #expect(dispatcher.requests[0].headers["traceparent"]?.contains(launch.traceID.description) == true)
        }
    }

    @Test("APO-09: an event waits for a dispatcher that is away, and others do not wait for it", arguments: DatabaseKind.available)
    func launchIsRepeated(on kind: DatabaseKind) async throws {
        try await launching(on: kind, ServiceResponse(status: 500)) { timeline, dispatcher in
            _ = try await timeline.send("POST", "/input", #"{"name":"First"}"#)
            #expect(await eventually { timeline.spans("launch event").count == 1 })
            timeline.clock.advance(by: .seconds(4))
            _ = try await timeline.send("POST", "/input", #"{"name":"Second"}"#)
            #expect(await eventually { timeline.spans("launch event").count == 2 })
            dispatcher.answer(with: Self.relayed)
            #expect(await rounds(timeline) { timeline.spans("launch event").count == 4 })
            let keys = dispatcher.requests.map { $0.headers["Idempotency-Key"] }
            #expect(keys[0] == keys[2] && keys[1] == keys[3] && keys[0] != keys[1])
            #expect(try await timeline.metric("launch_failures_total") == 2)
            #expect(timeline.records("event was not launched, and will be later").count == 2)
        }
    }

    @Test("APO-09: an event that is refused is not sent again") func refusedEventIsNotRepeated() async throws {
        try await launching(.json(["detail": "no"], status: 422)) { timeline, dispatcher in
            _ = try await timeline.send("POST", "/input", #"{"name":"First"}"#)
            #expect(await eventually { timeline.records("event was refused").count == 1 })
            timeline.clock.advance(by: .seconds(60))
            _ = try await timeline.send("POST", "/input", #"{"name":"Second"}"#)
            #expect(await eventually { timeline.records("event was refused").count == 2 })
            #expect(dispatcher.requests.count == 2)
        }
    }

    @Test("APO-09: an event that was over when it was added is history") func pastEventIsNotLaunched() async throws {
        try await launching(Self.relayed) { timeline, dispatcher in
            for time in ["1969-07-20T20:17:40Z", "2025-07-20T20:16:39Z", "2025-07-20T20:16:40Z"] {
                #expect(try await timeline.send("POST", "/input", #"{"name":"\#(time)","time":"\#(time)"}"#).status == 201)
            }
            // Forms have times without seconds: an event of the present minute is launched.
            #expect(await eventually { timeline.spans("launch event").count == 1 })
            let sent = try JSONValue(parsing: dispatcher.requests[0].body)
            #expect(sent["parameters"]?["name"] == "2025-07-20T20:16:40Z")
            #expect(dispatcher.requests.count == 1)
        }
    }
}
