// SPA-10: ships, spaceports, ledger and its database as processes that are killed in mid-scenario.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

// This suite starts one process at a time.
extension ServiceProcessTests {
    @Test(
        "SPA-10: each service and the database are killed in turn; the ledger has all that ships were told, once",
        arguments: DatabaseKind.available)
    func killedSpaceServiceRecoversAndLosesNothing(kind: DatabaseKind) async throws {
        let programs = ["Ledger", "Spaceport", "Spaceship"]
        let stores = try ProcessStores(kind)
        try await stores.makeDatabases(["Ledger"])
        let processes = try ServiceProcesses(programs) { processes, program in
            [
                "DATABASE_URL": stores.database(program), "DATABASE_TIMEOUT": stores.databaseTimeout, "LEDGER_URL": processes.url("Ledger"),
                "LEDGER_SPOOL": stores.folder.path + "/spool", "INSTANCE_NAME": program.lowercased(), "DOCKING_LIMIT": "1",
                "SPACEPORTS": "pontus=" + processes.url("Spaceport").dropFirst("http://".count), "STOP_TIMEOUT": "100",
            ]
        }
        for program in programs { try await processes.start(program) }
        let transport = SocketTransport(timeout: ServiceHarness.patience)
        func status(_ action: String) async -> Int? {
            try? await transport.send("POST", processes.url("Spaceship") + "/\(action)/pontus", headers: [:], body: []).status
        }
        let told = Told()
        @Sendable func isRecorded() async -> Bool {
            let answer = try? await transport.send("GET", processes.url("Ledger") + "/totals", headers: [:], body: [])
            return (answer.flatMap { try? JSONValue(parsing: $0.body) }).map { told.totals.isRecorded(in: $0) } ?? false
        }
        let victims = (processes.victims(programs) + stores.victims).map { victim in
            // What a spaceport has told a ship and not yet told the ledger, a fifth of a second at most, goes with its docks.
            victim.name != "Spaceport"
                ? victim
                : ServiceProcesses.Victim(
                    name: victim.name,
                    kill: {
                        #expect(await eventually { await isRecorded() })
                        try await victim.kill()
                    }, start: victim.start)
        }
        // A ship docks, finds itself docked already, and separates: nothing is left for the next time.
        try await ServiceProcesses.kill(victims, steps: (before: 5, away: 3)) {
            let statuses = (await status("dock"), await status("dock"), await status("separate"))
            for (status, action) in [(statuses.0, "dock"), (statuses.1, "dock"), (statuses.2, "separate")] {
                if status == 200 || status == 400 { told.add("\(status ?? 0) ", action) }
            }
            return statuses == (200, 400, 200)
        }
        #expect(await eventually { await isRecorded() }, "\(told.totals)")
        // What it met has not kept it from ending as usual.
        try await processes.end("Spaceport")
        await processes.stop()
    }
}

/// What ships were told.
private final class Told: Sendable {
    private let state = Mutex(StormTotals())

    var totals: StormTotals { state.withLock { $0 } }

    func add(_ answer: String, _ action: String) { state.withLock { $0.add(answer, action) } }
}
