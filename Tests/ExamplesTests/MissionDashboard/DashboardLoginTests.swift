// The login of the dashboard, before a provider that follows a script.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

@testable import MissionDashboard

@Suite("APO-12: login") struct DashboardLoginTests {
    /// A provider whose answers a test changes.
    private final class Provider: Sendable {
        struct Script: Sendable {
            var keys: OpenIDTestKeys
            var keyName = "a"
            var claims: [String: JSONValue?] = [:]
            var tokenStatus = 200
            var isDown = false
            var discoveredIssuer: String?
        }

        let script: Mutex<Script>
        let discoveries = Atomic(0)
        private let issuer = Mutex("")
        private let state = Mutex<(challenges: [String: (challenge: String, nonce: String)], keyFetches: Int, forms: [[String: String]])>(
            ([:], 0, []))

        init() throws { script = Mutex(Script(keys: try OpenIDTestKeys("a"))) }

        var url: String {
            get { issuer.withLock { $0 } }
            set { issuer.withLock { $0 = newValue } }
        }
        var keyFetches: Int { state.withLock { $0.keyFetches } }
        var forms: [[String: String]] { state.withLock { $0.forms } }

        func change(_ change: (inout Script) -> Void) { script.withLock { change(&$0) } }

        /// Logs a user in, as the page of the provider would; returns the code.
        func authorize(_ query: [String: String]) -> String {
            let code = "code-\(state.withLock { $0.challenges.count })"
            state.withLock { $0.challenges[code] = (query["code_challenge"] ?? "", query["nonce"] ?? "") }
            return code
        }

        func answer(_ request: ServiceRequest) -> ServiceResponse {
            let script = script.withLock { $0 }
            if request.path == "/.well-known/openid-configuration" { discoveries.add(1, ordering: .relaxed) }
            guard !script.isDown else { return ServiceResponse(status: 502) }
            switch request.path {
            case "/.well-known/openid-configuration":
                return .json([
                    "issuer": .string(script.discoveredIssuer ?? url), "authorization_endpoint": .string("\(url)/authorize"),
                    "token_endpoint": .string("\(url)/token"), "jwks_uri": .string("\(url)/keys"),
                    "end_session_endpoint": .string("\(url)/end"),
                ])
            case "/keys":
                state.withLock { $0.keyFetches += 1 }
                return .json(["keys": .array(script.keys.members)])
            case "/token": return token(request, script)
            default: return ServiceResponse(status: 404)
            }
        }

        private func token(_ request: ServiceRequest, _ script: Script) -> ServiceResponse {
            var form = Dictionary(ServiceRequest.pairs(of: request.text[...]).map { ($0.name, $0.value) }) { $1 }
            form["authorization"] = request.headers["Authorization"]
            let (code, verifier) = (form["code"] ?? "", form["code_verifier"] ?? "")
            let known = state.withLock { state in
                state.forms.append(form)
                return state.challenges.removeValue(forKey: code)
            }
            guard script.tokenStatus == 200, let known, let library = try? LibCrypto(),
                Base64URL.encode(library.sha256(of: Array(verifier.utf8))) == known.challenge
            else { return .json(["error": "invalid_grant"], status: script.tokenStatus == 200 ? 400 : script.tokenStatus) }
            var claims: [String: JSONValue] = [
                "iss": .string(url), "sub": "user-7", "aud": "dash board", "exp": 1_753_042_960, "iat": 1_753_042_660,
                "nonce": .string(known.nonce), "name": "Ada <Lovelace>",
            ]
            for (key, value) in script.claims { claims[key] = value }
            let object = JSONValue.object(JSONObject(claims.map { JSONObject.Member(key: $0.key, value: $0.value) }))
            let signed = try? script.keys.token(object, header: ["alg": "RS256", "kid": .string("\(script.keyName)-rsa")])
            return .json(["access_token": "x", "token_type": "Bearer", "id_token": .string(signed ?? "")])
        }
    }

    /// A browser as far as it matters here: one cookie jar.
    private final class Browser: Sendable {
        private let url: String
        private let cookies = Mutex<[String: String]>([:])

        init(_ url: String) { self.url = url }

        var cookieNames: Set<String> { cookies.withLock { Set($0.keys) } }

        func send(_ method: String, _ target: String, headers: HTTPHeaders = ["Accept": "text/html"]) async throws -> ServiceResponse {
            var headers = headers
            let kept = cookies.withLock { $0 }
            if !kept.isEmpty { headers["Cookie"] = kept.map { "\($0.key)=\($0.value)" }.joined(separator: "; ") }
            let answer = try await SocketTransport(timeout: ServiceHarness.patience).send(method, url + target, headers: headers, body: [])
            for line in answer.headers.values(named: "Set-Cookie") {
                let pair = line.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                #expect(line.contains("; Path=/;") && line.contains("; HttpOnly; SameSite=Lax"))
                cookies.withLock { $0[pair[0]] = line.contains("Max-Age=0;") ? nil : pair[1] }
            }
            return answer
        }
    }

    private struct Rig {
        let provider: Provider
        let url: String
        let clock: MissionClock
        let logs: InMemoryLogExporter
        let spans: InMemorySpanExporter

        /// Begins a login; returns the provider's page with its fields.
        func begin(_ browser: Browser, at target: String = "/") async throws -> [String: String] {
            let answer = try await browser.send("GET", target)
            #expect(answer.status == 303)
            let location = try #require(answer.headers["Location"])
            #expect(location.hasPrefix("\(provider.url)/authorize?"))
            return Dictionary(ServiceRequest.pairs(of: location.drop { $0 != "?" }.dropFirst()).map { ($0.name, $0.value) }) { $1 }
        }

        /// Begins a login and comes back with a code; returns the dashboard's answer.
        func login(_ browser: Browser, at target: String = "/") async throws -> ServiceResponse {
            let query = try await begin(browser, at: target)
            let code = provider.authorize(query)
            return try await browser.send("GET", "/login/callback?code=\(code)&state=\(query["state"] ?? "")")
        }
    }

    private func rig(_ changes: [String: String] = [:], _ body: (Rig) async throws -> Void) async throws {
        let provider = try Provider()
        try await ServiceHarness.listening({ provider.answer($0) }) { issuer in
            provider.url = issuer
            let variables = [
                "OIDC_ISSUER": issuer, "OIDC_CLIENT_ID": "dash board", "OIDC_CLIENT_SECRET": "s:ecret",
                "OIDC_REDIRECT_URL": "http://127.0.0.1:3000/login/callback", "OIDC_SESSION_SECRET": String(repeating: "k", count: 32),
                "TELEMETRY_URL": "http://127.0.0.1:1", "TIMELINE_URL": "http://127.0.0.1:1", "COMMAND_DISPATCHER_URL": "http://127.0.0.1:1",
            ].merging(changes) { $1 }
            let (spans, logs, clock) = (InMemorySpanExporter(), InMemoryLogExporter(), MissionClock())
            let transport = SocketTransport(timeout: ServiceHarness.patience)
            let application = try MissionDashboardApp.application(
                ServiceEnvironment(variables), try ServiceHarness.telemetry("mission-dashboard", spans, logs: [logs]), transport: transport,
                providerTransport: transport, clock: clock.telemetry)
            try await ServiceHarness.listening({ await application.respond(to: $0) }) { url in
                try await body(Rig(provider: provider, url: url, clock: clock, logs: logs, spans: spans))
            }
        }
    }

    @Test func userLogsInAndOut() async throws {
        try await rig { rig in
            let browser = Browser(rig.url)
            let query = try await rig.begin(browser, at: "/?view=1")
            #expect(query["response_type"] == "code" && query["client_id"] == "dash board" && query["code_challenge_method"] == "S256")
            #expect(query["redirect_uri"] == "http://127.0.0.1:3000/login/callback" && query["scope"] == "openid profile email")
            #expect(query["state"]?.utf8.count == 43 && query["nonce"]?.utf8.count == 43 && query["code_challenge"]?.utf8.count == 43)
            let code = rig.provider.authorize(query)
            let back = try await browser.send("GET", "/login/callback?code=\(code)&state=\(query["state"] ?? "")")
            #expect(back.status == 303 && back.headers["Location"] == "/?view=1" && browser.cookieNames == ["dashboard-session"])
            let form = try #require(rig.provider.forms.first)
            #expect(form["authorization"] == "Basic " + "ZGFzaCUyMGJvYXJkOnMlM0FlY3JldA==" && form["grant_type"] == "authorization_code")
            let page = try await browser.send("GET", "/")
            #expect(page.status == 200 && page.text.contains("Ada &lt;Lovelace&gt;") && page.text.contains("action=\"/logout\""))
            let out = try await browser.send("POST", "/logout", headers: ["Sec-Fetch-Site": "same-origin"])
            #expect(out.status == 303 && out.headers["Location"] == "/login/ended" && browser.cookieNames.isEmpty)
            let ended = try await browser.send("GET", "/login/ended")
            #expect(
                ended.status == 200 && ended.text.contains("\(rig.provider.url)/end?client_id=dash%20board&amp;post_logout_redirect_uri="))
            #expect(try await browser.send("GET", "/").status == 303)
            let spans = rig.spans.finishedSpans
            #expect(spans.contains { $0.name == "GET /login/callback" && $0.attributes["url.query"] == "REDACTED" })
            #expect(!spans.contains { $0.attributes.contains { "\($0.value)".contains(code) } })
        }
    }

    @Test func nothingIsShownOrDoneWithoutSession() async throws {
        try await rig { rig in
            let browser = Browser(rig.url)
            for (method, path) in [
                ("GET", "/telemetry"), ("GET", "/events"), ("POST", "/command"), ("POST", "/event"), ("GET", "/nowhere"),
            ] {
                #expect(try await browser.send(method, path, headers: [:]).status == 401, "\(path)")
            }
            // What the page asks for is not led to the provider, whose page it could not show.
            let fetched = try await browser.send("GET", "/systems", headers: ["Accept": "text/html", "Sec-Fetch-Mode": "cors"])
            #expect(fetched.status == 401)
            for path in ["/health", "/ready", "/started", "/status", "/static/dashboard.css"] {
                #expect(try await browser.send("GET", path).status == 200, "\(path)")
            }
            // Another site's page cannot log users out.
            let foreign = try await browser.send("POST", "/logout", headers: ["Sec-Fetch-Site": "cross-site"])
            #expect(foreign.status == 403)
        }
    }

    @Test func answersOfOtherLoginsAreRefused() async throws {
        try await rig { rig in
            let (browser, other) = (Browser(rig.url), Browser(rig.url))
            let (query, theirs) = (try await rig.begin(browser), try await rig.begin(other))
            let code = rig.provider.authorize(theirs)
            // With the state of another browser, without a state, and in a browser that has begun nothing.
            for state in ["state=\(theirs["state"] ?? "")", "state=", "x=y"] {
                #expect(try await browser.send("GET", "/login/callback?code=\(code)&\(state)").status == 400)
            }
            #expect(try await Browser(rig.url).send("GET", "/login/callback?code=\(code)&state=\(query["state"] ?? "")").status == 400)
            let state = query["state"] ?? ""
            #expect(try await browser.send("GET", "/login/callback?code=\(code)&state=\(state)&iss=https://evil.example").status == 400)
            // The code of another login fails by its challenge.
            #expect(try await browser.send("GET", "/login/callback?code=\(code)&state=\(state)").status == 403)
            let denied = try await browser.send("GET", "/login/callback?error=%3Cb%3Edenied&state=\(state)")
            #expect(denied.status == 403 && denied.text.contains("&lt;b&gt;denied"))
            #expect(!browser.cookieNames.contains("dashboard-session"))
        }
    }

    @Test(arguments: ["nonce", "aud", "iss", "exp"]) func wrongTokenLogsNobodyIn(_ claim: String) async throws {
        try await rig { rig in
            rig.provider.change { $0.claims = [claim: claim == "exp" ? 1 : "wrong"] }
            let browser = Browser(rig.url)
            let answer = try await rig.login(browser)
            #expect(answer.status == 403)
            #expect(!browser.cookieNames.contains("dashboard-session"))
        }
    }

    @Test func keysAreFetchedAnewWhenTheyChange() async throws {
        try await rig { rig in
            #expect(try await rig.login(Browser(rig.url)).status == 303)
            #expect(try await rig.login(Browser(rig.url)).status == 303)
            #expect(rig.provider.keyFetches == 1)
            let next = try OpenIDTestKeys("b")
            rig.provider.change { ($0.keys, $0.keyName) = (next, "b") }
            // Tokens with unknown keys do not have them fetched again and again.
            #expect(try await rig.login(Browser(rig.url)).status == 403)
            #expect(rig.provider.keyFetches == 1)
            rig.clock.manual.advance(by: .seconds(31))
            #expect(try await rig.login(Browser(rig.url)).status == 303)
            #expect(rig.provider.keyFetches == 2)
        }
    }

    @Test func sessionAndLoginEnd() async throws {
        try await rig(["OIDC_SESSION_MINUTES": "5"]) { rig in
            let browser = Browser(rig.url)
            #expect(try await rig.login(browser).status == 303)
            rig.clock.manual.advance(by: .seconds(299))
            #expect(try await browser.send("GET", "/").status == 200)
            rig.clock.manual.advance(by: .seconds(1))
            #expect(try await browser.send("GET", "/").status == 303)
            let slow = Browser(rig.url)
            let query = try await rig.begin(slow)
            rig.clock.manual.advance(by: .seconds(600))
            #expect(
                try await slow.send("GET", "/login/callback?code=\(rig.provider.authorize(query))&state=\(query["state"] ?? "")").status
                    == 400)
        }
    }

    @Test func cookiesCannotBeMadeOrSwapped() async throws {
        try await rig { rig in
            let tokens = WebTokens(secret: Array(String(repeating: "k", count: 32).utf8), try LibCrypto(), clock: rig.clock.telemetry)
            let others = WebTokens(secret: Array(String(repeating: "x", count: 32).utf8), try LibCrypto(), clock: rig.clock.telemetry)
            func status(_ token: String) async throws -> Int {
                let headers: HTTPHeaders = ["Accept": "text/html", "Cookie": "a=b; dashboard-session=\(token)"]
                return try await SocketTransport(timeout: ServiceHarness.patience).send("GET", rig.url + "/", headers: headers, body: [])
                    .status
            }
            let claims: JSONValue = ["use": "session", "sub": "u", "name": "n", "exp": 1_753_042_760]
            #expect(try await status(tokens.token(saying: claims)) == 200)
            #expect(try await status(others.token(saying: claims)) == 303)
            #expect(try await status(tokens.token(saying: ["use": "login", "sub": "u", "name": "n", "exp": 1_753_042_760])) == 303)
            #expect(try await status("x") == 303)
        }
    }

    @Test func loginsAtOnceAskTheProviderOnce() async throws {
        try await rig { rig in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<16 { group.addTask { try await Browser(rig.url).send("GET", "/").status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses == Array(repeating: 303, count: 16) && rig.provider.discoveries.load(ordering: .relaxed) == 1)
        }
    }

    @Test func providerThatIsAwayIsToldClearly() async throws {
        try await rig { rig in
            rig.provider.change { $0.isDown = true }
            let answer = try await Browser(rig.url).send("GET", "/")
            #expect(
                answer.status == 503 && answer.headers["Retry-After"] == "5"
                    && answer.text.contains("Logging in is not possible at present"))
            rig.provider.change { ($0.isDown, $0.discoveredIssuer) = (false, "https://evil.example") }
            // For as long as `Retry-After` says, the provider is not asked again.
            rig.clock.manual.advance(by: .seconds(4))
            #expect(try await Browser(rig.url).send("GET", "/").status == 503)
            #expect(rig.provider.discoveries.load(ordering: .relaxed) == 1)
            rig.clock.manual.advance(by: .seconds(1))
            #expect(try await Browser(rig.url).send("GET", "/").status == 503)
            #expect(rig.provider.discoveries.load(ordering: .relaxed) == 2)
            rig.clock.manual.advance(by: .seconds(5))
            rig.provider.change { $0.discoveredIssuer = nil }
            let browser = Browser(rig.url)
            #expect(try await rig.login(browser).status == 303)
            rig.provider.change { $0.tokenStatus = 503 }
            #expect(try await rig.login(Browser(rig.url)).status == 503)
            // Whoever has logged in needs no provider.
            #expect(try await browser.send("GET", "/").status == 200)
        }
    }

    @Test(arguments: [
        ("//evil.example/", "/"), ("/\\evil.example", "/"), ("/a?b=c", "/a?b=c"), ("https://evil.example", "/"),
    ])
    func loginReturnsToThisServiceAlone(_ target: String, _ expected: String) {
        #expect((Login.isOwn(target) ? target : "/") == expected)
    }

    @Test func settingsThatCannotBeUsedEndTheStart() throws {
        let good = [
            "OIDC_ISSUER": "https://idp.example", "OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET": "b",
            "OIDC_REDIRECT_URL": "https://dash.example/login/callback", "OIDC_SESSION_SECRET": String(repeating: "k", count: 32),
        ]
        func failure(_ changes: [String: String]) -> String {
            let (spans, environment) = (InMemorySpanExporter(), ServiceEnvironment(good.merging(changes) { $1 }))
            do {
                let telemetry = try ServiceHarness.telemetry("mission-dashboard", spans)
                _ = try MissionDashboardApp.application(environment, telemetry, transport: SocketTransport())
                return "none"
            } catch { return "\(error)" }
        }
        #expect(failure([:]) == "none")
        for (changes, text) in [
            (["OIDC_CLIENT_ID": " ", "OIDC_CLIENT_SECRET": " "], "OIDC_CLIENT_SECRET"), (["OIDC_ISSUER": "http://idp.example"], "https://"),
            (["OIDC_ISSUER": "idp"], "OIDC_ISSUER is \"idp\""), (["OIDC_REDIRECT_URL": "https://dash.example/"], "/login/callback"),
            (["OIDC_REDIRECT_URL": "http://dash.example/login/callback"], "https://"),
            (["OIDC_SESSION_SECRET": "short"], "it must have at least 32"),
            (["OIDC_SCOPES": "profile"], "openid must be one of them"), (["OIDC_SESSION_MINUTES": "0"], "OIDC_SESSION_MINUTES"),
        ] { #expect(failure(changes).contains(text), "\(failure(changes))") }
    }
}
