// TWT-02 and TWT-04: the routes of tweets over sockets, on every database.

import ExampleSupport
import Telemetry
import Testing

@testable import Tweet

@Suite("TWT-02: tweets") struct TweetContractTests {
    @Test(arguments: DatabaseKind.available) func createdTweetIsReadUpdatedListedAndDeleted(on kind: DatabaseKind) async throws {
        try await TweetHarness.running(on: kind) { service in
            let created = try await service.send("POST", "/tweet/", #"{"text":"Hello"}"#)
            #expect(created.status == 201)
            #expect(created.text == #"{"id":1,"content":"Hello","published":false,"authorId":1,"likes":0}"#)
            #expect(created.headers["content-type"] == "application/json; charset=utf-8")
            #expect(try await service.send("GET", "/tweet/1", as: 2).text == created.text)

            let changed = #"{"id":1,"content":"Bye","published":false,"authorId":1,"likes":0}"#
            let updated = try await service.send("PUT", "/tweet/1", #"{"text":"Bye"}"#)
            #expect(updated.status == 200 && updated.text == changed)
            let list = try await service.send("GET", "/tweet/user/1", as: 2)
            #expect(list.status == 200 && list.text == "[\(changed)]")

            let deleted = try await service.send("DELETE", "/tweet/1")
            #expect(deleted.status == 200 && deleted.text == changed)
            #expect(try await service.send("GET", "/tweet/1").status == 404)
            #expect(try await service.send("GET", "/tweet/user/1").text == "[]")
        }
    }

    @Test(arguments: DatabaseKind.available) func unknownTweetIsRefused(on kind: DatabaseKind) async throws {
        try await TweetHarness.running(on: kind) { service in
            for id in ["1", "0", "-1", "2147483647", "2147483648", "9223372036854775808", "99999999999999999999999"] {
                let answer = try await service.send("GET", "/tweet/\(id)")
                #expect(answer.status == 404 && answer.text == #"{"error":"Tweet not found"}"#, "\(id)")
                let put = try await service.send("PUT", "/tweet/\(id)", #"{"text":"x"}"#)
                #expect(put.status == 400 && put.text == #"{"error":"Record to update not found."}"#, "\(id)")
                let delete = try await service.send("DELETE", "/tweet/\(id)")
                #expect(delete.status == 400 && delete.text == #"{"error":"Record to delete does not exist."}"#, "\(id)")
                #expect(try await service.send("GET", "/tweet/user/\(id)").text == "[]", "\(id)")
            }
        }
    }

    @Test(arguments: ["x", "1.5", "1e3", "--1", "-", "%20", "1%3BDROP%20TABLE%20%22Tweet%22", "٣"])
    func idThatIsNoNumberIs400(id: String) async throws {
        try await TweetHarness.running { service in
            for (method, path, body) in [
                ("GET", "/tweet/", ""), ("GET", "/tweet/user/", ""), ("PUT", "/tweet/", #"{"text":"x"}"#), ("DELETE", "/tweet/", ""),
                ("GET", "/retweet/", ""), ("GET", "/retweet/user/", ""), ("DELETE", "/retweet/", ""),
            ] {
                let answer = try await service.send(method, path + id, body)
                #expect(answer.status == 400 && answer.text == #"{"error":"The id must be a whole number"}"#, "\(method) \(path)")
            }
            #expect(try await service.send("POST", "/tweet/\(id)/like").status == 400)
        }
    }

    @Test(arguments: [
        ("", "User id and text are required"), ("{}", "User id and text are required"), (#"{"text":""}"#, "User id and text are required"),
        (#"{"text":null}"#, "User id and text are required"), (#"{"text":5}"#, "Field text must be a string, found the number 5"),
        (#"{"text":["a"]}"#, "Field text must be a string, found an array"), ("[]", "The body must be an object, found an array"),
        (#"{"text":"a\u0000b"}"#, "Field text must not contain the character U+0000"),
        (#"{"text":"a"#, "Malformed JSON"), (#"{"text":"a"} x"#, "Malformed JSON"), ("<xml/>", "Malformed JSON"),
    ])
    func tweetWithoutUsableTextIs400(body: String, reason: String) async throws {
        try await TweetHarness.running { service in
            let answer = try await service.send("POST", "/tweet", body)
            #expect(answer.status == 400 && answer.text == #"{"error":"\#(reason)"}"#)
            let id = try await service.tweet()
            let put = try await service.send("PUT", "/tweet/\(id)", body)
            let expected = reason == "User id and text are required" ? "Text is required" : reason
            #expect(put.status == 400 && put.text == #"{"error":"\#(expected)"}"#)
        }
    }

    @Test func formIsReadLikeJSON() async throws {
        try await TweetHarness.running { service in
            let answer = try await service.send(
                "POST", "/tweet", "text=a+%26+b&userId=3", headers: ["Content-Type": "application/x-www-form-urlencoded"])
            #expect(answer.status == 201)
            #expect(answer.text == #"{"id":1,"content":"a & b","published":false,"authorId":1,"likes":0}"#)
        }
    }

    @Test func userOfTheTokenReplacesTheUserOfTheBody() async throws {
        try await TweetHarness.running { service in
            let answer = try await service.send("POST", "/tweet", #"{"text":"mine","userId":1,"authorId":1}"#, as: 2)
            #expect(try JSONValue(parsing: answer.body)["authorId"] == 2)
        }
    }

    @Test(arguments: DatabaseKind.available) func removedUserIsRefusedOnceAndNothingIsInserted(on kind: DatabaseKind) async throws {
        try await TweetHarness.running(on: kind) { service in
            let id = try await service.tweet()
            let answer = try await service.send("POST", "/tweet", #"{"text":"ghost"}"#, as: 99)
            #expect(answer.status == 400 && answer.text == #"{"error":"User does not exist"}"#)
            #expect(try await service.send("GET", "/tweet/user/99").text == "[]")
            let retweet = try await service.send("POST", "/retweet", #"{"tweetId":\#(id)}"#, as: 99)
            #expect(retweet.status == 400 && retweet.text == #"{"error":"User does not exist"}"#)
            let like = try await service.send("POST", "/tweet/\(id)/like", as: 99)
            #expect(like.status == 400 && like.text == #"{"error":"User does not exist"}"#)
        }
    }

    @Test(arguments: DatabaseKind.available) func onlyTheAuthorChangesAndDeletes(on kind: DatabaseKind) async throws {
        try await TweetHarness.running(on: kind) { service in
            let id = try await service.tweet("mine", as: 1)
            for (method, body) in [("PUT", #"{"text":"stolen"}"#), ("DELETE", "")] {
                let answer = try await service.send(method, "/tweet/\(id)", body, as: 2)
                #expect(answer.status == 403 && answer.text == #"{"error":"Tweet belongs to another user"}"#)
            }
            #expect(try await service.send("GET", "/tweet/\(id)").text.contains(#""content":"mine""#))
        }
    }

    /// It is written by another thread than a short one.
    @Test func longListIsAnsweredWholeInTheTraceOfItsRequest() async throws {
        try await TweetHarness.running { service in
            for number in 1...50 { _ = try await service.addTweet("t\(number)", by: 1) }
            service.forget()
            let answer = try await service.send("GET", "/tweet/user/1")
            let tweets = try #require(JSONValue(parsing: answer.body).arrayValue)
            #expect(tweets.map { $0["id"]?.integerValue } == (1...50).map { $0 })
            #expect(await eventually { service.spans().contains { $0.kind == .server } })
            #expect(Set(service.spans().map(\.traceID)).count == 1)
            #expect(service.records("request answered").first?.traceID == service.spans().first?.traceID)
        }
    }

    @Test(arguments: DatabaseKind.available) func pagesWorkOnlyWithPerPage(on kind: DatabaseKind) async throws {
        try await TweetHarness.running(on: kind) { service in
            for number in 1...7 { _ = try await service.addTweet("t\(number)", by: 1) }
            _ = try await service.addTweet("other", by: 2)
            func ids(_ query: String) async throws -> [Int] {
                let answer = try await service.send("GET", "/tweet/user/1\(query)")
                #expect(answer.status == 200, "\(query)")
                return try #require(JSONValue(parsing: answer.body).arrayValue).compactMap { $0["id"]?.integerValue }
            }
            #expect(try await ids("") == [1, 2, 3, 4, 5, 6, 7])
            #expect(try await ids("?page=2") == [1, 2, 3, 4, 5, 6, 7])
            #expect(try await ids("?perPage=3") == [1, 2, 3])
            #expect(try await ids("?page=3&perPage=3") == [7])
            #expect(try await ids("?perPage=3&page=4") == [])
            #expect(try await ids("?perPage=2147483647&page=2147483647") == [])
            for query in ["?perPage=0", "?perPage=-1", "?perPage=x", "?perPage=", "?page=0&perPage=2", "?perPage=9999999999"] {
                #expect(try await service.send("GET", "/tweet/user/1\(query)").status == 400, "\(query)")
            }
        }
    }

    @Test func listHasAtMost1000Tweets() async throws {
        try await TweetHarness.running { service in
            for _ in 1...1005 { _ = try await service.addTweet("x", by: 1) }
            for query in ["", "?perPage=5000"] {
                let answer = try await service.send("GET", "/tweet/user/1\(query)")
                #expect(try JSONValue(parsing: answer.body).arrayValue?.count == 1000)
            }
            let rest = try await service.send("GET", "/tweet/user/1?perPage=1000&page=2")
            #expect(try JSONValue(parsing: rest.body).arrayValue?.count == 5)
        }
    }

    @Test(arguments: DatabaseKind.available) func textsAreStoredAsTheyAre(on kind: DatabaseKind) async throws {
        let texts = [
            #"'; DROP TABLE "Tweet"; --"#, #"x', false, 2) RETURNING 1; --"#, "$1 %s \\ \" ' ` \u{1}", "Grüße 👩‍👩‍👧‍👦 e\u{301} 日本語 \u{202E}rtl",
            " ", "\n", String(repeating: "é", count: 20_000),
        ]
        try await TweetHarness.running(on: kind) { service in
            for text in texts {
                let id = try await service.tweet(text)
                let answer = try await service.send("GET", "/tweet/\(id)")
                let content = try #require(JSONValue(parsing: answer.body)["content"]?.stringValue)
                #expect(Array(content.utf8) == Array(text.utf8))
            }
            let list = try await service.send("GET", "/tweet/user/1")
            #expect(try JSONValue(parsing: list.body).arrayValue?.count == texts.count)
        }
    }

    @Test func pathOfAnotherMethodIs405() async throws {
        try await TweetHarness.running { service in
            for (method, path) in [("PATCH", "/tweet/1"), ("GET", "/tweet"), ("PUT", "/retweet/1"), ("GET", "/tweet/1/like")] {
                let answer = try await service.send(method, path)
                #expect(answer.status == 405, "\(method) \(path)")
            }
            let answer = try await service.send("GET", "/nothing")
            #expect(answer.status == 404)
        }
    }

    @Test(arguments: DatabaseKind.available) func replicasSeeEachOthersWrites(on kind: DatabaseKind) async throws {
        try await ServiceHarness.listening(AuthStub.respond) { authURL in
            try await TestDatabase.withURL(kind) { url in
                let variables = ["DATABASE_URL": url]
                try await TweetHarness.service(authURL: authURL, variables) { first in
                    try await TweetHarness.service(authURL: authURL, variables) { second in
                        for user in 1...2 { try await first.addUser(user) }
                        let id = try await first.tweet("from one")
                        #expect(try await second.send("GET", "/tweet/\(id)").text.contains("from one"))
                        #expect(try await second.send("PUT", "/tweet/\(id)", #"{"text":"from two"}"#).status == 200)
                        _ = try await second.send("POST", "/tweet/\(id)/like", as: 2)
                        let answer = try await first.send("GET", "/tweet/\(id)").text
                        #expect(answer.contains("from two") && answer.contains(#""likes":1"#))
                        // Both write at once, and none of the writes is lost.
                        try await withThrowingTaskGroup(of: Void.self) { group in
                            for number in 0..<40 {
                                group.addTask { _ = try await (number % 2 == 0 ? first : second).tweet("n\(number)", as: 2) }
                            }
                            try await group.waitForAll()
                        }
                        let list = try await first.send("GET", "/tweet/user/2")
                        #expect(try JSONValue(parsing: list.body).arrayValue?.count == 40)
                    }
                }
            }
        }
    }
}
