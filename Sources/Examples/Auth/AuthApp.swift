// Starts the auth service: users, passwords and tokens of the Twitter clone.

import ExampleSupport
import Telemetry

@main struct AuthApp {
    /// The largest request body, that of Express's parsers.
    private static let maximumBodyBytes = 100 << 10

    static func main() async {
        await ServiceProcess.run("auth-service", defaultPort: 3000, alternativePort: "NODE_LOCAL_PORT") { environment in
            let settings = try AuthSettings(environment)
            let telemetry = try environment.startTelemetry(
                for: "auth-service", lines: environment.winstonLines(for: "auth"), plainNames: AuthMetrics.names)
            if settings.hadLineBreak { telemetry.log.warn("JWT_SECRET ends with a line break, which is left out") }
            let database = try await Database.open(
                environment, defaultFile: "twitter.db", telemetry, migrations: TwitterSchema.migrations)
            let application = try application(telemetry, database, settings, environment)
            return RunningService(application, database, maximumRequestBytes: maximumBodyBytes)
        }
    }

    static func application(
        _ telemetry: ServiceTelemetry, _ database: Database, _ settings: AuthSettings, _ environment: ServiceEnvironment,
        clock: TelemetryClock = .system, passwordCost: UInt = PasswordHashing.usualCost
    ) throws -> TracedApplication {
        let proxies = try TrustedProxies(environment)
        let library = try LibCrypto()
        let passwords = try PasswordWorker(environment, library, telemetry.tracer, cost: passwordCost)
        let routes = AuthRoutes(
            users: UserStore(database: database), passwords: passwords,
            tokens: WebTokens(secret: settings.secret, library, clock: clock), metrics: AuthMetrics(telemetry.meter),
            telemetry: telemetry, proxies: proxies)
        return TracedApplication(
            telemetry, router: routes.router,
            layers: [
                RequestIdentifier(recordsAddress: true, behind: proxies), OpenCORS(readableHeaders: RateLimit.headers),
                try RateLimit(environment, counter: database.requestCounter(for: "auth"), clock: clock),
            ])
    }
}

/// What the environment says about the auth service.
struct AuthSettings: Sendable {
    let secret: [UInt8]
    /// Whether the secret was given with a line break at its end, as manifests do easily.
    let hadLineBreak: Bool

    init(_ environment: ServiceEnvironment) throws(StartFailure) {
        (secret, hadLineBreak) = try WebTokens.secret(environment)
    }
}
