// Runs the services of Apollo 11 on loopback, each with a database of its own, under a clock that the test advances.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

@testable import CommandDispatcher
@testable import LunarModule
@testable import MissionDashboard
@testable import MissionTimeline
@testable import SpacecraftTelemetry

/// Starts services for the duration of a closure.
enum ApolloHarness {
    /// Other tests may occupy the processors for long.
    static let patient = ["DATABASE_TIMEOUT": "60000", "DATABASE_START_TIMEOUT": "60000"]
    static let transport = SocketTransport(timeout: ServiceHarness.patience)

    /// Runs a closure while a lunar module answers; its readings go to that URL.
    static func lunar(
        on kind: DatabaseKind = .sqlite, telemetryURL: String, clock: MissionClock = MissionClock(), _ variables: [String: String] = [:],
        _ body: (RunningApolloService) async throws -> Void
    ) async throws {
        try await TestDatabase.withURL(kind) { url in
            try await lunar(databaseURL: url, telemetryURL: telemetryURL, clock: clock, variables, body)
        }
    }

    /// Runs a closure while a lunar module answers with that database.
    static func lunar(
        databaseURL: String, telemetryURL: String, clock: MissionClock, _ variables: [String: String] = [:],
        _ body: (RunningApolloService) async throws -> Void
    ) async throws {
        let own = ["DATABASE_URL": databaseURL, "TELEMETRY_URL": telemetryURL]
        let environment = ServiceEnvironment(patient.merging(own) { $1 }.merging(variables) { $1 })
        let (spans, logs) = (InMemorySpanExporter(), InMemoryLogExporter())
        let module = try await LunarModuleApp(
            environment, try ServiceHarness.telemetry("lunar-module", spans, logs: [logs]), transport: transport, clock: clock.telemetry,
            pace: clock)
        try await running(module.application, spans, logs, clock, body) { _ = await module.stop(within: ServiceHarness.patience) }
    }

    /// Runs a closure while a telemetry service answers.
    static func telemetry(
        on kind: DatabaseKind = .sqlite, clock: MissionClock = MissionClock(), _ body: (RunningApolloService) async throws -> Void
    ) async throws {
        try await TestDatabase.withURL(kind) { url in
            let (spans, logs) = (InMemorySpanExporter(), InMemoryLogExporter())
            let telemetry = try ServiceHarness.telemetry("spacecraft-telemetry", spans, logs: [logs])
            let environment = ServiceEnvironment(patient.merging(["DATABASE_URL": url]) { $1 })
            let database = try await Database.open(environment, defaultFile: "", telemetry, migrations: ReadingArchive.migrations)
            let application = SpacecraftTelemetryApp.application(telemetry, database, clock: clock.telemetry)
            try await running(application, spans, logs, clock, database: database, body) { await database.close() }
        }
    }

    /// Runs a closure while a dispatcher answers, which calls a lunar module at that URL.
    static func dispatcher(moduleURL: String, _ body: (RunningApolloService) async throws -> Void) async throws {
        let (spans, logs) = (InMemorySpanExporter(), InMemoryLogExporter())
        let application = try CommandDispatcherApp.application(
            ServiceEnvironment(["LUNAR_MODULE_URL": moduleURL]), try ServiceHarness.telemetry("command-dispatcher", spans, logs: [logs]),
            transport: transport)
        try await running(application, spans, logs, MissionClock(), body) {}
    }

    /// Runs a closure while a timeline answers, which launches its events by the dispatcher at that URL.
    static func timeline(
        on kind: DatabaseKind = .sqlite, dispatcherURL: String, clock: MissionClock = MissionClock(),
        _ body: (RunningApolloService) async throws -> Void
    ) async throws {
        try await TestDatabase.withURL(kind) { url in
            let (spans, logs) = (InMemorySpanExporter(), InMemoryLogExporter())
            let own = ["DATABASE_URL": url, "COMMAND_DISPATCHER_URL": dispatcherURL]
            let timeline = try await MissionTimelineApp(
                ServiceEnvironment(patient.merging(own) { $1 }), try ServiceHarness.telemetry("mission-timeline", spans, logs: [logs]),
                transport: transport, clock: clock.telemetry, pace: clock)
            try await running(timeline.application, spans, logs, clock, body) {
                _ = await timeline.stop(within: ServiceHarness.patience)
            }
        }
    }

    /// Runs a closure while a dashboard answers, which calls the services at these URLs.
    static func dashboard(
        telemetryURL: String, timelineURL: String, dispatcherURL: String, clock: MissionClock = MissionClock(),
        _ body: (RunningApolloService) async throws -> Void
    ) async throws {
        let (spans, logs) = (InMemorySpanExporter(), InMemoryLogExporter())
        let variables = ["TELEMETRY_URL": telemetryURL, "TIMELINE_URL": timelineURL, "COMMAND_DISPATCHER_URL": dispatcherURL]
        let application = try MissionDashboardApp.application(
            ServiceEnvironment(variables), try ServiceHarness.telemetry("mission-dashboard", spans, logs: [logs]), transport: transport,
            clock: clock.telemetry)
        try await running(application, spans, logs, clock, body) {}
    }

    /// Runs a closure while all five services answer.
    static func system(
        on kind: DatabaseKind = .sqlite, clock: MissionClock = MissionClock(), _ body: (RunningApollo) async throws -> Void
    ) async throws {
        try await telemetry(on: kind, clock: clock) { telemetry in
            try await lunar(on: kind, telemetryURL: telemetry.url, clock: clock) { lunar in
                try await dispatcher(moduleURL: lunar.url) { dispatcher in
                    try await timeline(on: kind, dispatcherURL: dispatcher.url, clock: clock) { timeline in
                        try await dashboard(
                            telemetryURL: telemetry.url, timelineURL: timeline.url, dispatcherURL: dispatcher.url, clock: clock
                        ) { dashboard in
                            try await body(
                                RunningApollo(
                                    lunar: lunar, telemetry: telemetry, dispatcher: dispatcher, timeline: timeline, dashboard: dashboard,
                                    clock: clock))
                        }
                    }
                }
            }
        }
    }

    private static func running(
        _ application: TracedApplication, _ spans: InMemorySpanExporter, _ logs: InMemoryLogExporter, _ clock: MissionClock,
        database: Database? = nil, _ body: (RunningApolloService) async throws -> Void, stop: () async -> Void
    ) async throws {
        let result: Result<Void, any Error>
        do {
            try await ServiceHarness.listening({ await application.respond(to: $0) }) { url in
                try await body(
                    RunningApolloService(
                        service: RunningTestService(url: url, memory: spans), logs: logs, clock: clock, database: database))
            }
            result = .success(())
        } catch { result = .failure(error) }
        await stop()
        try result.get()
    }
}

/// All five services under test.
struct RunningApollo: Sendable {
    let lunar: RunningApolloService
    let telemetry: RunningApolloService
    let dispatcher: RunningApolloService
    let timeline: RunningApolloService
    let dashboard: RunningApolloService
    let clock: MissionClock

    /// The finished spans of all services.
    var spans: [ReadableSpan] { [lunar, telemetry, dispatcher, timeline, dashboard].flatMap { $0.spans() } }
}

/// One service under test, and what it has recorded.
struct RunningApolloService: Sendable {
    let service: RunningTestService
    let logs: InMemoryLogExporter
    let clock: MissionClock
    /// The database of a telemetry service.
    let database: Database?

    var url: String { service.url }

    /// Sends a request, with a JSON body if there is one.
    func send(_ method: String, _ path: String, _ body: String = "", headers: HTTPHeaders = [:]) async throws -> ServiceResponse {
        var headers = headers
        if !body.isEmpty, headers["Content-Type"] == nil { headers["Content-Type"] = "application/json" }
        return try await service.send(method, path, body, headers: headers)
    }

    func json(_ method: String, _ path: String, _ body: String = "") async throws -> JSONValue {
        try JSONValue(parsing: try await send(method, path, body).body)
    }

    /// The spans that have ended, of all names or of one.
    func spans(_ name: String? = nil) -> [ReadableSpan] { service.memory.finishedSpans.filter { name == nil || $0.name == name } }

    /// The log records with that message.
    func records(_ message: String) -> [ReadableLogRecord] { logs.finishedRecords.filter { $0.body == .string(message) } }

    /// Returns the value of the only sample with that name and those labels; nil for any other number of samples.
    func metric(_ name: String, _ labels: [String: String] = [:]) async throws -> Double? {
        let samples = try await send("GET", "/metrics").text.split(separator: "\n").filter { line in
            line.hasPrefix("\(name){") && labels.allSatisfy { line.contains("\($0)=\"\($1)\"") }
        }
        return samples.count == 1 ? samples[0].split(separator: " ").last.flatMap { Double($0) } : nil
    }
}

/// A service of which a test decides the answers, and whose requests it sees.
final class StubService: Sendable {
    private struct State {
        var requests: [ServiceRequest] = []
        var answer: ServiceResponse
    }

    private let state: Mutex<State>

    init(_ answer: ServiceResponse) {
        state = Mutex(State(answer: answer))
    }

    var requests: [ServiceRequest] { state.withLock { $0.requests } }

    func answer(with answer: ServiceResponse) { state.withLock { $0.answer = answer } }

    /// Runs a closure while the service answers at that URL.
    func listening(_ body: (String) async throws -> Void) async throws {
        try await ServiceHarness.listening(
            { request in
                self.state.withLock { state in
                    state.requests.append(request)
                    return state.answer
                }
            }, body)
    }
}
