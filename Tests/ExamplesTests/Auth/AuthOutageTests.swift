// The auth service while its database is away, and its limits. (TWT-01, 11; fix 29.)

import ExampleSupport
import Glibc
import Telemetry
import Testing

@testable import Auth

struct AuthOutageTests {
    @Test(arguments: DatabaseKind.available)
    func missingDatabaseIsAnsweredWith503AndTokensAreStillChecked(kind: DatabaseKind) async throws {
        try await AuthHarness.auth(on: kind) { auth in
            let token = try #require(try JSONValue(parsing: try await auth.register("a@example.com").body)["token"]?.stringValue)
            await auth.database.close()
            for answer in [try await auth.register("b@example.com"), try await auth.logIn("a@example.com")] {
                #expect(answer.status == 503 && answer.text == #"{"error":"database unavailable"}"#)
                #expect(answer.headers["retry-after"] == "1")
            }
            #expect(try await auth.check(token).status == 200)
            let messages = auth.logs.finishedRecords.compactMap { $0.body?.stringValue }
            #expect(messages.contains("Error creating user") && messages.contains("Error logging in user"))
            let servers = auth.spans.finishedSpans.filter { $0.kind == .server && $0.attributes["http.response.status_code"] == 503 }
            #expect(servers.count == 2 && servers.allSatisfy { $0.attributes["error.type"] == "503" })
        }
    }

    @Test func requestsOverTheLimitAreRefusedUntilTheWindowEnds() async throws {
        let clock = ManualClock()
        try await AuthHarness.auth(["RATE_LIMIT": "100"], clock: .manual(clock)) { auth in
            for sent in 1...100 {
                let answer = try await auth.check("nonsense")
                #expect(answer.status == 400 && answer.headers["ratelimit-remaining"] == String(100 - sent))
            }
            let refused = try await auth.check("nonsense")
            #expect(refused.status == 429 && refused.text == "Too many requests, please try again later.")
            #expect(refused.headers["retry-after"] == "800" && refused.headers["ratelimit-reset"] == "800")
            #expect(try await auth.metric("auth_service_token_total_counter") == 100)
            #expect(try await auth.send("GET", "/status").status == 200)
            clock.advance(by: .seconds(800))
            #expect(try await auth.check("nonsense").status == 400)
        }
    }

    @Test func lineBreakAtTheEndOfTheSecretIsLeftOut() throws {
        let plain = try AuthSettings(ServiceEnvironment(["JWT_SECRET": AuthHarness.secret]))
        #expect(plain.secret == Array(AuthHarness.secret.utf8) && !plain.hadLineBreak)
        for ending in ["\n", "\r\n", "\n\n"] {
            let settings = try AuthSettings(ServiceEnvironment(["JWT_SECRET": AuthHarness.secret + ending]))
            #expect(settings.secret == plain.secret && settings.hadLineBreak)
        }
        #expect(try AuthSettings(ServiceEnvironment(["JWT_SECRET": AuthHarness.secret + " "])).secret.count == 33)
    }

    @Test(arguments: [nil, "", "\n", "secret", "0123456789abcdef0123456789abcde\n"])
    func missingOrShortSecretIsAStartFailure(secret: String?) {
        let failure = #expect(throws: StartFailure.self) {
            try AuthSettings(ServiceEnvironment(secret.map { ["JWT_SECRET": $0] } ?? [:]))
        }
        #expect(failure?.description.contains("JWT_SECRET") == true && failure?.kind == .configuration)
    }
}

// This suite starts one process at a time.
extension ServiceProcessTests {
    @Test func authProcessListensOnNodeLocalPortAndWarnsOfLineBreak() async throws {
        try await TestDatabase.withURL(.sqlite) { url in
            let variables = [
                "JWT_SECRET": AuthHarness.secret + "\n", "DATABASE_URL": url, "LOG_FILE": "off", "PORT": "", "NODE_LOCAL_PORT": "0",
                "STOP_TIMEOUT": "2000",
            ]
            let auth = try ChildProcess("Auth", environment: ChildProcess.environment.merging(variables) { $1 })
            let start = await auth.output(until: "listening on port")
            #expect(start.contains("JWT_SECRET ends with a line break, which is left out"))
            let address = "http://127.0.0.1:\(try #require(start.split(separator: "listening on port ").last).prefix { $0.isNumber })"
            let client = SocketTransport(timeout: ServiceHarness.patience)
            let body = #"{"name":"Ada","email":"a@example.com","password":"secret"}"#
            #expect(try await client.send("POST", address + "/auth/register", headers: [:], body: Array(body.utf8)).status == 201)
            let large = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20)
            for path in ["/auth/register", "/auth/login", "/auth/token"] {
                #expect(try await client.send("POST", address + path, headers: [:], body: large).status == 413)
            }
            // Spans have no receiver; what the SDK says about that is no log line.
            let output = await auth.output(until: "User created")
            kill(auth.identifier, SIGTERM)
            #expect(await auth.exitStatus() == 0)
            let lines = try output.split(separator: "\n").filter { $0.hasPrefix("{") }.map { try JSONValue(parsing: $0) }
            let created = try #require(lines.first { $0["message"] == "User created" })
            #expect(created["level"] == "info" && created["service"] == "auth-service" && created["request_ip"] == "127.0.0.1")
            #expect(UUID(created["request_id"]?.stringValue ?? "") != nil && created["trace_id"] != nil && created["span_id"] != nil)
            #expect(created["timestamp"]?.stringValue?.hasSuffix("Z") == true)
        }
    }
}
