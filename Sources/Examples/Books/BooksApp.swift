// Starts the books service: each user's books, behind the accounts service.

import ExampleSupport
import Telemetry

@main struct BooksApp {
    static let name = "app-books"
    static let version = "1.0.0"
    static let prefix = "/api/v1"
    private static let maximumBodyBytes = 64 << 10
    /// The names on the page for Prometheus, as the original has them.
    static let metricNames = NodeRequestMetrics.names.union(["books_operations_total", "total_books_total"])

    let application: TracedApplication
    private let database: Database
    private let total: RowCountGauge

    static func main() async {
        await ServiceProcess.run(name, defaultPort: 3002) { environment in
            let environment = try environment.withDatabaseParts(defaultName: "microservices_db")
            let service = try await BooksApp(
                environment, try environment.startTelemetry(for: name, version: version, plainNames: metricNames))
            return RunningService(service.application, maximumRequestBytes: maximumBodyBytes, stop: { await service.stop(within: $0) })
        }
    }

    init(_ environment: ServiceEnvironment, _ telemetry: ServiceTelemetry, clock: TelemetryClock = .system) async throws {
        let tokens = try SessionTokens(environment, try LibCrypto(), telemetry.log, clock: clock)
        let timeout = Duration.milliseconds(try environment.number("AUTH_TIMEOUT", default: 5000, in: 1...60_000))
        let gate = AccountGate(
            client: TracedClient(telemetry, transport: SocketTransport(timeout: timeout)),
            url: try environment.url("AUTH_SERVICE_URL", default: "http://localhost:3001"),
            tokens: tokens)
        database = try await Database.open(environment, defaultFile: "books.sqlite", telemetry, migrations: BookStore.migrations)
        let store = BookStore(database: database, clock: clock)
        total = RowCountGauge("total_books_total", description: "Total number of books", telemetry.meter) {
            () async throws(DatabaseError) in
            try await store.count()
        }
        var router = Router(redirectsTrailingSlash: false)
        BookRoutes(store: store, gate: gate, total: total, telemetry: telemetry).add(to: &router, prefix: Self.prefix)
        router.addNestProbes(telemetry, service: Self.name, version: Self.version, prefix: Self.prefix, clock: clock)
        application = TracedApplication(telemetry, router: router, layers: [NodeRequestMetrics(telemetry.meter, router), NestAnswers()])
    }

    /// Ends what has begun, and exports what was recorded; returns false if something was lost.
    func stop(within duration: Duration) async -> Bool {
        let deadline = ContinuousClock.now + duration
        await total.stop(within: duration / 8)
        await database.close(within: duration / 4)
        return await application.telemetry.stop(within: max(.zero, ContinuousClock.now.duration(to: deadline)))
    }
}
