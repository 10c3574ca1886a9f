// Starts the tweet service: tweets, retweets and likes of the users that the auth service knows.

import ExampleSupport
import Telemetry

@main struct TweetApp {
    /// The largest request body, that of Express's parsers.
    private static let maximumBodyBytes = 100 << 10

    static func main() async {
        await ServiceProcess.run("tweet-service", defaultPort: 4000, alternativePort: "NODE_LOCAL_PORT") { environment in
            let report = ExperimentReport(try LikeExperiment(environment))
            let telemetry = try environment.startTelemetry(
                for: "tweet-service", lines: environment.winstonLines(for: "tweet"), plainNames: TweetMetrics.names,
                readers: [report.reader], views: views)
            let database = try await Database.open(
                environment, defaultFile: "twitter.db", telemetry, migrations: TwitterSchema.migrations)
            let application = try application(telemetry, database, environment, report)
            return RunningService(application, database, maximumRequestBytes: maximumBodyBytes)
        }
    }

    /// The views of the service's metrics.
    static let views = TweetMetrics.views + ExperimentMetrics.views

    static func application(
        _ telemetry: ServiceTelemetry, _ database: Database, _ environment: ServiceEnvironment, _ report: ExperimentReport
    ) throws(StartFailure) -> TracedApplication {
        let settings = try TweetSettings(environment)
        let (metrics, experimentMetrics) = (TweetMetrics(telemetry.meter), ExperimentMetrics(telemetry.meter))
        var routes = AuthenticatedRouter(telemetry, settings, experimentMetrics)
        TweetRoutes(database: database, metrics: metrics, log: telemetry.log).add(to: &routes)
        RetweetRoutes(database: database, metrics: metrics, log: telemetry.log).add(to: &routes)
        LikeRoutes(database, telemetry, experimentMetrics).add(to: &routes)
        var router = routes.router
        router.on("GET", "/experiment") { report.page(for: $0) }
        return TracedApplication(
            telemetry, router: router,
            layers: [RequestIdentifier(), settings.experiment, try RateLimit(environment, counter: database.requestCounter(for: "tweet"))])
    }
}

/// What the environment says about the tweet service.
struct TweetSettings: Sendable {
    let authURL: String
    /// The time for a token check, in which the auth service must have answered.
    let authTimeout: Duration
    let experiment: LikeExperiment
    let proxies: TrustedProxies

    init(_ environment: ServiceEnvironment) throws(StartFailure) {
        let port = try environment.number("AUTH_PORT", default: 3000, in: 1...65_535)
        authURL = try environment.url("AUTH_URL", default: "http://\(environment["AUTH_HOST"] ?? "localhost"):\(port)")
        authTimeout = .milliseconds(try environment.number("AUTH_TIMEOUT", default: 2000, in: 1...60_000))
        experiment = try LikeExperiment(environment)
        proxies = try TrustedProxies(environment)
    }
}
