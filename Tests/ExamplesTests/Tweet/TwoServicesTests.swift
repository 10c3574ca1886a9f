// TWT-02, TWT-08, TWT-09 and TWT-16 with the real auth service: one trace over both, and what happens when auth goes and comes back.

import ExampleSupport
import Telemetry
import Testing

@testable import Auth
@testable import Tweet

@Suite("TWT-02, TWT-08, TWT-16: auth and tweet") struct TwoServicesTests {
    /// The real auth service, on the database of the tweet service.
    private struct RunningAuthService {
        let application: TracedApplication
        let spans: InMemorySpanExporter
        let logs: InMemoryLogExporter

        /// Registers a user, and returns its token.
        func register(_ name: String) async throws -> String {
            var request = ServiceRequest(method: "POST", target: "/auth/register")
            request.body = Array(#"{"name":"\#(name)","email":"\#(name)@example.org","password":"correct horse"}"#.utf8)
            let answer = await application.respond(to: request)
            #expect(answer.status == 201, "\(answer.text)")
            return try #require(JSONValue(parsing: answer.body)["token"]?.stringValue)
        }
    }

    /// Runs a closure with the application of auth, which listens nowhere yet, and the URL of the database.
    private func withAuth(on kind: DatabaseKind, _ body: (RunningAuthService, String) async throws -> Void) async throws {
        try await TestDatabase.withURL(kind) { url in
            let environment = ServiceEnvironment([
                "JWT_SECRET": "0123456789abcdef0123456789abcdef", "RATE_LIMIT": "0", "DATABASE_URL": url, "DATABASE_TIMEOUT": "60000",
                "DATABASE_START_TIMEOUT": "60000",
            ])
            let (spans, logs) = (InMemorySpanExporter(), InMemoryLogExporter())
            let telemetry = try TweetHarness.telemetry("auth-service", spans, logs)
            let database = try await Database.open(environment, defaultFile: "", telemetry, migrations: TwitterSchema.migrations)
            let application = try AuthApp.application(
                telemetry, database, try AuthSettings(environment), environment, passwordCost: AuthHarness.leastPasswordCost)
            try await body(RunningAuthService(application: application, spans: spans, logs: logs), url)
            await database.close()
        }
    }

    @Test(arguments: DatabaseKind.available) func postedTweetIsOneTraceOverBothServices(on kind: DatabaseKind) async throws {
        try await withAuth(on: kind) { auth, databaseURL in
            let token = try await auth.register("ada")
            try await ServiceHarness.listening({ await auth.application.respond(to: $0) }) { authURL in
                let variables = ["DATABASE_URL": databaseURL, "LIKE_EXPERIMENT": "0.5"]
                try await TweetHarness.service(authURL: authURL, variables) { tweet in
                    auth.spans.reset()
                    auth.logs.reset()
                    tweet.forget()
                    let answer = try await tweet.send("POST", "/tweet", #"{"text":"hi"}"#, as: nil, headers: ["Authorization": token])
                    #expect(answer.status == 201 && answer.text.hasPrefix(#"{"id":1,"content":"hi","published":false,"authorId":1"#))

                    let call = try #require(tweet.spans("POST /auth/token").first)
                    let server = try #require(auth.spans.finishedSpans.first { $0.kind == .server })
                    #expect(server.name == "POST /auth/token" && server.parentSpanID == call.spanID && server.hasRemoteParent)
                    #expect(Set((tweet.spans() + auth.spans.finishedSpans).map(\.traceID)).count == 1)

                    // The variant of the user, which the token names, is on the spans and records of both services.
                    let variant = AttributeValue.string(LikeExperiment(share: 0.5).variant(of: 1).rawValue)
                    #expect(server.attributes["experiment.like"] == variant)
                    #expect(tweet.spans("POST /tweet").first?.attributes["experiment.like"] == variant)
                    let validated = auth.logs.finishedRecords.first { $0.body == "Token validated" }
                    #expect(validated?.attributes["experiment.like"] == variant && validated?.traceID == call.traceID)
                }
            }
        }
    }

    @Test func forgedTokenIs401() async throws {
        try await withAuth(on: .sqlite) { auth, databaseURL in
            let token = try await auth.register("ada")
            try await ServiceHarness.listening({ await auth.application.respond(to: $0) }) { authURL in
                try await TweetHarness.service(authURL: authURL, ["DATABASE_URL": databaseURL]) { tweet in
                    // Another user in the claims, the same signature; and a token without one.
                    let forged = AuthStub.token(of: 2, signature: String(token.split(separator: ".")[2]))
                    for token in [forged, AuthStub.token(of: 1, signature: ""), "Bearer \(token)", token + "x"] {
                        let answer = try await tweet.send("GET", "/tweet/1", as: nil, headers: ["Authorization": token])
                        #expect(answer.status == 401 && answer.text == #"{"error":"Invalid token"}"#)
                    }
                }
            }
        }
    }

    @Test func requestsFailAtOnceWhileAuthIsAwayAndSucceedAfterwards() async throws {
        try await withAuth(on: .sqlite) { auth, databaseURL in
            let token = try await auth.register("ada")
            let respond: Handler = { await auth.application.respond(to: $0) }
            let port = try #require(ScriptedServer.freePort())
            let first = try ServiceListener.start(host: "127.0.0.1", port: port, options: .patient, respond)
            try await TweetHarness.service(authURL: "http://127.0.0.1:\(port)", ["DATABASE_URL": databaseURL]) { tweet in
                func post() async throws -> Int {
                    try await tweet.send("POST", "/tweet", #"{"text":"hi"}"#, as: nil, headers: ["Authorization": token]).status
                }
                #expect(try await post() == 201)
                await first.stop(within: .zero)
                #expect(try await post() == 503)
                let second = try ServiceListener.start(host: "127.0.0.1", port: port, options: .patient, respond)
                #expect(try await post() == 201)
                await second.stop(within: .seconds(2))
            }
        }
    }
}
