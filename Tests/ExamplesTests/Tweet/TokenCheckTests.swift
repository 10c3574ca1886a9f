// TWT-02: what the service does when the auth service refuses, fails, is slow, or is away.

import ExampleSupport
import Telemetry
import Testing

@testable import Tweet

@Suite("TWT-02: token checks") struct TokenCheckTests {
    private static let requests = [
        ("POST", "/tweet", #"{"text":"x"}"#), ("GET", "/tweet/1", ""), ("GET", "/tweet/user/1", ""), ("PUT", "/tweet/1", #"{"text":"x"}"#),
        ("DELETE", "/tweet/1", ""), ("POST", "/tweet/1/like", ""), ("DELETE", "/tweet/1/like", ""), ("POST", "/retweet", #"{"tweetId":1}"#),
        ("GET", "/retweet/1", ""), ("GET", "/retweet/user/1", ""), ("DELETE", "/retweet/1", ""),
    ]

    /// Expects that every route answers 503 within a time, with the reason on the spans and in the log.
    private func expectUnavailable(
        _ service: RunningTweetService, within limit: Duration = .seconds(60), reason: String
    ) async throws {
        for (method, path, body) in Self.requests {
            service.forget()
            let start = ContinuousClock.now
            let answer = try await service.send(method, path, body)
            #expect(start.duration(to: .now) < limit, "\(method) \(path)")
            #expect(answer.status == 503 && answer.text == #"{"error":"Auth service is unavailable"}"#, "\(method) \(path)")
            #expect(answer.headers["Retry-After"] == "1")
            let server = try #require(service.spans().first { $0.kind == .server })
            guard case .error(let text) = server.status else { return #expect(server.status == .error(reason)) }
            #expect(text.contains(reason), "\(text)")
            #expect(service.records("Auth service is unavailable").first?.attributes["detail"].map { "\($0)".contains(reason) } == true)
            // Nothing else was done: the service asked no database.
            #expect(service.spans().allSatisfy { $0.attributes["db.system.name"] == nil })
        }
    }

    @Test func refusedTokenIs401() async throws {
        try await TweetHarness.running { service in
            for (method, path, body) in Self.requests {
                for token in [nil, "", "nonsense", "Bearer \(AuthStub.token(of: 1, signature: "forged"))"] {
                    var headers: HTTPHeaders = [:]
                    headers["Authorization"] = token
                    let answer = try await service.send(method, path, body, as: nil, headers: headers)
                    #expect(answer.status == 401 && answer.text == #"{"error":"Invalid token"}"#, "\(method) \(path)")
                }
            }
        }
    }

    @Test func tokenIsHandedOnAsItIs() async throws {
        let seen = Seen()
        try await TweetHarness.running(auth: { request in
            seen.add(request)
            return await AuthStub.respond(request)
        }) { service in
            _ = try await service.send("GET", "/tweet/1")
            let request = try #require(seen.requests.first)
            #expect(request.headers["Authorization"] == AuthStub.token(of: 1) && request.body.isEmpty)
            #expect(request.headers["X-Forwarded-For"] == "127.0.0.1")
            #expect(request.headers["traceparent"] != nil)
        }
    }

    @Test func absentAuthServiceIs503AtOnce() async throws {
        try await TweetHarness.running(authURL: "http://127.0.0.1:1") {
            try await expectUnavailable($0, reason: "connection refused")
        }
    }

    @Test func slowAuthServiceIs503AtTheDeadline() async throws {
        let gate = Gate()
        try await TweetHarness.running(
            auth: { _ in
                await gate.pass()
                return ServiceResponse(status: 200)
            }, ["AUTH_TIMEOUT": "50"]
        ) { service in
            try await expectUnavailable(service, reason: "no answer from")
            gate.open()
        }
    }

    @Test(arguments: [
        (500, "oops", "it answered with status 500"), (503, "", "it answered with status 503"), (401, "{}", "it answered with status 401"),
        (429, "Too many requests", "it has too many requests"), (302, "", "it answered with status 302"),
        (200, "", "its answer names no user"), (200, "<html>", "its answer names no user"), (200, "{}", "its answer names no user"),
        (200, #"{"id":"1"}"#, "its answer names no user"), (200, #"{"id":null}"#, "its answer names no user"),
    ])
    func anyOtherAnswerIs503(status: Int, body: String, reason: String) async throws {
        try await TweetHarness.running(auth: { _ in .json(body, status: status) }) {
            try await expectUnavailable($0, reason: reason)
        }
    }

    @Test func limitOfTheAuthServiceSaysWhenToTryAgain() async throws {
        let limited: Handler = { _ in
            var answer = ServiceResponse.text("Too many requests", status: 429)
            answer.headers["Retry-After"] = "476"
            return answer
        }
        try await TweetHarness.running(auth: limited) { service in
            let answer = try await service.send("GET", "/tweet/1")
            #expect(answer.status == 503 && answer.headers["Retry-After"] == "476")
        }
    }

    @Test func manyRequestsToASlowAuthServiceAreAllAnsweredInTime() async throws {
        let gate = Gate()
        try await TweetHarness.running(
            auth: { _ in
                await gate.pass()
                return ServiceResponse(status: 200)
            }, ["AUTH_TIMEOUT": "300"]
        ) { service in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<200 { group.addTask { try await service.send("GET", "/tweet/1").status } }
                return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            #expect(statuses == [503: 200])
            gate.open()
        }
    }

    @Test func refusedRequestsAreNotCounted() async throws {
        try await TweetHarness.running { service in
            _ = try await service.send("GET", "/tweet/1", as: nil)
            let samples = try await service.metrics()
            #expect(samples.allSatisfy { !$0.hasPrefix("tweet_service_counter") })
        }
    }

    @Test func slotsAreBoundedAndPassedOnInOrder() async {
        let slots = CallSlots(count: 1, maximumWaiting: 1)
        #expect(await slots.acquire())
        let waiting = Task { await slots.acquire() }
        // Either the task waits already and the next caller is refused, or this caller takes its place and the task is refused.
        slots.release()
        #expect(await waiting.value)
        slots.release()
        #expect(await slots.acquire())
        let full = CallSlots(count: 0, maximumWaiting: 0)
        #expect(await full.acquire() == false)
    }
}
