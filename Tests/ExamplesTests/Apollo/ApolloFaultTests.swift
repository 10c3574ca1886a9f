// The services as processes: each is killed in mid-scenario, and no acknowledged write is lost.

import ExampleSupport
import Telemetry
import Testing

@testable import LunarModule
@testable import MissionTimeline
@testable import SpacecraftTelemetry

// This suite starts one process at a time.
extension ServiceProcessTests {
    private static let apollo = ["SpacecraftTelemetry", "LunarModule", "CommandDispatcher", "MissionTimeline", "MissionDashboard"]

    @Test(
        "APO-01, APO-02, APO-07: each service and the databases are killed in turn; readings, commands and events are neither lost nor doubled",
        arguments: DatabaseKind.available)
    func killedApolloServiceRecoversAndLosesNothing(kind: DatabaseKind) async throws {
        let stores = try ProcessStores(kind)
        try await stores.makeDatabases(["SpacecraftTelemetry", "LunarModule", "MissionTimeline"])
        let processes = try ServiceProcesses(Self.apollo) { processes, program in
            [
                "DATABASE_URL": stores.database(program), "DATABASE_TIMEOUT": stores.databaseTimeout,
                "TELEMETRY_URL": processes.url("SpacecraftTelemetry"),
                "LUNAR_MODULE_URL": processes.url("LunarModule"), "COMMAND_DISPATCHER_URL": processes.url("CommandDispatcher"),
                "TIMELINE_URL": processes.url("MissionTimeline"), "READING_INTERVAL": "50", "COMMAND_LEASE": "500", "LAUNCH_INTERVAL": "50",
            ]
        }
        for program in Self.apollo { try await processes.start(program) }
        var (commands, events, number): ([String], [String], Int) = ([], [], 0)
        // Sends a command and an event, and notes those that are acknowledged.
        try await ServiceProcesses.kill(processes.victims(Self.apollo) + stores.victims, steps: (before: 10, away: 5)) {
            number += 1
            let (command, event) = ("COMMAND_\(number)", "Event \(number)")
            let isSent = await Self.post(processes.url("MissionDashboard") + "/command", #"{"command":"\#(command)"}"#) == 200
            let isAdded = await Self.post(processes.url("MissionTimeline") + "/input", #"{"name":"\#(event)"}"#) == 201
            if isSent { commands.append(command) }
            if isAdded { events.append(event) }
            return isSent && isAdded
        }
        #expect(commands.count >= 55 && events.count >= 55)
        try await Self.expectAll(commands, events, stores.database("LunarModule"))
        try await Self.expectReadings(from: stores.database("LunarModule"), in: stores.database("SpacecraftTelemetry"))
        await processes.stop()
    }

    private static func post(_ url: String, _ body: String) async -> Int? {
        let headers: HTTPHeaders = ["Content-Type": "application/json"]
        return try? await ApolloHarness.transport.send("POST", url, headers: headers, body: Array(body.utf8)).status
    }

    /// Waits until every command was executed once, and every event was launched once.
    private static func expectAll(_ commands: [String], _ events: [String], _ url: String) async throws {
        try await TestDatabase.opened(url, LunarSchema.migrations) { module in
            var (executed, launched): ([String: Int], [String: Int]) = ([:], [:])
            _ = try await eventually {
                executed = [:]
                launched = [:]
                for row in try await module.database.rows("SELECT command_type, status, parameters FROM commands") {
                    guard ["COMPLETED", "FAILED"].contains(try row.text(1)) else { continue }
                    if let name = try row.optionalText(2).flatMap({ try? JSONValue(parsing: $0) })?["name"]?.stringValue {
                        launched[name, default: 0] += 1
                    } else {
                        executed[try row.text(0), default: 0] += 1
                    }
                }
                return commands.allSatisfy { executed[$0] != nil } && events.allSatisfy { launched[$0] != nil }
            }
            #expect(commands.filter { executed[$0] != 1 } == [])
            #expect(events.filter { launched[$0] != 1 } == [])
        }
    }

    /// Waits until the telemetry service has every reading of the module once.
    private static func expectReadings(from module: String, in archive: String) async throws {
        try await TestDatabase.opened(module, LunarSchema.migrations) { module in
            try await TestDatabase.opened(archive, ReadingArchive.migrations) { archive in
                // Readings go on meanwhile: those up to now are compared.
                let last = try await module.database.rows("SELECT max(id) FROM telemetry")[0].integer(0)
                let taken = try await module.database.rows("SELECT reading_key FROM telemetry WHERE id <= $1", DatabaseValue(last))
                #expect(!taken.isEmpty)
                let keys = Set(try taken.map { try $0.text(0) })
                #expect(
                    try await eventually {
                        let received = try await archive.database.rows("SELECT reading_key FROM telemetry")
                        return keys.isSubset(of: try received.map { try $0.text(0) })
                    })
            }
        }
    }
}
