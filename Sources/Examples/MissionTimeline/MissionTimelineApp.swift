// Starts the mission timeline: events of the mission, which are launched on the lunar module when their time has come.

import ExampleSupport
import Telemetry

@main struct MissionTimelineApp {
    private static let name = "mission-timeline"
    private static let maximumBodyBytes = 64 << 10

    let application: TracedApplication
    private let database: Database
    private let launches: BackgroundWork

    static func main() async {
        await ServiceProcess.run(name, defaultPort: 8081) { environment in
            try refuseMongoDB(environment)
            let environment = try environment.withDatabaseParts(defaultName: "timeline")
            let timeline = try await MissionTimelineApp(
                environment, try environment.startTelemetry(for: name), transport: SocketTransport())
            return RunningService(timeline.application, maximumRequestBytes: maximumBodyBytes, stop: { await timeline.stop(within: $0) })
        }
    }

    /// Opens the database, and begins to launch events.
    ///
    /// - Parameters:
    ///   - clock: the time by which events are due.
    ///   - pace: measures the time between looks for them.
    init(
        _ environment: ServiceEnvironment, _ telemetry: ServiceTelemetry, transport: any Transport, clock: TelemetryClock = .system,
        pace: some Clock<Duration> = ContinuousClock()
    ) async throws {
        let dispatcherURL = try environment.url("COMMAND_DISPATCHER_URL", default: "http://localhost:9000", route: "/dispatch")
        let interval = Duration.milliseconds(try environment.number("LAUNCH_INTERVAL", default: 1000, in: 10...3_600_000))
        database = try await Database.open(environment, defaultFile: "timeline.sqlite", telemetry, migrations: TimelineSchema.migrations)
        let documents: any DocumentStore =
            database.isShared ? PostgreSQLDocuments(database: database) : SQLiteDocuments(database: database)
        let events = EventStore(documents, clock: clock)
        let launcher = EventLauncher(events, telemetry, transport: transport, dispatcherURL: dispatcherURL)
        launches = BackgroundWork(every: interval, clock: pace) { await launcher.round() }
        var router = TimelineRoutes(events: events, log: telemetry.log, added: { [launches] in launches.wake() }).router
        router.addProbes(isReady: { [database] in await database.isReady }) { .text($0) }
        application = TracedApplication(telemetry, router: router, layers: [FiberAnswers()])
    }

    /// Refuses to start with the variables of a MongoDB: the events that are in it would be missing without a word.
    static func refuseMongoDB(_ environment: ServiceEnvironment) throws(StartFailure) {
        guard let name = ["MONGODB_URI", "MONGO_HOST"].first(where: { environment[$0] != nil }) else { return }
        throw StartFailure(
            .configuration,
            """
            \(name) is set, but MongoDB is not supported: events are JSON documents in SQLite or PostgreSQL. Unset it; DATABASE_FILE or \
            DATABASE_URL says where the events are.
            """)
    }

    /// Ends what has begun, and exports what was recorded; returns false if something was lost.
    func stop(within duration: Duration) async -> Bool {
        let deadline = ContinuousClock.now + duration
        // A launch that is cut off is repeated after the next start; the module executes it once.
        _ = await launches.stop(within: duration / 4)
        await database.close(within: duration / 4)
        return await application.telemetry.stop(within: max(.zero, ContinuousClock.now.duration(to: deadline)))
    }
}
