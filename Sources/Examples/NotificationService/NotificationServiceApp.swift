// Starts the notification service: a stand-in for Amazon's, for tests and demos.

import ExampleSupport
import Telemetry

@main struct NotificationServiceApp {
    static let name = "infra-sns"
    /// A message has 256 KiB at most, which are three times as many as a form.
    private static let maximumBodyBytes = 1 << 20

    let application: TracedApplication
    private let database: Database
    private let workers: DeliveryWorkers

    static func main() async {
        await ServiceProcess.run(name, defaultPort: 4566) { environment in
            let service = try await NotificationServiceApp(
                environment, try environment.startTelemetry(for: name), transport: try SecureTransport(timeout: .seconds(15)))
            return RunningService(
                service.application, maximumRequestBytes: maximumBodyBytes, handlerThread: .server, stop: { await service.stop(within: $0) }
            )
        }
    }

    /// Opens the database, makes a key, and begins to deliver.
    ///
    /// - Parameters:
    ///   - clock: the time that messages have, and by which deliveries are due.
    ///   - pace: measures the time between looks for deliveries.
    init(
        _ environment: ServiceEnvironment, _ telemetry: ServiceTelemetry, transport: any Transport, clock: TelemetryClock = .system,
        pace: some Clock<Duration> = ContinuousClock()
    ) async throws {
        let settings = try NotificationSettings(environment)
        database = try await Database.open(environment, defaultFile: "sns.sqlite", telemetry, migrations: NotificationSchema.migrations)
        let library = try LibCrypto()
        let certificate = try DeliverySigner(library)
        let topics = TopicStore(database: database, region: settings.region, clock: clock)
        let deliveries = try await DeliveryStore(database, limit: settings.maximumDeliveries, clock: clock)
        let sender = DeliverySender(deliveries, certificate, telemetry, transport: transport, settings, clock: clock)
        workers = DeliveryWorkers(every: settings.pollInterval, clock: pace) { await sender.round(of: $0) }
        let published = Publisher(topics, deliveries, telemetry, clock: clock)
        let actions = QueryActions(
            topics: topics, deliveries: deliveries, publisher: published, workers: workers, publicURL: settings.publicURL)
        let authenticator = settings.checksSignatures ? RequestAuthenticator(settings, library, clock: clock) : nil
        let routes = NotificationRoutes(actions: actions, authenticator: authenticator, certificate: certificate, telemetry: telemetry)
        var router = Router(redirectsTrailingSlash: false)
        router.addProbes(isReady: { [database] in await database.isReady }) { .json(["status": .string($0)]) }
        routes.add(to: &router)
        application = TracedApplication(telemetry, router: router)
        try await Context.root.suppressed.run {
            for name in settings.topics { _ = try await topics.create(name) }
            for subscription in try await topics.openSubscriptions() { workers.add(subscription) }
        }
    }

    /// Ends what has begun, and exports what was recorded; returns false if something was lost.
    func stop(within duration: Duration) async -> Bool {
        let deadline = ContinuousClock.now + duration
        // A delivery that is cut off is repeated after the next start.
        await workers.stop(within: duration / 4)
        await database.close(within: duration / 4)
        return await application.telemetry.stop(within: max(.zero, ContinuousClock.now.duration(to: deadline)))
    }
}

/// What the environment says about the notification service.
struct NotificationSettings: Sendable {
    let region: String
    let credentials: AWSRequestSignature.Credentials
    let checksSignatures: Bool
    /// Topics that there are from the start.
    let topics: [String]
    /// The base of the URLs in messages; nil takes the host that a subscriber has called.
    let publicURL: String?
    /// Deliveries that may wait; more are refused.
    let maximumDeliveries: Int
    /// Attempts to deliver a message, the first included.
    let maximumAttempts: Int
    /// How long a delivery waits for its second attempt; each further wait is twice as long.
    let firstPause: Duration
    let pollInterval: Duration

    init(_ environment: ServiceEnvironment) throws(StartFailure) {
        region = environment["AWS_REGION"] ?? "us-east-1"
        credentials = AWSRequestSignature.Credentials(environment)
        checksSignatures = try environment.choice("CHECK_SIGNATURES", "on", or: "off", default: true)
        topics = (environment["TOPICS"] ?? "").split(separator: ",").map { String($0.filter { !$0.isWhitespace }) }
        guard topics.allSatisfy(TopicStore.isName) else {
            throw StartFailure(
                .configuration, "TOPICS must be names of letters, digits, - and _, of at most 256 characters each, separated by commas.")
        }
        publicURL = environment["SNS_PUBLIC_URL"] == nil ? nil : try environment.url("SNS_PUBLIC_URL", default: "")
        maximumDeliveries = try environment.number("DELIVERY_QUEUE", default: 100_000, in: 1...10_000_000)
        maximumAttempts = try environment.number("DELIVERY_ATTEMPTS", default: 50, in: 1...1000)
        firstPause = .milliseconds(try environment.number("DELIVERY_PAUSE", default: 500, in: 1...3_600_000))
        pollInterval = .milliseconds(try environment.number("DELIVERY_POLL", default: 500, in: 10...3_600_000))
    }
}
