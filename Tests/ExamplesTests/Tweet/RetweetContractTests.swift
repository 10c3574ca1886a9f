// TWT-03: the routes of retweets over sockets, on every database.

import ExampleSupport
import Telemetry
import Testing

@testable import Tweet

@Suite("TWT-03: retweets") struct RetweetContractTests {
    @Test(arguments: DatabaseKind.available) func retweetIsCreatedReadListedAndDeleted(on kind: DatabaseKind) async throws {
        try await TweetHarness.running(on: kind) { service in
            let id = try await service.tweet()
            let row = #"{"id":1,"content":null,"published":false,"authorId":2,"tweetId":\#(id)}"#
            let created = try await service.send("POST", "/retweet/", #"{"tweetId":\#(id)}"#, as: 2)
            #expect(created.status == 200 && created.text == row)
            #expect(try await service.send("GET", "/retweet/1").text == row)
            #expect(try await service.send("GET", "/retweet/user/2").text == "[\(row)]")
            #expect(try await service.send("GET", "/retweet/user/1").text == "[]")

            let kept = try await service.send("DELETE", "/tweet/\(id)")
            #expect(kept.status == 400 && kept.text == #"{"error":"Tweet has retweets"}"#)
            let foreign = try await service.send("DELETE", "/retweet/1", as: 1)
            #expect(foreign.status == 403 && foreign.text == #"{"error":"Retweet belongs to another user"}"#)
            let deleted = try await service.send("DELETE", "/retweet/1", as: 2)
            #expect(deleted.status == 200 && deleted.text == row)
            let missing = try await service.send("GET", "/retweet/1")
            #expect(missing.status == 404 && missing.text == #"{"error":"Retweet not found"}"#)
            #expect(try await service.send("DELETE", "/retweet/1", as: 2).status == 400)
            #expect(try await service.send("DELETE", "/tweet/\(id)").status == 200)
        }
    }

    private static let refusals: [(body: String, reason: String)] = [
        ("", "User id and tweet id are required"), ("{}", "User id and tweet id are required"),
        (#"{"tweetId":0}"#, "User id and tweet id are required"), (#"{"tweetId":null}"#, "User id and tweet id are required"),
        (#"{"tweetId":77}"#, "Tweet does not exist"), (#"{"tweetId":-1}"#, "Tweet does not exist"),
        (#"{"tweetId":2147483648}"#, "Tweet does not exist"), (#"{"tweetId":9223372036854775807}"#, "Tweet does not exist"),
        (#"{"tweetId":"1"}"#, "Field tweetId must be an integer, found a string"), (#"{"tweetId":1"#, "Malformed JSON"),
    ]

    @Test(arguments: DatabaseKind.available) func retweetWithoutTweetIs400(on kind: DatabaseKind) async throws {
        try await TweetHarness.running(on: kind) { service in
            for (body, reason) in Self.refusals {
                let answer = try await service.send("POST", "/retweet", body)
                #expect(answer.status == 400 && answer.text == #"{"error":"\#(reason)"}"#, "\(body)")
            }
        }
    }

    @Test func retweetsArePaged() async throws {
        try await TweetHarness.running { service in
            let id = try await service.tweet()
            for _ in 1...3 { _ = try await service.send("POST", "/retweet", #"{"tweetId":\#(id)}"#) }
            let answer = try await service.send("GET", "/retweet/user/1?perPage=2&page=2")
            let rows = try JSONValue(parsing: answer.body).arrayValue ?? []
            #expect(rows.count == 1 && rows.first?["id"] == 3)
        }
    }

    @Test func handlersLogWithIdentifiers() async throws {
        try await TweetHarness.running { service in
            let id = try await service.tweet()
            _ = try await service.send("POST", "/retweet", #"{"tweetId":\#(id)}"#, as: 2)
            let record = try #require(service.records("Retweet created").first)
            #expect(record.attributes["retweet_id"] == 1 && record.attributes["tweet_id"] == .int(Int64(id)))
            #expect(record.attributes["user_id"] == 2 && record.traceID.isValid)
            _ = try await service.send("GET", "/retweet/99")
            let error = try #require(service.records("Error getting retweet by id").first)
            #expect(error.attributes["error"] == "Retweet not found" && error.severity == .warn)
        }
    }
}
