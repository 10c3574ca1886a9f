// TWT-15: likes, unique for each user and tweet.

import ExampleSupport
import Telemetry
import Testing

@testable import Tweet

@Suite("TWT-15: likes") struct LikeTests {
    @Test(arguments: DatabaseKind.available) func likeCountsOnceForEachUser(on kind: DatabaseKind) async throws {
        try await TweetHarness.running(on: kind) { service in
            let id = try await service.tweet()
            func likes(_ method: String, as user: Int) async throws -> JSONValue? {
                let answer = try await service.send(method, "/tweet/\(id)/like", as: user)
                #expect(answer.status == 200, "\(answer.text)")
                return try JSONValue(parsing: answer.body)["likes"]
            }
            #expect(try await likes("POST", as: 1) == 1)
            #expect(try await likes("POST", as: 1) == 1)
            #expect(try await likes("POST", as: 2) == 2)
            #expect(try await service.send("GET", "/tweet/\(id)").text.hasSuffix(#","likes":2}"#))
            #expect(try await service.send("GET", "/tweet/user/1").text.hasSuffix(#","likes":2}]"#))
            #expect(try await service.send("PUT", "/tweet/\(id)", #"{"text":"new"}"#).text.hasSuffix(#","likes":2}"#))
            #expect(try await likes("DELETE", as: 1) == 1)
            #expect(try await likes("DELETE", as: 1) == 1)
            // Only new likes count in the metric.
            #expect(try await service.metric("tweet_experiment_likes_total", ["experiment_like": "on"]) == 2)
            // A tweet takes its likes with it.
            #expect(try await service.send("DELETE", "/tweet/\(id)").text.hasSuffix(#","likes":1}"#))
        }
    }

    @Test(arguments: DatabaseKind.available) func likesOf50UsersAtOnceAreCountedExactly(on kind: DatabaseKind) async throws {
        try await TweetHarness.running(on: kind) { service in
            let id = try await service.tweet()
            for user in 6...50 { try await service.addUser(user) }
            try await withThrowingTaskGroup(of: Int.self) { group in
                // Each user likes the tweet twice at the same time.
                for user in 1...50 {
                    for _ in 0..<2 { group.addTask { try await service.send("POST", "/tweet/\(id)/like", as: user).status } }
                }
                for try await status in group { #expect(status == 200) }
            }
            #expect(try await service.send("GET", "/tweet/\(id)").text.hasSuffix(#","likes":50}"#))
            try await withThrowingTaskGroup(of: Int.self) { group in
                for user in 1...20 { group.addTask { try await service.send("DELETE", "/tweet/\(id)/like", as: user).status } }
                for try await status in group { #expect(status == 200) }
            }
            #expect(try await service.send("GET", "/tweet/\(id)").text.hasSuffix(#","likes":30}"#))
        }
    }

    @Test(arguments: DatabaseKind.available) func unknownTweetIs404(on kind: DatabaseKind) async throws {
        try await TweetHarness.running(on: kind) { service in
            for id in ["1", "0", "-5", "2147483648", "99999999999999999999"] {
                for method in ["POST", "DELETE"] {
                    let answer = try await service.send(method, "/tweet/\(id)/like")
                    #expect(answer.status == 404 && answer.text == #"{"error":"Tweet not found"}"#, "\(method) \(id)")
                }
            }
        }
    }
}
