// Starts the hello-world service: it publishes messages, and receives them by a webhook.

import ExampleSupport
import Telemetry

@main struct HelloWorldApp {
    static let name = "app-hello-world"
    /// The largest request body: a delivered message has 256 KiB at most, and escapes.
    private static let maximumBodyBytes = 1 << 20
    /// The names on the page for Prometheus, as the original has them.
    static let metricNames = NodeRequestMetrics.names.union(["sns_publish_total", "sns_publish_duration_seconds"])

    let application: TracedApplication
    private let database: Database
    private let lastMessage: LastMessage
    private let subscribing: BackgroundWork?

    static func main() async {
        await ServiceProcess.run(name, defaultPort: 3000) { environment in
            let environment = try environment.withDatabaseParts(defaultName: "microservices_db")
            let service = try await HelloWorldApp(
                environment, try environment.startTelemetry(for: name, plainNames: metricNames), transport: nil)
            return RunningService(
                service.application, maximumRequestBytes: maximumBodyBytes, handlerThread: .server, stop: { await service.stop(within: $0) }
            )
        }
    }

    /// Opens the database, and begins to subscribe if there is something to subscribe.
    ///
    /// - Parameter transport: what requests are sent with; nil for sockets.
    init(
        _ environment: ServiceEnvironment, _ telemetry: ServiceTelemetry, transport: (any Transport)?, clock: TelemetryClock = .system,
        pace: some Clock<Duration> = ContinuousClock()
    ) async throws {
        let settings = try HelloWorldSettings(environment)
        let transport = try transport ?? SecureTransport(timeout: settings.timeout)
        let redis = try RedisSettings(environment).map { settings throws(StartFailure) in try RedisClient(settings, telemetry) }
        lastMessage = LastMessage(redis: redis, log: telemetry.log)
        database = try await Database.open(environment, defaultFile: "hello-world.sqlite", telemetry, migrations: MessageLog.migrations)
        let messages = MessageLog(database: database, capacity: settings.logCapacity, clock: clock)
        let client = SNSClient(settings, telemetry, transport: transport, try LibCrypto(), clock: clock)
        let hosts = TrustedHosts(endpoint: settings.endpoint, region: settings.region)
        let verifier = settings.verifies ? MessageVerifier(hosts, TracedClient(telemetry, transport: transport, spanPrefix: "")) : nil
        let metrics = MessagingMetrics(telemetry.meter)
        let subscriber = settings.webhookURL.map { TopicSubscriber(client, url: $0, topic: settings.topic, telemetry) }
        let greeting = GreetingRoutes(
            client: client, topic: settings.topic, telemetry: telemetry, messaging: metrics, metrics: PublishMetrics(telemetry.meter),
            clock: clock)
        let webhook = WebhookRoutes(
            topic: settings.topic, verifier: verifier, hosts: hosts,
            client: TracedClient(telemetry, transport: transport, spanPrefix: ""), messages: messages, lastMessage: lastMessage,
            messaging: metrics, confirmed: { subscriber?.noteConfirmation() })
        var router = Router(redirectsTrailingSlash: false)
        greeting.add(to: &router)
        webhook.add(to: &router)
        router.on("GET", "/ready") { [database] _ in
            let isReady = await database.isReady && subscriber?.isConfirmed != false
            return .json(["status": isReady ? "ready" : "not ready"], status: isReady ? 200 : 503)
        }
        router.on("GET", "/metrics") { await telemetry.metricsPage(for: $0) }
        application = TracedApplication(
            telemetry, router: router, layers: [NodeRequestMetrics(telemetry.meter, router), ExpressAnswers()])
        subscribing = subscriber.map { subscriber in
            BackgroundWork(every: settings.subscribeInterval, clock: pace) { await subscriber.round() }
        }
    }

    /// Ends what has begun, and exports what was recorded; returns false if something was lost.
    func stop(within duration: Duration) async -> Bool {
        let deadline = ContinuousClock.now + duration
        _ = await subscribing?.stop(within: duration / 4)
        lastMessage.close()
        await database.close(within: duration / 4)
        return await application.telemetry.stop(within: max(.zero, ContinuousClock.now.duration(to: deadline)))
    }
}

/// What the environment says about the hello-world service.
struct HelloWorldSettings: Sendable {
    static let topic = "arn:aws:sns:us-east-1:000000000000:hello-world-topic"

    /// Where the notification service is.
    let endpoint: HTTPURL
    let topic: String
    let region: String
    let credentials: AWSRequestSignature.Credentials
    let timeout: Duration
    /// The URL under which the notification service reaches `POST /sns`; nil does not subscribe.
    let webhookURL: String?
    let subscribeInterval: Duration
    /// Whether messages must be signed.
    let verifies: Bool
    /// Messages that the log keeps.
    let logCapacity: Int

    init(_ environment: ServiceEnvironment) throws(StartFailure) {
        let location = environment["SNS_ENDPOINT"] ?? "http://localhost:4566"
        guard let url = HTTPURL(location), url.socketPath == nil, url.userInformation == nil else {
            throw StartFailure(.configuration, "SNS_ENDPOINT is \"\(location)\"; it must be a URL that begins with http:// or https://.")
        }
        endpoint = url
        topic = environment["SNS_TOPIC_ARN"] ?? Self.topic
        guard topic.hasPrefix("arn:"), topic.split(separator: ":").count == 6 else {
            throw StartFailure(.configuration, "SNS_TOPIC_ARN is \"\(topic)\"; it must be a name as \"\(Self.topic)\".")
        }
        region = environment["AWS_REGION"] ?? "us-east-1"
        credentials = AWSRequestSignature.Credentials(environment)
        timeout = .milliseconds(try environment.number("SNS_TIMEOUT", default: 5000, in: 1...60_000))
        webhookURL = environment["SNS_WEBHOOK_URL"]
        if let webhookURL, HTTPURL(webhookURL) == nil {
            throw StartFailure(
                .configuration,
                "SNS_WEBHOOK_URL is \"\(webhookURL)\"; it must be the URL of this service's /sns, as \"http://hello:3000/sns\".")
        }
        subscribeInterval = .milliseconds(try environment.number("SNS_SUBSCRIBE_INTERVAL", default: 5000, in: 10...3_600_000))
        verifies = try environment.choice("SNS_VERIFY", "on", or: "off", default: true)
        logCapacity = try environment.number("MESSAGE_LOG", default: 100_000, in: 1...100_000_000)
    }
}
