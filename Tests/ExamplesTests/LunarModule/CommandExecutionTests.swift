// APO-02 and APO-13: commands are executed, once each and in their order.

import ExampleSupport
import Telemetry
import Testing

@testable import LunarModule

struct CommandExecutionTests {
    /// An executor whose rounds the test starts, and what it works on.
    private struct Bench: Sendable {
        let executor: CommandExecutor
        let commands: CommandStore
        let test: TestDatabase
        let clock: MissionClock

        func save(_ type: String, traceParent: String = "") async throws -> Int {
            let request = ServiceRequest(method: "POST", target: "/command", body: Array(#"{"command_type":"\#(type)"}"#.utf8))
            return try await commands.save(try NewCommand(request), traceParent: traceParent)
        }

        /// The finished span of the only execution.
        func execution() throws -> ReadableSpan {
            let executions = test.memory.finishedSpans.filter { $0.kind == .consumer }
            #expect(executions.count == 1)
            return try #require(executions.first)
        }
    }

    private func bench(on kind: DatabaseKind = .sqlite, _ body: (Bench) async throws -> Void) async throws {
        try await TestDatabase.with(kind, LunarSchema.migrations[0], LunarSchema.migrations[1], LunarSchema.migrations[2]) { test in
            let clock = MissionClock()
            let commands = try await CommandStore(test.database, lease: .seconds(5), clock: clock.telemetry)
            let executor = CommandExecutor(commands, test.telemetry, clock: clock.telemetry)
            try await body(Bench(executor: executor, commands: commands, test: test, clock: clock))
        }
    }

    @Test("APO-02: commands end as completed or failed, in their order", arguments: DatabaseKind.available)
    func commandsAreExecuted(on kind: DatabaseKind) async throws {
        try await bench(on: kind) { bench in
            // More than are committed together.
            let types = ["EMERGENCY_STOP", "START_MISSION", "RESET_SYSTEM", "JUMP", "PAUSE_MISSION"]
            for number in 0..<100 { _ = try await bench.save(types[number % types.count]) }
            #expect(bench.commands.knownDepth == 100)
            bench.clock.advance(by: .milliseconds(20))
            await bench.executor.round()
            #expect(bench.commands.knownDepth == 0)
            let all = try await bench.commands.latest(1000).reversed()
            let outcomes = ["COMPLETED", "FAILED", "COMPLETED", "FAILED", "COMPLETED"]
            #expect(all.map(\.status.rawValue) == (0..<100).map { outcomes[$0 % outcomes.count] })
            #expect(all.allSatisfy { $0.finished?.rfc3339 == "2025-07-20T20:17:40.02Z" && ($0.detail == nil) == ($0.status == .completed) })
            #expect(try await ModuleStore(database: bench.test.database).state() == .paused)
        }
    }

    @Test("APO-13: latency and queue depth are measured, outcomes are logged") func latencyIsMeasured() async throws {
        try await bench { bench in
            for type in ["PAUSE_MISSION", "JUMP"] { _ = try await bench.save(type) }
            let request = ServiceRequest(method: "GET", target: "/metrics")
            #expect(await bench.test.telemetry.metricsPage(for: request).text.contains("queue_depth{otel_scope_name=\"service\"} 2\n"))
            bench.clock.advance(by: .milliseconds(300))
            await bench.executor.round()
            let page = await bench.test.telemetry.metricsPage(for: request).text
            #expect(page.contains("queue_depth{otel_scope_name=\"service\"} 0\n"))
            for labels in [
                #"command_type="PAUSE_MISSION",otel_scope_name="service",status="COMPLETED""#,
                #"command_type="other",otel_scope_name="service",status="FAILED""#,
            ] {
                #expect(page.contains("command_latency_seconds_sum{\(labels)} 0.3\n"), "\(page)")
            }
        }
    }

    @Test("APO-13: the execution is in the trace that the command came with") func executionContinuesTrace() async throws {
        try await bench { bench in
            let trace = "0af7651916cd43dd8448eb211c80319c"
            _ = try await bench.save("PAUSE_MISSION", traceParent: "00-\(trace)-b7ad6b7169203331-01")
            bench.test.memory.reset()
            await bench.executor.round()
            let spans = bench.test.memory.finishedSpans
            let process = try bench.execution()
            #expect(process.name == "process lunar-commands" && process.traceID.description == trace)
            #expect(process.parentSpanID.description == "b7ad6b7169203331" && process.status == .unset)
            #expect(process.attributes["messaging.message.id"] == "1" && process.attributes["lunar.state"] == "PAUSED")
            let statements = spans.filter { $0.parentSpanID == process.spanID }.map(\.name)
            #expect(statements == ["BEGIN", "UPDATE module", "UPDATE commands", "UPDATE module", "COMMIT"])
            // Looking for commands leaves no spans.
            #expect(spans.count == 6)
        }
    }

    @Test("APO-02: a failed command is an error of its span") func failedCommandIsError() async throws {
        try await bench { bench in
            _ = try await bench.save("JUMP")
            await bench.executor.round()
            let process = try bench.execution()
            #expect(process.attributes["lunar.command.status"] == "FAILED")
            guard case .error(let reason) = process.status else { throw StartFailure(.software, "no error") }
            #expect(reason.hasPrefix("unknown command"))
        }
    }

    @Test("APO-02: a command that a killed process has begun is executed when its lease ends", arguments: DatabaseKind.available)
    func abandonedCommandIsExecuted(on kind: DatabaseKind) async throws {
        try await bench(on: kind) { bench in
            let id = try await bench.save("PAUSE_MISSION")
            #expect(try await bench.commands.claim(1).map(\.id) == [id])
            await bench.executor.round()
            #expect(try await bench.commands.command(id)?.status == .processing)
            bench.clock.advance(by: .seconds(6))
            await bench.executor.round()
            #expect(try await bench.commands.command(id)?.status == .completed)
        }
    }

    @Test("APO-02: two executors execute each command once", arguments: DatabaseKind.available)
    func commandsAreExecutedOnce(on kind: DatabaseKind) async throws {
        try await bench(on: kind) { bench in
            for _ in 0..<150 { _ = try await bench.save("PAUSE_MISSION") }
            async let first: Void = bench.executor.round()
            async let second: Void = bench.executor.round()
            _ = await (first, second)
            let executed = bench.test.memory.finishedSpans.filter { $0.attributes["lunar.command.status"] == "COMPLETED" }
            #expect(executed.count == 150 && Set(executed.map { $0.attributes["messaging.message.id"] }).count == 150)
        }
    }
}
