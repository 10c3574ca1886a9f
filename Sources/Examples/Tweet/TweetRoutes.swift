// The routes of tweets. Answers, statuses and texts are a public contract.

import ExampleSupport
import Telemetry

/// The handlers of `/tweet`.
struct TweetRoutes: Sendable {
    private static let insert = DatabaseStatement(
        """
        INSERT INTO "Tweet" ("content", "published", "authorId") VALUES ($1, false, $2)
        RETURNING "id", "content", "published", "authorId", 0
        """, sharesRoundTrip: true)
    private static let find = DatabaseStatement(
        """
        SELECT "id", "content", "published", "authorId", (SELECT count(*) FROM "Like" WHERE "tweetId" = "Tweet"."id")
        FROM "Tweet" WHERE "id" = $1
        """, sharesRoundTrip: true)
    private static let list: DatabaseStatement = """
        SELECT "id", "content", "published", "authorId", (SELECT count(*) FROM "Like" WHERE "tweetId" = "Tweet"."id")
        FROM "Tweet" WHERE "authorId" = $1 ORDER BY "id" LIMIT $2 OFFSET $3
        """
    private static let update: DatabaseStatement = """
        UPDATE "Tweet" SET "content" = $1 WHERE "id" = $2 AND "authorId" = $3
        RETURNING "id", "content", "published", "authorId", (SELECT count(*) FROM "Like" WHERE "tweetId" = "Tweet"."id")
        """
    private static let delete: DatabaseStatement = """
        DELETE FROM "Tweet" WHERE "id" = $1 AND "authorId" = $2 RETURNING "id", "content", "published", "authorId", 0
        """

    private static let shortList = 20

    let database: Database
    let metrics: TweetMetrics
    let log: TelemetryLogger

    func add(to routes: inout AuthenticatedRouter) {
        routes.on("POST", "/tweet", "creating tweet") { request, caller throws(Refusal) in try await create(request, caller) }
        routes.on("GET", "/tweet/user/:id", "getting tweets by user id") { request, caller throws(Refusal) in
            try await list(request, caller)
        }
        routes.on("GET", "/tweet/:id", "getting tweet by id") { request, caller throws(Refusal) in try await tweet(request, caller) }
        routes.on("PUT", "/tweet/:id", "updating tweet") { request, caller throws(Refusal) in try await update(request, caller) }
        routes.on("DELETE", "/tweet/:id", "deleting tweet") { request, caller throws(Refusal) in try await delete(request, caller) }
    }

    /// Returns a tweet, or refuses the request if there is none.
    static func tweet(_ id: Int?, in database: Database, orRefuse missing: @autoclosure () -> Refusal) async throws(Refusal) -> Tweet {
        guard let id, let tweet = try await database.records(Tweet.self, find, DatabaseValue(id)).first else { throw missing() }
        return tweet
    }

    private func create(_ request: ServiceRequest, _ caller: Caller) async throws(Refusal) -> ServiceResponse {
        log.info("Initiating tweet creation", ["user_id": caller.userID])
        let text = try request.text("text", orRefuse: "User id and text are required")
        // The foreign key is the check for the user: there is no lookup before, after which an insertion could answer a second time.
        let created = try await database.records(
            Tweet.self, Self.insert, .text(text), caller.id, orRefuse: .error("User does not exist"))
        guard let tweet = created.first else { throw .error("Tweet was not created", status: 500) }
        metrics.tweetCreated(by: caller.userID)
        log.info("Tweet created", ["tweet_id": tweet.id, "user_id": caller.userID, "tweet": tweet.recorded])
        return .json(tweet.json(for: caller), status: 201)
    }

    private func tweet(_ request: ServiceRequest, _ caller: Caller) async throws(Refusal) -> ServiceResponse {
        let id = try request.rowID
        log.info("Getting tweet by id", ["tweet_id": id, "user_id": caller.userID])
        let tweet = try await Self.tweet(id, in: database, orRefuse: .error("Tweet not found", status: 404))
        log.info("Tweet by id", ["tweet_id": id, "user_id": caller.userID, "tweet": tweet.recorded])
        return .json(tweet.json(for: caller))
    }

    private func list(_ request: ServiceRequest, _ caller: Caller) async throws(Refusal) -> ServiceResponse {
        let (authorID, page) = (try request.rowID, try Page(request))
        log.info("Getting tweets by user id", ["user_id": authorID])
        let tweets = try await database.records(
            Tweet.self, Self.list, DatabaseValue(authorID), DatabaseValue(page.limit), DatabaseValue(page.offset))
        metrics.listed(tweets.count)
        log.info("Tweets by user id", ["user_id": authorID, "tweets": tweets.count])
        let answer: @Sendable () -> ServiceResponse = { .json(.array(tweets.map { $0.json(for: caller) })) }
        // A long list, of up to 100 MB, is written by a task of the pool: the service's thread is for all connections.
        return tweets.count > Self.shortList ? await Task { answer() }.value : answer()
    }

    private func update(_ request: ServiceRequest, _ caller: Caller) async throws(Refusal) -> ServiceResponse {
        let id = try request.rowID
        log.info("Updating tweet", ["tweet_id": id, "user_id": caller.userID])
        let text = try request.text("text", orRefuse: "Text is required")
        guard let tweet = try await database.records(Tweet.self, Self.update, .text(text), DatabaseValue(id), caller.id).first else {
            _ = try await Self.tweet(id, in: database, orRefuse: .error("Record to update not found."))
            throw .error("Tweet belongs to another user", status: 403)
        }
        log.info("Tweet updated", ["tweet_id": id, "user_id": caller.userID, "tweet": tweet.recorded])
        return .json(tweet.json(for: caller))
    }

    private func delete(_ request: ServiceRequest, _ caller: Caller) async throws(Refusal) -> ServiceResponse {
        let id = try request.rowID
        log.info("Deleting tweet", ["tweet_id": id, "user_id": caller.userID])
        let unknown = Refusal.error("Record to delete does not exist.")
        // The tweet is read first, since its likes go with it.
        let tweet = try await Self.tweet(id, in: database, orRefuse: unknown)
        guard tweet.authorID == caller.userID else { throw .error("Tweet belongs to another user", status: 403) }
        let deleted = try await database.records(
            Tweet.self, Self.delete, DatabaseValue(id), caller.id, orRefuse: .error("Tweet has retweets"))
        if deleted.isEmpty { throw unknown }
        log.info("Tweet deleted", ["tweet_id": id, "user_id": caller.userID, "tweet": tweet.recorded])
        return .json(tweet.json(for: caller))
    }
}
