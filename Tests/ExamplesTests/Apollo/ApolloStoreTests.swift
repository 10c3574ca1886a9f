// The database of the services ends in mid-scenario, and comes back.

import ExampleSupport
import Telemetry
import Testing

struct ApolloStoreTests {
    /// Runs a closure while a lunar module answers on a PostgreSQL of its own, before a telemetry service that takes everything.
    private func module(_ body: (RunningApolloService, StubService, PostgreSQLServer) async throws -> Void) async throws {
        let server = try PostgreSQLServer.own()
        let url = try await server.newDatabase()
        let telemetry = StubService(.json(["status": "ok"]))
        try await telemetry.listening { telemetryURL in
            try await ApolloHarness.lunar(
                databaseURL: url, telemetryURL: telemetryURL, clock: MissionClock(), ["DATABASE_TIMEOUT": "5000", "COMMAND_LEASE": "1"]
            ) { lunar in try await body(lunar, telemetry, server) }
        }
    }

    @Test(
        "APO-01, APO-02: a killed database loses no acknowledged command, and readings go on",
        .enabled(if: PostgreSQLServer.programs != nil, "PostgreSQL is not installed"))
    func killedDatabaseLosesNoCommand() async throws {
        try await module { lunar, telemetry, server in
            var acknowledged: [String] = []
            func send() async throws -> Int {
                let answer = try await lunar.send("POST", "/command", #"{"command_type":"START_MISSION"}"#)
                if answer.status == 200, let path = answer.headers["Location"] {
                    acknowledged.append(path)
                } else {
                    #expect(answer.status == 500 && answer.text == #"{"error":"Failed to save command"}"#)
                }
                return answer.status
            }

            for _ in 0..<20 { #expect(try await send() == 200) }
            #expect(await eventually { telemetry.requests.count == 1 })
            try server.kill()
            // The server's processes for connections end some time after it.
            #expect(try await eventually { try await send() == 500 })
            #expect(try await eventually { try await lunar.send("GET", "/ready").text == "NOT READY" })
            #expect(try await lunar.send("GET", "/health").status == 200)
            // A reading is sent though it cannot be stored.
            lunar.clock.advance(by: .seconds(30))
            #expect(await eventually { lunar.records("reading was not stored").count == 1 && telemetry.requests.count == 2 })

            try server.start()
            #expect(try await eventually { try await send() == 200 })
            #expect(
                try await eventually {
                    lunar.clock.advance(by: .seconds(1))
                    for path in acknowledged where try await lunar.json("GET", path)["status"] != "COMPLETED" { return false }
                    return true
                })
            #expect(acknowledged.count >= 21 && Set(acknowledged).count == acknowledged.count)
        }
    }
}
