// TWT-05 to TWT-09: metrics, log lines and spans of the service.

import ExampleSupport
import Telemetry
import Testing

@testable import Tweet

@Suite("TWT-05 to TWT-09: telemetry of tweets") struct TweetTelemetryTests {
    @Test func documentedMetricsAreOnThePage() async throws {
        try await TweetHarness.running { service in
            let id = try await service.tweet(as: 3)
            _ = try await service.tweet(as: 3)
            _ = try await service.send("POST", "/retweet/", #"{"tweetId":\#(id)}"#)
            _ = try await service.send("GET", "/tweet/\(id)")
            _ = try await service.send("GET", "/tweet/999")
            _ = try await service.send("GET", "/tweet/user/3/")
            #expect(try await service.metric("tweet_service_counter", ["method": "POST", "path": "/tweet"]) == 2)
            #expect(try await service.metric("tweet_service_counter", ["method": "GET", "path": "/tweet/:id"]) == 2)
            #expect(try await service.metric("tweet_service_counter", ["method": "GET", "path": "/tweet/user/:id"]) == 1)
            #expect(try await service.metric("tweet_service_counter", ["method": "POST", "path": "/retweet"]) == 1)
            #expect(try await service.metric("tweet_service_tweet_counter", ["user_id": "3"]) == 2)
            #expect(try await service.metric("tweet_service_retweet_counter", ["tweet_id": "\(id)"]) == 1)
            // One meaning each: a created tweet is the value 1, and the lengths of lists have a histogram of their own.
            #expect(try await service.metric("tweet_service_tweet_histogram_count", ["user_id": "3"]) == 2)
            #expect(try await service.metric("tweet_service_tweet_histogram_sum", ["user_id": "3"]) == 2)
            #expect(try await service.metric("tweet_service_listed_tweets_sum") == 2)
            #expect(try await service.metric("tweet_service_listed_tweets_count") == 1)
            let page = try await service.service.send("GET", "/metrics").text
            #expect(page.contains("# HELP tweet_service_tweet_histogram tweet_service_tweet_histogram\n"))
        }
    }

    @Test("TWT-06: ten thousand users do not grow the page without bound")
    func tenThousandUsersDoNotGrowThePageWithoutBound() async throws {
        try await TweetHarness.running { service in
            // The second page has the series of the first request for it.
            _ = try await service.metrics()
            let before = try await service.metrics().count
            let metrics = TweetMetrics(service.telemetry.meter)
            for user in 1...10_000 { metrics.tweetCreated(by: user) }
            for tweet in 1...10_000 { metrics.retweeted(tweet) }
            let lines = try await service.metrics()
            // 1,000 series of each counter, 100 of the histogram with 14 lines each, and one overflow series for each.
            #expect(lines.count - before <= 2 * 1001 + 101 * 14)
            #expect(try await service.metric("tweet_service_tweet_counter", ["otel_metric_overflow": "true"]) == 9_000)
            let total = lines.filter { $0.hasPrefix("tweet_service_tweet_histogram_count") }
                .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
            #expect(total == 10_000)
        }
    }

    @Test func logRecordsHaveTheDocumentedFields() async throws {
        try await TweetHarness.running { service in
            let id = try await service.tweet("hello", as: 2)
            _ = try await service.send("GET", "/tweet/\(id)", headers: ["X-Request-ID": "r-1"])
            _ = try await service.send("GET", "/tweet/user/2")
            _ = try await service.send("PUT", "/tweet/\(id)", #"{"text":"new"}"#, as: 2)
            _ = try await service.send("DELETE", "/tweet/\(id)", as: 1)
            _ = try await service.send("DELETE", "/tweet/\(id)", as: 2)
            _ = try await service.send("POST", "/tweet", "{}")
            let row = AttributeValue.string(#"{"id":1,"content":"hello","published":false,"authorId":2}"#)
            let created = try #require(service.records("Tweet created").first)
            #expect(created.attributes["tweet"] == row && created.attributes["tweet_id"] == 1 && created.attributes["user_id"] == 2)
            #expect(created.traceID.isValid && created.spanID.isValid && created.severity == .info)
            let read = try #require(service.records("Tweet by id").first)
            #expect(read.attributes["request_id"] == "r-1" && read.attributes["tweet"] == row)
            #expect(service.records("Tweets by user id").first?.attributes["tweets"] == 1)
            for message in [
                "Initiating tweet creation", "Getting tweet by id", "Getting tweets by user id", "Updating tweet", "Tweet updated",
                "Deleting tweet", "Tweet deleted",
            ] {
                #expect(!service.records(message).isEmpty, "\(message)")
            }
            let foreign = try #require(service.records("Error deleting tweet").first)
            #expect(foreign.attributes["error"] == "Tweet belongs to another user" && foreign.severity == .warn)
            #expect(service.records("Error creating tweet").first?.attributes["error"] == "User id and text are required")
        }
    }

    @Test(arguments: DatabaseKind.available) func postedTweetIsOneTraceOfItsSteps(on kind: DatabaseKind) async throws {
        try await TweetHarness.running(on: kind) { service in
            service.forget()
            _ = try await service.tweet()
            let spans = service.spans()
            #expect(spans.count == 4)
            let server = try #require(spans.first { $0.kind == .server })
            let check = try #require(spans.first { $0.name == "check token" })
            let call = try #require(spans.first { $0.name == "POST /auth/token" })
            let statement = try #require(spans.first { $0.attributes["db.system.name"] != nil })
            #expect(server.name == "POST /tweet" && server.attributes["http.route"] == "/tweet")
            #expect(check.parentSpanID == server.spanID && check.attributes["user.id"] == "1")
            #expect(call.parentSpanID == check.spanID && call.kind == .client)
            #expect(statement.parentSpanID == server.spanID && statement.kind == .client)
            #expect(statement.name == #"INSERT "Tweet""# && statement.attributes["db.system.name"] == .string(kind.rawValue))
            #expect(Set(spans.map(\.traceID)).count == 1)
            for span in spans { #expect(span.status == .unset, "\(span.name)") }
        }
    }
}
