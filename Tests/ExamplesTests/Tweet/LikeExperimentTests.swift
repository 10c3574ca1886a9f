// TWT-16: the assignment of users, the way of the variant through the services, and the report.

import ExampleSupport
import Telemetry
import Testing

@testable import Tweet

@Suite("TWT-16: experiment") struct LikeExperimentTests {
    /// Users who have likes and who do not, at a share of one half.
    private static let on = (1...5).filter { LikeExperiment(share: 0.5).variant(of: $0) == .on }
    private static let off = (1...5).filter { LikeExperiment(share: 0.5).variant(of: $0) == .off }

    @Test func assignmentIsTheSameForEver() {
        // Known values: another assignment after an update would move users from one variant to the other.
        let variants = (1...32).map { LikeExperiment(share: 0.5).variant(of: $0) == .on ? "1" : "0" }.joined()
        #expect(variants == "11010110010111101100110011011010")
    }

    @Test(arguments: [0.0, 0.01, 0.1, 0.5, 0.9, 1.0]) func shareOfUsersIsThatOfTheBinomial(share: Double) {
        let count = 100_000
        let experiment = LikeExperiment(share: share)
        let on = (1...count).count { experiment.variant(of: $0) == .on }
        // Five standard deviations of a binomial; none for the shares 0 and 1.
        let tolerance = 5 * (Double(count) * share * (1 - share)).squareRoot()
        #expect(abs(Double(on) - Double(count) * share) <= tolerance)
    }

    @Test func greaterShareKeepsTheUsersOfTheSmallerOne() {
        for user in 1...1000 where LikeExperiment(share: 0.3).variant(of: user) == .on {
            #expect(LikeExperiment(share: 0.4).variant(of: user) == .on)
        }
    }

    @Test(arguments: ["half", "-0.1", "1.1", "nan", "50%"]) func invalidShareIsRefused(text: String) {
        #expect(throws: StartFailure.self) { try LikeExperiment(ServiceEnvironment(["LIKE_EXPERIMENT": text])) }
    }

    @Test func likesDoNotExistForTheControlGroup() async throws {
        let (on, off) = (try #require(Self.on.first), try #require(Self.off.first))
        try await TweetHarness.running(["LIKE_EXPERIMENT": "0.5"]) { service in
            let id = try await service.tweet(as: on)
            #expect(try await service.send("POST", "/tweet/\(id)/like", as: on).text.hasSuffix(#","likes":1}"#))
            for method in ["POST", "DELETE"] {
                let hidden = try await service.send(method, "/tweet/\(id)/like", as: off)
                let nothing = try await service.send(method, "/tweet/\(id)/nothing", as: off)
                #expect(hidden.status == 404 && hidden.text == nothing.text)
                #expect(hidden.headers["content-type"] == nothing.headers["content-type"])
            }
            // Nor do they see those of others.
            #expect(try await service.send("GET", "/tweet/\(id)", as: off).text.hasSuffix(#""authorId":\#(on)}"#))
            #expect(try await service.send("GET", "/tweet/\(id)", as: on).text.hasSuffix(#","likes":1}"#))
        }
    }

    @Test func variantReachesAuthSpansLogsAndMetrics() async throws {
        let seen = Seen()
        try await TweetHarness.running(
            auth: { request in
                seen.add(request)
                return await AuthStub.respond(request)
            }, ["LIKE_EXPERIMENT": "0.5"]
        ) { service in
            for user in 1...5 {
                let variant = Self.on.contains(user) ? "on" : "off"
                service.forget()
                // What the caller says about the experiment is replaced; the rest of its baggage is handed on.
                _ = try await service.send("POST", "/tweet", #"{"text":"x"}"#, as: user, headers: ["baggage": "experiment.like=maybe,a=b"])
                let baggage = try #require(seen.requests.last?.headers["baggage"])
                #expect(baggage.contains("experiment.like=\(variant)") && baggage.contains("a=b") && !baggage.contains("maybe"))
                let server = try #require(service.spans().first { $0.kind == .server })
                #expect(server.attributes["experiment.like"] == .string(variant))
                for message in ["Initiating tweet creation", "Tweet created", "request answered"] {
                    #expect(service.records(message).first?.attributes["experiment.like"] == .string(variant), "\(message)")
                }
            }
            let count = "tweet_experiment_request_duration_seconds_count"
            #expect(try await service.metric(count, ["experiment_like": "on", "outcome": "ok"]) == Double(Self.on.count))
            #expect(try await service.metric(count, ["experiment_like": "off", "outcome": "ok"]) == Double(Self.off.count))
        }
    }

    @Test func withoutExperimentNothingIsAdded() async throws {
        let seen = Seen()
        try await TweetHarness.running(auth: { request in
            seen.add(request)
            return await AuthStub.respond(request)
        }) { service in
            _ = try await service.tweet()
            #expect(seen.requests.first?.headers["baggage"] == nil)
            #expect(service.spans().allSatisfy { $0.attributes["experiment.like"] == nil })
            let samples = try await service.metrics()
            #expect(samples.allSatisfy { !$0.contains("experiment") })
            let page = try await service.service.send("GET", "/experiment").text
            #expect(page.contains("No experiment runs"))
        }
    }

    @Test func reportComparesTheVariants() async throws {
        let (on, off) = (try #require(Self.on.first), try #require(Self.off.first))
        try await TweetHarness.running(["LIKE_EXPERIMENT": "0.5"]) { service in
            let id = try await service.tweet(as: on)
            for _ in 0..<3 { _ = try await service.send("GET", "/tweet/\(id)", as: on) }
            _ = try await service.send("POST", "/tweet/\(id)/like", as: on)
            _ = try await service.send("GET", "/tweet/999", as: off)
            // Requests without a valid token have no variant.
            _ = try await service.send("GET", "/tweet/\(id)", as: nil)

            let answer = try await service.service.send("GET", "/experiment?format=json")
            #expect(answer.headers["content-type"] == "application/json; charset=utf-8")
            let json = try JSONValue(parsing: answer.body)
            #expect(json["share"] == .number(0.5))
            let (first, second) = (try #require(json["variants"]?[0]), try #require(json["variants"]?[1]))
            #expect(first["variant"] == "on" && first["requests"] == 5 && first["refused"] == 0 && first["likes"] == 1)
            #expect(second["variant"] == "off" && second["requests"] == 1 && second["refused"] == 1 && second["errors"] == 0)
            #expect(second["likes"] == 0)
            guard case .number(let p50) = first["p50Seconds"], case .number(let p99) = first["p99Seconds"] else {
                return #expect(Bool(false), "\(json)")
            }
            #expect(0 < p50 && p50 <= p99)

            let page = try await service.service.send("GET", "/experiment")
            #expect(page.headers["content-type"] == "text/html; charset=utf-8")
            #expect(page.text.contains("<tr><th scope=\"row\">Requests</th><td>5</td><td>1</td></tr>"))
            #expect(page.text.contains("color-scheme: light dark") && page.text.contains("width=device-width"))
        }
    }
}
