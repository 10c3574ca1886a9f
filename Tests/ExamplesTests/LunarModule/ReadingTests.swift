// APO-01 and APO-13: readings at regular intervals, each a trace, none lost while the telemetry service is away.

import ExampleSupport
import Telemetry
import Testing

@testable import LunarModule

struct ReadingTests {
    private static let ok = ServiceResponse.json(["status": "ok"])

    @Test("APO-01: a reading is taken at the start and every 30 seconds, stored and sent", arguments: DatabaseKind.available)
    func readingIsTakenEvery30Seconds(on kind: DatabaseKind) async throws {
        let telemetry = StubService(Self.ok)
        try await telemetry.listening { url in
            try await ApolloHarness.lunar(on: kind, telemetryURL: url + "/input") { lunar in
                #expect(await eventually { telemetry.requests.count == 1 })
                lunar.clock.advance(by: .milliseconds(29_999))
                lunar.clock.advance(by: .milliseconds(1))
                #expect(await eventually { telemetry.requests.count == 2 })
                lunar.clock.advance(by: .seconds(30))
                #expect(await eventually { telemetry.requests.count == 3 })
                let bodies = try telemetry.requests.map { try JSONValue(parsing: $0.body) }
                #expect(bodies.map { $0["timestamp"] } == ["2025-07-20T20:17:40Z", "2025-07-20T20:18:10Z", "2025-07-20T20:18:40Z"])
                #expect(telemetry.requests.allSatisfy { $0.method == "POST" && $0.path == "/input" })
                for body in bodies {
                    guard case .object(let object) = body else { throw StartFailure(.software, "\(body)") }
                    #expect(object.members.map(\.key) == ["timestamp", "position", "speed", "status"] && body["status"] == "OK")
                }
                #expect(await eventually { lunar.spans("reading").count == 3 })
                #expect(try await lunar.metric("readings_sent_total") == 3)
                #expect(Set(telemetry.requests.map { $0.headers["Idempotency-Key"] }).count == 3)
            }
        }
    }

    @Test("APO-13: each reading is a root span above its statements and its call") func readingIsRootSpan() async throws {
        let telemetry = StubService(Self.ok)
        try await telemetry.listening { url in
            try await ApolloHarness.lunar(telemetryURL: url) { lunar in
                #expect(await eventually { !lunar.spans("reading").isEmpty })
                lunar.clock.advance(by: .seconds(30))
                #expect(await eventually { lunar.spans("reading").count == 2 })
                let roots = lunar.spans("reading")
                #expect(Set(roots.map(\.traceID)).count == 2)
                for root in roots {
                    #expect(!root.parentSpanID.isValid && root.kind == .internal && root.status == .unset)
                    let children = lunar.spans().filter { $0.parentSpanID == root.spanID }
                    #expect(children.map(\.name) == ["INSERT telemetry", "POST /input", "UPDATE telemetry"])
                    #expect(children.allSatisfy { $0.kind == .client && $0.traceID == root.traceID })
                }
                let sent = try #require(telemetry.requests.first?.headers["traceparent"])
                #expect(sent.contains(roots[0].traceID.description))
            }
        }
    }

    @Test("APO-01: readings that could not be sent are sent later, oldest first and with their keys", arguments: DatabaseKind.available)
    func lateReadingsAreSent(on kind: DatabaseKind) async throws {
        let telemetry = StubService(ServiceResponse(status: 503))
        try await telemetry.listening { url in
            try await ApolloHarness.lunar(on: kind, telemetryURL: url) { lunar in
                for count in 1...3 {
                    #expect(await eventually { lunar.spans("reading").count == count })
                    if count < 3 { lunar.clock.advance(by: .seconds(30)) }
                }
                let failures = try await lunar.metric("send_failures_total", ["reason": "status"])
                #expect(failures == 3)
                #expect(lunar.spans("reading").allSatisfy { $0.status == .error("the reading was not sent") })
                let failed = telemetry.requests
                telemetry.answer(with: Self.ok)
                lunar.clock.advance(by: .seconds(30))
                #expect(await eventually { lunar.spans("late reading").count == 3 })
                let later = telemetry.requests.dropFirst(3)
                // The new reading shows that the service is back.
                #expect(later.dropFirst().map(\.body) == failed.map(\.body))
                #expect(later.dropFirst().map { $0.headers["Idempotency-Key"] } == failed.map { $0.headers["Idempotency-Key"] })
                let origins = lunar.spans("reading").prefix(3).map(\.spanID)
                #expect(lunar.spans("late reading").flatMap(\.links).map(\.context.spanID) == origins)
                #expect(try await lunar.metric("readings_sent_total") == 4)
                lunar.clock.advance(by: .seconds(30))
                #expect(await eventually { lunar.spans("reading").count == 5 })
                #expect(telemetry.requests.count == 8)
            }
        }
    }

    @Test("APO-01: a reading that is refused is logged and not sent again") func refusedReadingIsNotRepeated() async throws {
        let telemetry = StubService(.json(["detail": "no"], status: 422))
        try await telemetry.listening { url in
            try await ApolloHarness.lunar(telemetryURL: url) { lunar in
                #expect(await eventually { lunar.spans("reading").count == 1 })
                lunar.clock.advance(by: .seconds(30))
                #expect(await eventually { lunar.spans("reading").count == 2 })
                #expect(await eventually { lunar.records("reading was refused").count == 2 })
                #expect(telemetry.requests.count == 2 && lunar.spans("late reading").isEmpty)
                let failures = try await lunar.metric("send_failures_total", ["reason": "refused"])
                #expect(failures == 2)
            }
        }
    }

    @Test("APO-02: a paused module takes no readings, and a started one does again") func pausedModuleTakesNoReadings() async throws {
        let telemetry = StubService(Self.ok)
        try await telemetry.listening { url in
            try await ApolloHarness.lunar(telemetryURL: url) { lunar in
                #expect(await eventually { lunar.spans("reading").count == 1 })
                for (command, count) in [("PAUSE_MISSION", 1), ("START_MISSION", 2), ("EMERGENCY_STOP", 2), ("RESET_SYSTEM", 3)] {
                    let path = try #require(
                        try await lunar.send("POST", "/command", #"{"command_type":"\#(command)"}"#).headers["location"])
                    #expect(try await eventually { try await lunar.json("GET", path)["status"] == "COMPLETED" })
                    lunar.clock.advance(by: .seconds(30))
                    if count > lunar.spans("reading").count { #expect(await eventually { lunar.spans("reading").count == count }) }
                    // One that is too many is seen in the next turn at the latest.
                    #expect(telemetry.requests.count == count)
                }
            }
        }
    }
}
