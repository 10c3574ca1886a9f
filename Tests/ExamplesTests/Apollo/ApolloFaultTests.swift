// The services as processes: each is killed in mid-scenario, and no acknowledged write is lost.

import ExampleSupport
import Glibc
import Synchronization
import Telemetry
import Testing

@testable import Demo
@testable import LunarModule
@testable import MissionTimeline
@testable import SpacecraftTelemetry

/// The five services as processes on ports and databases that outlast them.
private final class ApolloProcesses: Sendable {
    static let programs = ["SpacecraftTelemetry", "LunarModule", "CommandDispatcher", "MissionTimeline", "MissionDashboard"]

    private struct Running {
        let child: ChildProcess
        let port: Int
    }

    private let folder: String
    private let running = Mutex<[String: Running]>([:])

    init(folder: String) {
        self.folder = folder
    }

    func url(_ program: String) -> String { "http://127.0.0.1:\(running.withLock { $0[program]?.port ?? 1 })" }

    /// What `DATABASE_URL` is for a service.
    func database(_ program: String) -> String { "sqlite:\(folder)/\(program)" }

    /// Starts a service, on its earlier port if it had one.
    func start(_ program: String) async throws {
        let port = running.withLock { $0[program]?.port ?? 0 }
        // Nothing reads the output of the service, which would have to wait once the pipe is full.
        let log = "\(folder)/\(program).log"
        unlink(log)
        let child = try ChildProcess(
            program,
            environment: ChildProcess.environment.merging([
                "PORT": "\(port)", "DATABASE_URL": database(program), "TELEMETRY_URL": url("SpacecraftTelemetry"),
                "LUNAR_MODULE_URL": url("LunarModule"), "COMMAND_DISPATCHER_URL": url("CommandDispatcher"),
                "TIMELINE_URL": url("MissionTimeline"), "READING_INTERVAL": "50", "COMMAND_LEASE": "500", "LAUNCH_INTERVAL": "50",
                "STOP_TIMEOUT": "2000", "LOG_FILE": log,
            ]) { $1 })
        let announcement = "listening on port "
        var lines = ""
        #expect(
            try await eventually {
                lines = String(decoding: FileContent.read(log) ?? [], as: UTF8.self)
                return lines.contains(announcement)
            })
        let announced = try #require(lines.split(separator: announcement).last?.prefix { $0.isNumber }, "\(lines)")
        let bound = try #require(Int(announced))
        running.withLock { $0[program] = Running(child: child, port: bound) }
    }

    /// Kills a service as a failing machine would.
    func kill(_ program: String) async {
        guard let child = running.withLock({ $0[program]?.child }) else { return }
        Glibc.kill(child.identifier, SIGKILL)
        _ = await child.exitStatus()
    }

    func stop() async {
        let children = running.withLock { running in running.values.map(\.child) }
        for child in children { Glibc.kill(child.identifier, SIGTERM) }
        for child in children { _ = await child.exitStatus() }
    }
}

// This suite starts one process at a time.
extension ServiceProcessTests {
    @Test func killedApolloServiceRecoversAndLosesNothing() async throws {
        var template = Array("/tmp/apollo-faults-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let processes = ApolloProcesses(folder: folder)
        defer {
            for program in ApolloProcesses.programs {
                for suffix in ["", "-wal", "-shm", ".log"] { unlink("\(folder)/\(program)\(suffix)") }
            }
            rmdir(folder)
        }
        for program in ApolloProcesses.programs { try await processes.start(program) }
        var (commands, events): ([String], [String]) = ([], [])

        /// Sends a command and an event, and notes those that are acknowledged; returns whether both were.
        func send(_ number: Int) async -> Bool {
            let (command, event) = ("COMMAND_\(number)", "Event \(number)")
            let isSent = await Self.post(processes.url("MissionDashboard") + "/command", #"{"command":"\#(command)"}"#) == 200
            let isAdded = await Self.post(processes.url("MissionTimeline") + "/input", #"{"name":"\#(event)"}"#) == 201
            if isSent { commands.append(command) }
            if isAdded { events.append(event) }
            return isSent && isAdded
        }

        var number = 0
        for victim in ApolloProcesses.programs {
            for _ in 0..<10 {
                number += 1
                let isAcknowledged = await send(number)
                #expect(isAcknowledged, "before \(victim) is killed")
            }
            await processes.kill(victim)
            for _ in 0..<5 {
                number += 1
                _ = await send(number)
            }
            try await processes.start(victim)
            // A connection that broke with the service may cost one more request.
            #expect(
                try await eventually {
                    number += 1
                    return await send(number)
                }, "\(victim) recovers")
        }

        #expect(commands.count >= 55 && events.count >= 55)
        try await Self.expectAll(commands, events, processes.database("LunarModule"))
        try await Self.expectReadings(from: processes.database("LunarModule"), in: processes.database("SpacecraftTelemetry"))
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
                #expect(taken.count > 50)
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
