// Starts the lunar module: it takes readings, sends them to the telemetry service, and executes commands.

import ExampleSupport
import Telemetry

@main struct LunarModuleApp {
    private static let name = "lunar-module"
    /// The largest request body: a command has a few words and parameters.
    private static let maximumBodyBytes = 64 << 10

    let application: TracedApplication
    private let database: Database
    private let readings: BackgroundWork
    private let executor: BackgroundWork

    static func main() async {
        await ServiceProcess.run(name, defaultPort: 8080) { environment in
            let environment = try environment.withDatabaseParts(defaultName: "lunar")
            let module = try await LunarModuleApp(environment, try environment.startTelemetry(for: name), transport: SocketTransport())
            return RunningService(module.application, maximumRequestBytes: maximumBodyBytes, stop: { await module.stop(within: $0) })
        }
    }

    /// Opens the database, and begins to take readings and to execute commands.
    ///
    /// - Parameters:
    ///   - clock: the time that readings and commands have.
    ///   - pace: measures the time between readings.
    init(
        _ environment: ServiceEnvironment, _ telemetry: ServiceTelemetry, transport: any Transport, clock: TelemetryClock = .system,
        pace: some Clock<Duration> = ContinuousClock()
    ) async throws {
        let settings = try LunarSettings(environment)
        database = try await Database.open(environment, defaultFile: "lunar.sqlite", telemetry, migrations: LunarSchema.migrations)
        let commands = try await CommandStore(database, lease: settings.commandLease, clock: clock)
        let sender = ReadingSender(telemetry, transport: transport, url: settings.telemetryURL)
        let loop = ReadingLoop(database, orbit: settings.orbit, sender, telemetry, clock: clock)
        readings = BackgroundWork(every: settings.readingInterval, clock: pace) { await loop.round() }
        let execution = CommandExecutor(commands, telemetry, clock: clock)
        executor = BackgroundWork(every: .seconds(1), clock: pace) { await execution.round() }
        let routes = LunarRoutes(
            commands: commands, module: ModuleStore(database: database), maximumQueue: settings.commandQueue, telemetry: telemetry,
            received: { [executor] in executor.wake() })
        var router = routes.router
        router.addProbes(isReady: { [database] in await database.isReady }) { .text($0) }
        application = TracedApplication(telemetry, router: router, layers: [FiberAnswers()])
    }

    /// Ends what has begun, and exports what was recorded; returns false if something was lost.
    func stop(within duration: Duration) async -> Bool {
        let deadline = ContinuousClock.now + duration
        // A reading and a command that are cut off are sent and executed after the next start.
        async let readingsEnd = readings.stop(within: duration / 4)
        async let executorEnd = executor.stop(within: duration / 4)
        _ = await (readingsEnd, executorEnd)
        await database.close(within: duration / 4)
        return await application.telemetry.stop(within: max(.zero, ContinuousClock.now.duration(to: deadline)))
    }
}

/// What the environment says about the lunar module.
struct LunarSettings: Sendable {
    /// The base of the telemetry service's URLs.
    let telemetryURL: String
    let readingInterval: Duration
    let orbit: Orbit
    /// After this time a command that was begun is taken for abandoned, and done anew.
    let commandLease: Duration
    /// Commands that may wait; more are refused.
    let commandQueue: Int

    init(_ environment: ServiceEnvironment) throws(StartFailure) {
        telemetryURL = try environment.url("TELEMETRY_URL", default: "http://localhost:8000/input", route: "/input")
        readingInterval = .milliseconds(try environment.number("READING_INTERVAL", default: 30_000, in: 10...86_400_000))
        orbit = Orbit(seed: UInt64(try environment.number("ORBIT_SEED", default: 11, in: 0...Int.max)))
        commandLease = .milliseconds(try environment.number("COMMAND_LEASE", default: 5000, in: 1...3_600_000))
        commandQueue = try environment.number("COMMAND_QUEUE", default: 10_000, in: 1...10_000_000)
    }
}
