// Starts the telemetry service of the spacecraft: it keeps the readings of the lunar module and hands them out.

import ExampleSupport
import Telemetry

@main struct SpacecraftTelemetryApp {
    private static let name = "spacecraft-telemetry"
    private static let maximumBodyBytes = 64 << 10

    static func main() async {
        await ServiceProcess.run(name, defaultPort: 8000) { environment in
            let environment = try environment.withDatabaseParts(defaultName: "telemetry")
            let telemetry = try environment.startTelemetry(for: name)
            let database = try await Database.open(
                environment, defaultFile: "telemetry.sqlite", telemetry, migrations: ReadingArchive.migrations)
            let application = application(telemetry, database)
            return RunningService(
                application, database, maximumRequestBytes: maximumBodyBytes, handlerThread: .serverUntilSuspension)
        }
    }

    static func application(
        _ telemetry: ServiceTelemetry, _ database: Database, clock: TelemetryClock = .system
    ) -> TracedApplication {
        var router = ReadingRoutes(ReadingArchive(database: database), telemetry, clock: clock).router
        router.addProbes(isReady: { await database.isReady }) { .json(["status": .string($0)]) }
        return TracedApplication(telemetry, router: router, layers: [FastAPIAnswers()])
    }
}
