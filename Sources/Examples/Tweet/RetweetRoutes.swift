// The routes of retweets. Answers, statuses and texts are a public contract.

import ExampleSupport
import Telemetry

/// The handlers of `/retweet`.
struct RetweetRoutes: Sendable {
    private static let insert: DatabaseStatement = """
        INSERT INTO "Retweet" ("published", "authorId", "tweetId") VALUES (false, $1, $2)
        RETURNING "id", "content", "published", "authorId", "tweetId"
        """
    private static let find: DatabaseStatement = """
        SELECT "id", "content", "published", "authorId", "tweetId" FROM "Retweet" WHERE "id" = $1
        """
    private static let list: DatabaseStatement = """
        SELECT "id", "content", "published", "authorId", "tweetId"
        FROM "Retweet" WHERE "authorId" = $1 ORDER BY "id" LIMIT $2 OFFSET $3
        """
    private static let delete: DatabaseStatement = """
        DELETE FROM "Retweet" WHERE "id" = $1 AND "authorId" = $2 RETURNING "id", "content", "published", "authorId", "tweetId"
        """

    let database: Database
    let metrics: TweetMetrics
    let log: TelemetryLogger

    func add(to routes: inout AuthenticatedRouter) {
        routes.on("POST", "/retweet", "creating retweet") { request, caller throws(Refusal) in try await create(request, caller) }
        routes.on("GET", "/retweet/user/:id", "getting retweets by user id") { request, _ throws(Refusal) in try await list(request) }
        routes.on("GET", "/retweet/:id", "getting retweet by id") { request, _ throws(Refusal) in try await retweet(request) }
        routes.on("DELETE", "/retweet/:id", "deleting retweet") { request, caller throws(Refusal) in try await delete(request, caller) }
    }

    private func create(_ request: ServiceRequest, _ caller: Caller) async throws(Refusal) -> ServiceResponse {
        log.info("Initiating retweet creation", ["user_id": caller.userID])
        let unknownTweet = Refusal.error("Tweet does not exist")
        let tweetID = try request.rowID("tweetId", orRefuse: "User id and tweet id are required")
        let created: [Retweet]
        do throws(Refusal) {
            guard let tweetID else { throw unknownTweet }
            created = try await database.records(
                Retweet.self, Self.insert, caller.id, DatabaseValue(tweetID), orRefuse: unknownTweet)
        } catch {
            // The foreign keys say that one of the two is missing, not which.
            if error.reason == unknownTweet.reason { try await caller.requireUser(in: database) }
            throw error
        }
        guard let retweet = created.first else { throw .error("Retweet was not created", status: 500) }
        metrics.retweeted(retweet.tweetID)
        log.info("Retweet created", ["retweet_id": retweet.id, "tweet_id": retweet.tweetID, "user_id": caller.userID])
        return .json(retweet.json)
    }

    private func retweet(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        let id = try request.rowID
        log.info("Getting retweet by id", ["retweet_id": id])
        let retweet = try await find(id, orRefuse: .error("Retweet not found", status: 404))
        log.info("Retweet by id", ["retweet_id": id, "tweet_id": retweet.tweetID])
        return .json(retweet.json)
    }

    private func list(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        let (authorID, page) = (try request.rowID, try Page(request))
        log.info("Getting retweets by user id", ["user_id": authorID])
        let retweets = try await database.records(
            Retweet.self, Self.list, DatabaseValue(authorID), DatabaseValue(page.limit), DatabaseValue(page.offset))
        log.info("Retweets by user id", ["user_id": authorID, "retweets": retweets.count])
        return .json(.array(retweets.map(\.json)))
    }

    private func delete(_ request: ServiceRequest, _ caller: Caller) async throws(Refusal) -> ServiceResponse {
        let id = try request.rowID
        log.info("Deleting retweet", ["retweet_id": id, "user_id": caller.userID])
        guard let retweet = try await database.records(Retweet.self, Self.delete, DatabaseValue(id), caller.id).first else {
            _ = try await find(id, orRefuse: .error("Record to delete does not exist."))
            throw .error("Retweet belongs to another user", status: 403)
        }
        log.info("Retweet deleted", ["retweet_id": id, "tweet_id": retweet.tweetID, "user_id": caller.userID])
        return .json(retweet.json)
    }

    private func find(_ id: Int?, orRefuse missing: @autoclosure () -> Refusal) async throws(Refusal) -> Retweet {
        guard let id, let retweet = try await database.records(Retweet.self, Self.find, DatabaseValue(id)).first else { throw missing() }
        return retweet
    }
}
