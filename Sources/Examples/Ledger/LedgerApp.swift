// Starts the ledger, which keeps the events of all spaceports.

import ExampleSupport
import Telemetry

@main struct LedgerApp {
    static func main() async {
        await ServiceProcess.run("ledger", defaultPort: 32100, refusal: { OTLPAnswer.refusal(of: $0, $1) }) { environment in
            let telemetry = try environment.startTelemetry(for: "ledger")
            let database = try await Database.open(
                environment, defaultFile: "ledger.sqlite", telemetry, migrations: LedgerSchema.migrations)
            let application = application(telemetry, database)
            // A batch takes long to decode, and the server's thread is for all connections.
            return RunningService(
                application, database, maximumRequestBytes: LedgerRoutes.maximumRequestBytes, handlerThread: .pool)
        }
    }

    static func application(_ telemetry: ServiceTelemetry, _ database: Database) -> TracedApplication {
        TracedApplication(telemetry, router: LedgerRoutes(LedgerStore(database: database), telemetry).router, layers: [UntracedIntake()])
    }
}
