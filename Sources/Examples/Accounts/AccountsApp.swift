// Starts the accounts service: registration, login and sessions of the books' readers.

import ExampleSupport
import Telemetry

@main struct AccountsApp {
    static let name = "app-auth"
    static let version = "1.0.0"
    static let prefix = "/api/v1"
    private static let maximumBodyBytes = 64 << 10
    /// The names on the page for Prometheus, as the original has them.
    static let metricNames = NodeRequestMetrics.names.union(["auth_attempts_total", "active_sessions_total"])

    let application: TracedApplication
    private let database: Database
    private let cache: SessionCache
    private let activeSessions: RowCountGauge

    static func main() async {
        await ServiceProcess.run(name, defaultPort: 3001) { environment in
            let environment = try environment.withDatabaseParts(defaultName: "microservices_db")
            let service = try await AccountsApp(
                environment, try environment.startTelemetry(for: name, version: version, plainNames: metricNames))
            return RunningService(service.application, maximumRequestBytes: maximumBodyBytes, stop: { await service.stop(within: $0) })
        }
    }

    init(
        _ environment: ServiceEnvironment, _ telemetry: ServiceTelemetry, clock: TelemetryClock = .system,
        passwordCost: UInt = PasswordHashing.usualCost
    ) async throws {
        let library = try LibCrypto()
        let tokens = try SessionTokens(environment, library, telemetry.log, clock: clock)
        var providers: [String: OAuthProvider] = [:]
        for name in OAuthProvider.names { providers[name] = try OAuthProvider(name, environment) }
        let frontend = environment["FRONTEND_URL"] ?? "http://localhost:3000"
        let transport = try SecureTransport(timeout: .seconds(5))
        let redis = try RedisSettings(environment).map { settings throws(StartFailure) in try RedisClient(settings, telemetry) }
        let passwords = try PasswordWorker(environment, library, telemetry.tracer, cost: passwordCost)
        database = try await Database.open(environment, defaultFile: "accounts.sqlite", telemetry, migrations: AccountSchema.migrations)
        let store = AccountStore(database: database, library: library, clock: clock)
        cache = SessionCache(redis: redis, log: telemetry.log)
        activeSessions = RowCountGauge("active_sessions_total", description: "Number of active sessions", telemetry.meter) {
            () async throws(DatabaseError) in try await store.countSessions()
        }
        let attempts = AttemptCounter(telemetry.meter)
        let providerClient = TracedClient(telemetry, transport: transport, spanPrefix: "", propagates: false)
        let routes = AccountRoutes(
            store: store, cache: cache, passwords: passwords, tokens: tokens, attempts: attempts, activeSessions: activeSessions,
            telemetry: telemetry)
        let oauth = OAuthRoutes(
            providers: providers, client: OAuthClient(client: providerClient), store: store,
            frontendURL: frontend.hasSuffix("/") ? String(frontend.dropLast()) : frontend, attempts: attempts,
            begin: { account, request throws(Refusal) in tokens.token(for: try await routes.begin(account, request).claims) })
        var router = Router(redirectsTrailingSlash: false)
        routes.add(to: &router, prefix: Self.prefix)
        oauth.add(to: &router, prefix: Self.prefix)
        router.addNestProbes(telemetry, service: Self.name, version: Self.version, prefix: Self.prefix, clock: clock)
        application = TracedApplication(telemetry, router: router, layers: [NodeRequestMetrics(telemetry.meter, router), NestAnswers()])
    }

    /// Ends what has begun, and exports what was recorded; returns false if something was lost.
    func stop(within duration: Duration) async -> Bool {
        let deadline = ContinuousClock.now + duration
        await activeSessions.stop(within: duration / 8)
        cache.close()
        await database.close(within: duration / 4)
        return await application.telemetry.stop(within: max(.zero, ContinuousClock.now.duration(to: deadline)))
    }
}
