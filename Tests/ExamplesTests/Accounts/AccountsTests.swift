// POC-52: the accounts service by its contract, and what was mended in it.

import ExampleSupport
import Telemetry
import Testing

@testable import Accounts

struct AccountsTests {
    @Test("POC-52: registration and login answer with a user and tokens", arguments: DatabaseKind.available)
    func registrationAndLogin(kind: DatabaseKind) async throws {
        try await AccountsHarness.accounts(on: kind) { accounts in
            let json = try await accounts.register("Ada@Example.com")
            guard case .object(let user)? = json["user"] else { throw ShapeError.noUser }
            #expect(user.members.map(\.key) == ["id", "email", "firstName", "lastName", "avatar"])
            #expect(user["email"] == "ada@example.com" && user["avatar"] == .null)
            let token = try #require(json["accessToken"]?.stringValue)
            let part = try #require(token.split(separator: ".").dropFirst().first)
            let claims = try JSONValue(parsing: try #require(Base64URL.decode(part)))
            #expect(claims["sub"] == user["id"] && claims["email"] == "ada@example.com" && claims["sessionId"] != nil)
            #expect(try #require(claims["exp"]?.integerValue) - #require(claims["iat"]?.integerValue) == 3600)

            let login = try await accounts.send("POST", "/auth/login", ["email": "ada@example.com", "password": "secret"])
            let same = try JSONValue(parsing: login.body)["user"]
            #expect(login.status == 201 && same == .object(user))
            for (email, password) in [("ada@example.com", "Secret"), ("eve@example.com", "secret")] {
                let refused = try await accounts.send("POST", "/auth/login", ["email": .string(email), "password": .string(password)])
                #expect(refused.status == 401)
                #expect(refused.text == #"{"message":"Invalid credentials","error":"Unauthorized","statusCode":401}"#)
            }
            let profile = try await accounts.send("GET", "/auth/profile", token: token)
            #expect(profile.status == 200)
            let expected: JSONValue = ["id": user["id"] ?? .null, "email": "ada@example.com", "sessionId": claims["sessionId"] ?? .null]
            #expect(try JSONValue(parsing: profile.body) == expected)
        }
    }

    @Test("POC-52: a taken address is refused, and each attempt counts once")
    func attemptsCountOnce() async throws {
        try await AccountsHarness.accounts { accounts in
            _ = try await accounts.register("a@example.com")
            let taken = try await accounts.send(
                "POST", "/auth/register", ["email": "A@example.com", "password": "another", "firstName": "A", "lastName": "B"])
            #expect(taken.status == 409 && taken.text == #"{"message":"User already exists","error":"Conflict","statusCode":409}"#)
            _ = try await accounts.send("POST", "/auth/login", ["email": "a@example.com", "password": "secret"])
            for _ in 1...2 { _ = try await accounts.send("POST", "/auth/login", ["email": "a@example.com", "password": "wrong"]) }
            for (type, status, count) in [
                ("register", "success", 1.0), ("register", "failure", 1), ("login", "success", 1), ("login", "failure", 2),
            ] { #expect(try await accounts.metric("auth_attempts_total", ["type": type, "status": status]) == count, "\(type) \(status)") }
            #expect(try await eventually { try await accounts.metric("active_sessions_total") == 2 })
        }
    }

    @Test("POC-52: wrong bodies are refused with all that is wrong with them")
    func bodiesAreChecked() async throws {
        try await AccountsHarness.accounts { accounts in
            let answer = try await accounts.send(
                "POST", "/auth/register", ["email": "ada", "password": "short", "lastName": 7, "role": "admin"])
            #expect(answer.status == 400)
            let messages = try JSONValue(parsing: answer.body)["message"]?.arrayValue?.compactMap(\.stringValue) ?? []
            for message in [
                "property role should not exist", "email must be an email", "password must be longer than or equal to 6 characters",
                "firstName should not be empty", "lastName must be a string",
            ] { #expect(messages.contains(message), "\(messages)") }
            let long = String(repeating: "x", count: 73)
            for password in [long, "with\0nul"] {
                let refused = try await accounts.send(
                    "POST", "/auth/register", ["email": "a@b.c", "password": .string(password), "firstName": "A", "lastName": "B"])
                #expect(refused.status == 400)
            }
            for text in ["[]", "{", "\"x\""] {
                let refused = try await SocketTransport(timeout: ServiceHarness.patience).send(
                    "POST", accounts.url + "/api/v1/auth/login", headers: ["Content-Type": "application/json"], body: Array(text.utf8))
                #expect(refused.status == 400)
            }
            #expect(
                try await accounts.send("GET", "/auth/login").text
                    == #"{"message":"Cannot GET /api/v1/auth/login","error":"Not Found","statusCode":404}"#)
        }
    }

    @Test("POC-52: a refresh token gives new tokens, once", arguments: DatabaseKind.available)
    func refreshWorksOnce(kind: DatabaseKind) async throws {
        let clock = ManualClock()
        try await AccountsHarness.accounts(on: kind, clock: .manual(clock)) { accounts in
            let first = try await accounts.register("a@example.com")
            clock.advance(by: .seconds(7200))
            let old = try #require(first["accessToken"]?.stringValue)
            #expect(try await accounts.send("GET", "/auth/profile", token: old).status == 401, "It has ended after an hour.")
            let refresh: JSONValue = ["refreshToken": first["refreshToken"] ?? .null]
            let answer = try await accounts.send("POST", "/auth/refresh", refresh)
            let renewed = try JSONValue(parsing: answer.body)
            #expect(answer.status == 200 && renewed["refreshToken"] != first["refreshToken"])
            let token = try #require(renewed["accessToken"]?.stringValue)
            #expect(try await accounts.send("GET", "/auth/profile", token: token).status == 200)
            for wrong in [refresh, ["refreshToken": "guess"]] {
                #expect(try await accounts.send("POST", "/auth/refresh", wrong).status == 401)
            }
            clock.advance(by: .seconds(86_401))
            #expect(try await accounts.send("POST", "/auth/refresh", ["refreshToken": renewed["refreshToken"] ?? .null]).status == 401)
        }
    }

    @Test("POC-52: a session that was ended is ended for its access and refresh tokens")
    func logoutEndsTheSession() async throws {
        try await AccountsHarness.accounts { accounts in
            let json = try await accounts.register("a@example.com")
            let token = try #require(json["accessToken"]?.stringValue)
            let answer = try await accounts.send("POST", "/auth/logout", token: token)
            #expect(answer.status == 200 && answer.text == #"{"message":"Logged out successfully"}"#)
            let refused = try await accounts.send("GET", "/auth/profile", token: token)
            #expect(refused.status == 401 && refused.text == #"{"message":"Unauthorized","statusCode":401}"#)
            #expect(try await accounts.send("POST", "/auth/refresh", ["refreshToken": json["refreshToken"] ?? .null]).status == 401)
            for wrong in [nil, "nonsense", token + "x"] {
                #expect(try await accounts.send("POST", "/auth/logout", token: wrong).status == 401)
            }
        }
    }

    @Test(
        "POC-52: sessions are in Redis, and in the database while it is away",
        .enabled(if: RedisServer.program != nil, "redis-server is installed"))
    func sessionsAreInRedis() async throws {
        let folder = try TemporaryDirectory()
        let server = try RedisServer(folder: folder.path)
        let redis = ["REDIS_URL": "redis://:\(RedisServer.password)@127.0.0.1:\(server.port)", "REDIS_TIMEOUT": "60000"]
        try await AccountsHarness.accounts(redis) { accounts in
            let token = try await accounts.token(of: "a@example.com")
            accounts.spans.reset()
            #expect(try await accounts.send("GET", "/auth/profile", token: token).status == 200)
            let spans = accounts.spans.finishedSpans.filter { $0.kind == .client }
            #expect(spans.count == 1 && spans.first?.name.hasPrefix("GET ") == true, "No statement is needed.")
            #expect(spans.first?.attributes["db.query.text"] == "GET ?")
            let other = try await accounts.token(of: "b@example.com")
            #expect(try await accounts.send("POST", "/auth/logout", token: other).status == 200)
            #expect(try await accounts.send("GET", "/auth/profile", token: other).status == 401)
            try server.kill()
            #expect(try await accounts.send("GET", "/auth/profile", token: token).status == 200)
            #expect(accounts.logs.finishedRecords.contains { $0.body?.stringValue == "a session was not looked for in Redis" })
            let logout = try await accounts.send("POST", "/auth/logout", token: token)
            #expect(logout.status == 503, "Redis would take the session for open when it is back.")
        }
    }

    @Test("POC-52: health and metrics are there with and without the prefix; what is not built says so")
    func otherRoutes() async throws {
        try await AccountsHarness.accounts(["GITHUB_CLIENT_ID": "id"]) { accounts in
            let transport = SocketTransport(timeout: ServiceHarness.patience)
            for path in ["/health", "/api/v1/health"] {
                let health = try JSONValue(parsing: try await transport.send("GET", accounts.url + path, headers: [:], body: []).body)
                #expect(health["status"] == "ok" && health["service"] == "app-auth" && health["version"] == "1.0.0")
            }
            for path in ["/metrics", "/api/v1/metrics"] {
                let page = try await transport.send("GET", accounts.url + path, headers: [:], body: []).text
                #expect(page.contains("http_requests_total{") || page.contains("active_connections"))
            }
            let google = try await accounts.send("GET", "/auth/google")
            #expect(google.status == 501 && google.text.contains("GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET must be set"))
            #expect(try await accounts.send("GET", "/auth/github/callback?code=1").status == 501)
            #expect(try await accounts.send("GET", "/auth/verify?token=x").text.contains("not implemented yet"))
        }
        await #expect(throws: StartFailure.self) { try await AccountsHarness.accounts(["JWT_SECRET": "short"]) { _ in } }
    }

    private enum ShapeError: Error { case noUser }
}
