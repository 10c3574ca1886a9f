// The part that all routes of the tweet service have in common: who calls, what is counted, and what is logged of failures.

import ExampleSupport
import Telemetry

/// The user that sent a request.
struct Caller: Sendable {
    let userID: Int
    let variant: LikeExperiment.Variant
    var id: DatabaseValue { DatabaseValue(userID) }

    private static let find: DatabaseStatement = """
        SELECT "id" FROM "User" WHERE "id" = $1
        """

    /// Refuses the request of a user who was removed after the token was made.
    func requireUser(in database: Database) async throws(Refusal) {
        if try await database.records(UserRecord.self, Self.find, id).isEmpty { throw .error("User does not exist") }
    }
}

/// Adds routes that are for users alone: each request has its token checked first.
struct AuthenticatedRouter {
    typealias UserHandler = @Sendable (ServiceRequest, Caller) async throws(Refusal) -> ServiceResponse

    private(set) var router = Router(redirectsTrailingSlash: false)
    private let auth: AuthClient
    private let experiment: LikeExperiment
    private let experimentMetrics: ExperimentMetrics
    private let calls: Counter<Int>
    private let log: TelemetryLogger

    init(_ telemetry: ServiceTelemetry, _ settings: TweetSettings, _ metrics: ExperimentMetrics) {
        auth = AuthClient(telemetry, settings)
        experiment = settings.experiment
        experimentMetrics = metrics
        calls = TweetMetrics.counter("tweet_service_counter", telemetry.meter)
        log = telemetry.log
    }

    /// Adds a route, which answers with and without a slash at its end as in Express.
    ///
    /// - Parameters:
    ///   - activity: what the route does, for the log line of a failure: `creating tweet`.
    ///   - isExperimental: whether the route exists only for users who have likes.
    mutating func on(
        _ method: String, _ pattern: String, _ activity: String, isExperimental: Bool = false, _ handler: @escaping UserHandler
    ) {
        let (auth, experiment, metrics, log) = (auth, experiment, experimentMetrics, log)
        let calls = calls.bind(["method": .string(method), "path": .string(pattern)])
        let respond: RouteHandler = { request throws(Refusal) in
            let start = ContinuousClock.now
            let userID = try await auth.userID(of: request)
            let caller = Caller(userID: userID, variant: experiment.variant(of: userID))
            // Without the feature the route does not exist: the answer is that of a path without a route, and nothing is counted.
            if isExperimental, caller.variant == .off { return await Router.respond(to: request, .notFound) }
            calls.add(1)
            var response: ServiceResponse
            do throws(Refusal) { response = try await handler(request, caller) } catch {
                response = .json(error.body, status: error.status)
                for field in error.headers { response.headers.add(field.name, field.value) }
                let reason = error.detail ?? error.reason
                if error.status >= 500 { response.spanStatus = .error(reason) }
                log.log(error.status >= 500 ? .error : .warn, "Error \(activity)", ["error": reason, "user_id": userID])
            }
            if experiment.isRunning { metrics.record(response.status, of: caller.variant, since: start) }
            return response
        }
        for pattern in [pattern, pattern + "/"] { router.on(method, pattern, respond) }
    }
}

/// A row of the table `User`, without what only the auth service reads.
private struct UserRecord: DatabaseRecord {
    let id: Int

    init(_ row: DatabaseRow) throws(DatabaseError) { id = try row.integer(0) }
}
