// APO-02 and APO-10: the routes of the lunar module.

import ExampleSupport
import Telemetry
import Testing

@testable import LunarModule

struct LunarContractTests {
    /// Runs a closure with the routes of a module whose commands nothing executes.
    private func routes(
        on kind: DatabaseKind = .sqlite, maximumQueue: Int = 100, lease: Duration = .seconds(5), clock: MissionClock = MissionClock(),
        _ body: (Router, CommandStore, TestDatabase) async throws -> Void
    ) async throws {
        try await TestDatabase.with(kind, LunarSchema.migrations[0], LunarSchema.migrations[1], LunarSchema.migrations[2]) { test in
            let commands = try await CommandStore(test.database, lease: lease, clock: clock.telemetry)
            let routes = LunarRoutes(
                commands: commands, module: ModuleStore(database: test.database), maximumQueue: maximumQueue, telemetry: test.telemetry,
                received: {})
            try await body(routes.router, commands, test)
        }
    }

    private func send(_ router: Router, _ method: String, _ path: String, _ body: String = "", key: String? = nil) async -> ServiceResponse
    {
        var headers: HTTPHeaders = [:]
        headers["Idempotency-Key"] = key
        return await router.respond(to: ServiceRequest(method: method, target: path, headers: headers, body: Array(body.utf8)))
    }

    @Test("APO-02: commands are saved, and handed out in the order of their arrival", arguments: DatabaseKind.available)
    func commandsAreHandedOutOldestFirst(on kind: DatabaseKind) async throws {
        try await routes(on: kind) { router, _, _ in
            let empty = await send(router, "GET", "/command")
            #expect(empty.status == 404 && empty.text == #"{"message":"No pending commands"}"#)
            let whole = #"{"command_type":"START_MISSION","parameters":{"speed":[1.5,"fast",null]},"id":77,"unknown":true}"#
            for body in [whole, #"{"command_type":"PAUSE_MISSION","status":""}"#, #"{"command_type":"LAND","status":"COMPLETED"}"#] {
                let saved = await send(router, "POST", "/command", body)
                #expect(saved.status == 200 && saved.text == #"{"status":"Command saved"}"#)
            }
            let text = await send(router, "GET", "/command").text
            #expect(
                text
                    == #"{"id":1,"timestamp":"2025-07-20T20:17:40Z","command_type":"START_MISSION","parameters":{"speed":[1.5,"fast",null]},"status":"PENDING"}"#
            )
            let first = try JSONValue(parsing: await send(router, "GET", "/commands/1").body)
            #expect(first["status"] == "PROCESSING")
            #expect(await send(router, "GET", "/command").text.contains(#""command_type":"PAUSE_MISSION","parameters":null,"#))
            #expect(await send(router, "GET", "/command").status == 404)
        }
    }

    @Test("APO-02: a command that was handed out and not finished is handed out again when its lease ends")
    func leaseOfCommandEnds() async throws {
        let clock = MissionClock()
        try await routes(lease: .seconds(5), clock: clock) { router, _, _ in
            _ = await send(router, "POST", "/command", #"{"command_type":"LAND"}"#)
            #expect(await send(router, "GET", "/command").status == 200)
            clock.advance(by: .seconds(5))
            #expect(await send(router, "GET", "/command").status == 404)
            clock.advance(by: .milliseconds(1))
            #expect(await send(router, "GET", "/command").status == 200)
        }
    }

    @Test(
        "APO-02: bad bodies are refused with what is wrong, and nothing is saved",
        arguments: [
            ("{", "unexpected EOF"), ("[]", "The body must be an object, found an array"),
            (#"{"command_type":5}"#, "Field command_type must be a string, found the number 5"),
            ("{}", "Field command_type must have 1 to 50 characters, and none that is U+0000"),
            (
                #"{"command_type":"\#(String(repeating: "x", count: 51))"}"#,
                "Field command_type must have 1 to 50 characters, and none that is U+0000"
            ),
            (#"{"command_type":"A\u0000"}"#, "Field command_type must have 1 to 50 characters, and none that is U+0000"),
            (#"{"command_type":"A","status":"DONE"}"#, "Field status must be one of PENDING, PROCESSING, COMPLETED, FAILED"),
            (#"{"command_type":"A","parameters":{"a":["\u0000"]}}"#, "Field parameters must not have the character U+0000"),
        ])
    func badBodyIsRefused(body: String, detail: String) async throws {
        try await routes { router, _, test in
            let answer = await send(router, "POST", "/command", body)
            #expect(answer.status == 400)
            #expect(try JSONValue(parsing: answer.body) == ["error": "Invalid request body", "detail": .string(detail)])
            try await test.expectCount(0, of: "commands")
        }
    }

    @Test("APO-02: a command that is sent again under its key is saved once", arguments: DatabaseKind.available)
    func repeatedCommandIsSavedOnce(on kind: DatabaseKind) async throws {
        try await routes(on: kind) { router, commands, test in
            for _ in 1...2 {
                let answer = await send(router, "POST", "/command", #"{"command_type":"LAND"}"#, key: "k")
                #expect(answer.status == 200 && answer.headers["Location"] == "/commands/1")
            }
            _ = await send(router, "POST", "/command", #"{"command_type":"LAND"}"#)
            try await test.expectCount(2, of: "commands")
            #expect(commands.knownDepth == 2)
            let long = String(repeating: "k", count: 201)
            #expect(await send(router, "POST", "/command", #"{"command_type":"LAND"}"#, key: long).status == 400)
        }
    }

    @Test("APO-02: commands beyond the queue are refused until there is room") func fullQueueRefusesCommands() async throws {
        try await routes(maximumQueue: 1) { router, _, _ in
            #expect(await send(router, "POST", "/command", #"{"command_type":"LAND"}"#).status == 200)
            let refused = await send(router, "POST", "/command", #"{"command_type":"LAND"}"#)
            #expect(refused.status == 503 && refused.text == #"{"error":"Too many commands are waiting"}"#)
            #expect(refused.headers["Retry-After"] == "1")
        }
    }

    @Test("APO-02: without its database the module says so") func missingDatabaseIsReported() async throws {
        try await routes { router, _, test in
            await test.database.close()
            let refused = await send(router, "POST", "/command", #"{"command_type":"LAND"}"#)
            #expect(refused.status == 500 && refused.text == #"{"error":"Failed to save command"}"#)
            for path in ["/command", "/commands", "/commands/1"] {
                let refused = await send(router, "GET", path)
                #expect(refused.status == 500 && refused.text.hasPrefix(#"{"error":""#))
            }
        }
    }

    @Test("APO-02: a command is found by its number") func commandIsFoundByNumber() async throws {
        try await routes { router, _, _ in
            for (id, status) in [("1", 404), ("99999999999999", 404), ("one", 400)] {
                #expect(await send(router, "GET", "/commands/\(id)").status == status)
            }
        }
    }

    @Test("APO-10: probes, and paths without a route in Fiber's words") func probesAnswer() async throws {
        try await ApolloHarness.lunar(telemetryURL: "http://127.0.0.1:1") { lunar in
            for (path, text) in [("/health", "OK"), ("/ready", "READY"), ("/started", "STARTED")] {
                let answer = try await lunar.send("GET", path)
                #expect(answer.status == 200 && answer.text == text)
            }
            let missing = try await lunar.send("GET", "/nothing?a=b")
            #expect(missing.status == 404 && missing.text == "Cannot GET /nothing")
            let wrong = try await lunar.send("DELETE", "/command")
            #expect(wrong.status == 405 && wrong.text == "Method Not Allowed")
        }
    }
}
