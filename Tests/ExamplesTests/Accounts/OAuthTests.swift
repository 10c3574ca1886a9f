// POC-52: logins by other services, with a provider on loopback.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

struct OAuthTests {
    /// Runs a closure while a provider answers that knows the code `good`.
    ///
    /// - Parameter seen: is called with each request to the provider.
    private func provider(
        _ profile: JSONValue, addresses: JSONValue = [], seen: @escaping @Sendable (ServiceRequest) -> Void = { _ in },
        _ body: ([String: String]) async throws -> Void
    ) async throws {
        try await ServiceHarness.listening({ request in
            seen(request)
            let isKnown = request.headers["Authorization"] == "Bearer provider-token"
            switch request.path {
            case "/token":
                let form = Dictionary(ServiceRequest.pairs(of: request.text[...]).map { ($0.name, $0.value) }) { $1 }
                let isRight =
                    form["code"] == "good" && form["client_secret"] == "s&cret" && form["redirect_uri"]?.hasSuffix("/callback") == true
                return isRight ? .json(["access_token": "provider-token"]) : .json(["error": "invalid_grant"], status: 400)
            case "/user" where isKnown: return .json(profile)
            case "/user/emails" where isKnown: return .json(addresses)
            default: return ServiceResponse(status: 401)
            }
        }) { url in
            var variables: [String: String] = ["FRONTEND_URL": "http://frontend.test/"]
            for name in ["GOOGLE", "GITHUB"] {
                variables["\(name)_CLIENT_ID"] = "client"
                variables["\(name)_CLIENT_SECRET"] = "s&cret"
                variables["\(name)_AUTHORIZE_URL"] = url + "/authorize"
                variables["\(name)_TOKEN_URL"] = url + "/token"
                variables["\(name)_PROFILE_URL"] = url + "/user"
            }
            try await body(variables)
        }
    }

    /// Goes to the provider and comes back with that code; returns the answer to the way back.
    private func logIn(_ accounts: RunningNestService, _ name: String, code: String = "good") async throws -> ServiceResponse {
        let away = try await accounts.send("GET", "/auth/\(name)")
        #expect(away.status == 302)
        let location = try #require(away.headers["Location"])
        let state = try #require(location.split(separator: "state=").last)
        let cookie = try #require(away.headers["Set-Cookie"])
        #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"))
        return try await accounts.send(
            "GET", "/auth/\(name)/callback?code=\(code)&state=\(state)", headers: ["Cookie": "a=b; \(cookie.prefix { $0 != ";" })"])
    }

    @Test("POC-52: a user of a provider with a verified address gets a session", arguments: ["google", "github"])
    func verifiedUserGetsASession(name: String) async throws {
        let profile: JSONValue = [
            "email": "Ada@example.com", "email_verified": true, "given_name": "Ada", "family_name": "Lovelace", "login": "ada",
        ]
        let addresses: JSONValue = [
            ["email": "old@example.com", "primary": false, "verified": true],
            ["email": "ada@example.com", "primary": true, "verified": true],
        ]
        try await provider(profile, addresses: addresses) { variables in
            try await AccountsHarness.accounts(variables) { accounts in
                var users: [JSONValue] = []
                for _ in 1...2 {
                    let back = try await logIn(accounts, name)
                    #expect(back.status == 302, "\(back.text)")
                    let location = try #require(back.headers["Location"])
                    #expect(location.hasPrefix("http://frontend.test/auth/callback?token="))
                    let token = String(try #require(location.split(separator: "token=").last))
                    let answer = try await accounts.send("GET", "/auth/profile", token: token)
                    #expect(answer.status == 200)
                    users.append(try JSONValue(parsing: answer.body)["id"] ?? .null)
                }
                #expect(users[0] == users[1], "The second login finds the user of the first.")
                #expect(try await accounts.metric("auth_attempts_total", ["type": name, "status": "success"]) == 2)
                let login = try await accounts.send("POST", "/auth/login", ["email": "ada@example.com", "password": "guess"])
                #expect(login.status == 401, "There is no password.")
            }
        }
    }

    @Test("POC-52: a login of another browser, a wrong code, an unverified and a local user's address are refused")
    func doubtfulLoginsAreRefused() async throws {
        try await provider(["email": "ada@example.com", "email_verified": true]) { variables in
            try await AccountsHarness.accounts(variables) { accounts in
                for query in ["", "?code=good", "?code=good&state=1", "?code=good&state=\(UUID())"] {
                    #expect(try await accounts.send("GET", "/auth/google/callback\(query)").status == 401)
                }
                #expect(try await logIn(accounts, "google", code: "bad").status == 401)
                #expect(try await logIn(accounts, "github").status == 403, "It lists no verified address.")
                _ = try await accounts.register("ada@example.com")
                #expect(try await logIn(accounts, "google").status == 409)
            }
        }
        try await provider(["email": "ada@example.com", "email_verified": false]) { variables in
            try await AccountsHarness.accounts(variables) { (accounts) async throws in
                #expect(try await logIn(accounts, "google").status == 403)
            }
        }
        await #expect(throws: StartFailure.self) {
            let wrong = ["GITHUB_CLIENT_ID": "a", "GITHUB_CLIENT_SECRET": "b", "GITHUB_TOKEN_URL": "github.com"]
            try await AccountsHarness.accounts(wrong) { _ in }
        }
    }

    @Test("POC-52: a provider gets neither trace context nor baggage, and its calls are client spans all the same")
    func providerGetsNoContext() async throws {
        let requests = Requests()
        let profile: JSONValue = ["login": "ada"]
        let addresses: JSONValue = [["email": "ada@example.com", "primary": true, "verified": true]]
        try await provider(profile, addresses: addresses, seen: { requests.add($0) }) { variables in
            try await AccountsHarness.accounts(variables) { (accounts) async throws in
                #expect(try await logIn(accounts, "github").status == 302)
                #expect(requests.all.map(\.path) == ["/token", "/user", "/user/emails"])
                for request in requests.all {
                    for name in ["traceparent", "tracestate", "baggage"] { #expect(request.headers[name] == nil, "\(request.path)") }
                }
                let calls = accounts.spans.finishedSpans.filter { $0.kind == .client && $0.attributes["http.request.method"] != nil }
                #expect(calls.count == 3)
            }
        }
    }

    /// By a provider, since each password would be hashed.
    @Test(
        "POC-52: a user has a hundred sessions, and the oldest ends in the database and in Redis",
        .enabled(if: RedisServer.program != nil, "redis-server is installed"))
    func oldestSessionEnds() async throws {
        let folder = try TemporaryDirectory()
        let server = try RedisServer(folder: folder.path)
        let redis = ["REDIS_URL": "redis://:\(RedisServer.password)@127.0.0.1:\(server.port)", "REDIS_TIMEOUT": "60000"]
        try await provider(["email": "ada@example.com", "email_verified": true]) { variables in
            try await AccountsHarness.accounts(variables.merging(redis) { $1 }) { accounts in
                let other = try await accounts.token(of: "b@example.com")
                var tokens: [String] = []
                for _ in 1...101 {
                    let location = try await logIn(accounts, "google").headers["Location"] ?? ""
                    tokens.append(String(try #require(location.split(separator: "token=").last)))
                    if tokens.count == 100 { #expect(try await accounts.send("GET", "/auth/profile", token: tokens[0]).status == 200) }
                }
                #expect(try await accounts.send("GET", "/auth/profile", token: tokens[0]).status == 401)
                for token in [tokens[1], tokens[100], other] {
                    #expect(try await accounts.send("GET", "/auth/profile", token: token).status == 200)
                }
                #expect(try await eventually { try await accounts.metric("active_sessions_total") == 101 })
            }
        }
        withExtendedLifetime(server) {}
    }

    /// The requests that a provider has got.
    private final class Requests: Sendable {
        private let state = Mutex<[ServiceRequest]>([])

        var all: [ServiceRequest] { state.withLock { $0 } }

        func add(_ request: ServiceRequest) { state.withLock { $0.append(request) } }
    }
}
