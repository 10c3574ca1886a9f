// SPA-10: the ledger as a process that is killed.

import ExampleSupport
import Glibc
import Telemetry
import Testing

@testable import Spaceport

// This suite starts one process at a time.
extension ServiceProcessTests {
    @Test("SPA-10: a ledger that is killed in a storm loses nothing that it has acknowledged, and gets the rest later")
    func killedLedgerLosesNothing() async throws {
        let spool = try TemporaryDirectory()
        try await TestDatabase.withURL(.sqlite) { database in
            // A port that no other process gets while the ledger is away.
            let port: Int = try #require(ScriptedServer.freePort())
            let ledger = ["DATABASE_URL": database, "PORT": "\(port)", "STOP_TIMEOUT": "100"]
            let (first, url) = try await ChildProcess.service("Ledger", ledger)
            func totals(_ url: String) async throws -> JSONValue {
                try JSONValue(
                    parsing: try await SocketTransport(timeout: ServiceHarness.patience).send(
                        "GET", url + "/totals", headers: [:], body: []
                    ).body)
            }
            let variables = ["LEDGER_URL": url, "LEDGER_SPOOL": spool.path]
            try await SpaceHarness.spaceports(3, variables) { ports in
                var seen = try await StormTotals.storm(ships: 20, ports: ports, rounds: 3)
                #expect(try await eventually { seen.isRecorded(in: try await totals(url)) })

                kill(first.identifier, SIGKILL)
                #expect(await first.exitStatus() == nil)
                seen.add(try await StormTotals.storm(ships: 20, ports: ports, rounds: 3))
                let (second, _) = try await ChildProcess.service("Ledger", ledger)
                seen.add(try await StormTotals.storm(ships: 20, ports: ports, rounds: 3))
                #expect(try await eventually { seen.isRecorded(in: try await totals(url)) })
                kill(second.identifier, SIGTERM)
                #expect(await second.exitStatus() == 0)
            }
        }
    }
}
