// The routes of likes, which exist only for users who have them.

import ExampleSupport
import Telemetry

/// The handlers of `/tweet/:id/like`. A user likes a tweet once, and repeating a request changes nothing.
struct LikeRoutes: Sendable {
    private static let insert: DatabaseStatement = """
        INSERT INTO "Like" ("tweetId", "userId") VALUES ($1, $2) ON CONFLICT ("tweetId", "userId") DO NOTHING RETURNING "tweetId", "userId"
        """
    private static let delete: DatabaseStatement = """
        DELETE FROM "Like" WHERE "tweetId" = $1 AND "userId" = $2 RETURNING "tweetId", "userId"
        """

    private let database: Database
    private let metrics: ExperimentMetrics
    private let log: TelemetryLogger

    init(_ database: Database, _ telemetry: ServiceTelemetry, _ metrics: ExperimentMetrics) {
        self.database = database
        self.metrics = metrics
        log = telemetry.log
    }

    func add(to routes: inout AuthenticatedRouter) {
        routes.on("POST", "/tweet/:id/like", "liking tweet", isExperimental: true) { request, caller throws(Refusal) in
            try await like(request, caller)
        }
        routes.on("DELETE", "/tweet/:id/like", "unliking tweet", isExperimental: true) { request, caller throws(Refusal) in
            try await unlike(request, caller)
        }
    }

    private func like(_ request: ServiceRequest, _ caller: Caller) async throws(Refusal) -> ServiceResponse {
        let id = try request.rowID
        log.info("Liking tweet", ["tweet_id": id, "user_id": caller.userID])
        let missing = Refusal.error("Tweet not found", status: 404)
        guard let id else { throw missing }
        let unknown = Refusal.error("Tweet or user does not exist")
        do throws(Refusal) {
            let likes = try await database.records(Like.self, Self.insert, DatabaseValue(id), caller.id, orRefuse: unknown)
            if !likes.isEmpty { metrics.liked(caller.variant) }
        } catch {
            // The foreign keys say that one of the two is missing, not which.
            guard error.reason == unknown.reason else { throw error }
            _ = try await TweetRoutes.tweet(id, in: database, orRefuse: missing)
            throw .error("User does not exist")
        }
        return try await answer(id, caller, "Tweet liked")
    }

    private func unlike(_ request: ServiceRequest, _ caller: Caller) async throws(Refusal) -> ServiceResponse {
        let id = try request.rowID
        log.info("Unliking tweet", ["tweet_id": id, "user_id": caller.userID])
        _ = try await database.records(Like.self, Self.delete, DatabaseValue(id), caller.id)
        return try await answer(id, caller, "Tweet unliked")
    }

    /// Returns the tweet with its new number of likes.
    private func answer(_ id: Int?, _ caller: Caller, _ message: String) async throws(Refusal) -> ServiceResponse {
        let tweet = try await TweetRoutes.tweet(id, in: database, orRefuse: .error("Tweet not found", status: 404))
        log.info(message, ["tweet_id": id, "user_id": caller.userID, "likes": tweet.likeCount])
        return .json(tweet.json(for: caller))
    }
}
