// The contract of the auth service over sockets: answers, metrics, log lines and spans. (TWT-01, 05, 07, 09.)

import Telemetry
import Testing

@testable import Auth
@testable import ExampleSupport

struct AuthContractTests {
    /// Returns the claims of a token, unchecked.
    private func claims(_ answer: ServiceResponse) throws -> JSONValue {
        let token = try #require(try JSONValue(parsing: answer.body)["token"]?.stringValue)
        let part = try #require(token.split(separator: ".").dropFirst().first)
        return try JSONValue(parsing: try #require(Base64URL.decode(part)))
    }

    @Test(arguments: DatabaseKind.available)
    func registrationReturnsUserAndToken(kind: DatabaseKind) async throws {
        try await AuthHarness.auth(on: kind) { auth in
            let answer = try await auth.register("ada@example.com", name: "Ada Lövelace 🎺")
            #expect(answer.status == 201)
            #expect(answer.headers["content-type"] == "application/json; charset=utf-8")
            let json = try JSONValue(parsing: answer.body)
            #expect(json["data"]?.description == #"{"id":1,"email":"ada@example.com","name":"Ada Lövelace 🎺"}"#)
            let claims = try claims(answer)
            #expect(claims["id"] == 1)
            let (issued, expiry) = (try #require(claims["iat"]?.integerValue), try #require(claims["exp"]?.integerValue))
            #expect(expiry - issued == 30 * 86_400)
            #expect(!answer.text.contains("$2b$") && !answer.text.contains("secret"))
        }
    }

    @Test(arguments: DatabaseKind.available)
    func loginReturnsSameUser(kind: DatabaseKind) async throws {
        try await AuthHarness.auth(on: kind) { auth in
            _ = try await auth.register("a@example.com")
            _ = try await auth.register("b@example.com", name: "Bea")
            let answer = try await auth.logIn("b@example.com")
            #expect(answer.status == 200)
            #expect(try JSONValue(parsing: answer.body)["data"]?.description == #"{"id":2,"email":"b@example.com","name":"Bea"}"#)
            #expect(try claims(answer)["id"] == 2)
        }
    }

    @Test func issuedTokenIsAnsweredWithItsClaims() async throws {
        try await AuthHarness.auth { auth in
            let registered = try await auth.register("a@example.com")
            let token = try #require(try JSONValue(parsing: registered.body)["token"]?.stringValue)
            let answer = try await auth.check(token)
            #expect(answer.status == 200)
            #expect(try answer.text == claims(registered).description)
            #expect(try await auth.send("POST", "/auth/token").text == #"{"error":"Token is required"}"#)
            #expect(try await auth.check("Bearer \(token)").text == #"{"error":"invalid token"}"#)
            #expect(try await auth.check("nonsense").status == 400)
        }
    }

    @Test(arguments: DatabaseKind.available)
    func wrongPasswordAndUnknownUserHaveSameAnswer(kind: DatabaseKind) async throws {
        try await AuthHarness.auth(on: kind) { auth in
            _ = try await auth.register("a@example.com")
            for (email, password) in [("a@example.com", "Secret"), ("b@example.com", "secret"), ("A@example.com", "secret")] {
                let answer = try await auth.logIn(email, password: password)
                #expect(answer.status == 400 && answer.text == #"{"error":"Invalid email or password"}"#)
            }
        }
    }

    @Test(arguments: DatabaseKind.available)
    func takenAddressIsRefused(kind: DatabaseKind) async throws {
        try await AuthHarness.auth(on: kind) { auth in
            #expect(try await auth.register("a@example.com").status == 201)
            let answer = try await auth.register("a@example.com", password: "another")
            #expect(answer.status == 400 && answer.text == #"{"error":"User already exists"}"#)
            #expect(try await auth.logIn("a@example.com").status == 200)
        }
    }

    @Test func formBodyIsReadLikeJSON() async throws {
        try await AuthHarness.auth { auth in
            let headers: HTTPHeaders = ["Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"]
            let body = "name=Ada+L%C3%B6we&email=a%2Bb%40example.com&password=a%26b"
            let answer = try await auth.send("POST", "/auth/register", body, headers: headers)
            #expect(answer.status == 201)
            #expect(try JSONValue(parsing: answer.body)["data"]?.description == #"{"id":1,"email":"a+b@example.com","name":"Ada Löwe"}"#)
            #expect(try await auth.logIn("a+b@example.com", password: "a&b").status == 200)
        }
    }

    @Test func countersHaveDocumentedNames() async throws {
        try await AuthHarness.auth { auth in
            #expect(try await auth.metric("auth_service_token_success_counter") == 0)
            let token = try #require(try JSONValue(parsing: try await auth.register("a@example.com").body)["token"]?.stringValue)
            _ = try await auth.register("a@example.com")
            for password in ["secret", "wrong", "secret"] { _ = try await auth.logIn("a@example.com", password: password) }
            for text in [token, "nonsense", token, token] { _ = try await auth.check(text) }
            let network = ["ip": "127.0.0.0/24"]
            let expected: [(String, [String: String], Double)] = [
                ("auth_service_counter", ["method": "POST", "path": "/register", "ip": "127.0.0.0/24"], 2),
                ("auth_service_counter", ["method": "POST", "path": "/login"], 3),
                ("auth_service_counter", ["method": "POST", "path": "/token"], 4),
                ("auth_service_register_total_counter", [:], 2), ("auth_service_register_success_counter", [:], 1),
                ("auth_service_login_total_counter", network, 3), ("auth_service_login_success_counter", network, 2),
                ("auth_service_token_total_counter", [:], 4), ("auth_service_token_success_counter", [:], 3),
                ("http_server_request_duration_seconds_count", ["http_route": "/auth/login", "http_response_status_code": "200"], 2),
            ]
            for (name, labels, value) in expected { #expect(try await auth.metric(name, labels) == value, "\(name) \(labels)") }
            let page = try await auth.send("GET", "/metrics").text
            #expect(page.contains("# TYPE auth_service_counter counter\n"))
            #expect(page.contains("# HELP auth_service_counter auth_service_counter\n"))
        }
    }

    @Test(arguments: [
        ("192.0.2.77", "192.0.2.0/24"), ("::ffff:192.0.2.77", "192.0.2.0/24"), ("2001:db8:7:1:2:3:4:5", "2001:db8:7::/48"),
        ("2001:db8::1", "2001:db8::/48"), ("::1", "::/48"), ("fe80::1%eth0", "fe80::/48"),
        ("a.b", "a.b::/48"), ("", "::/48"),
    ])
    func addressIsCountedByNetwork(address: String, network: String) {
        #expect(address.network == network)
    }

    @Test(arguments: DatabaseKind.available)
    func registrationIsOneTraceWithHashAndStatements(kind: DatabaseKind) async throws {
        try await AuthHarness.auth(on: kind) { auth in
            let caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            let body = #"{"name":"Ada","email":"a@example.com","password":"secret"}"#
            #expect(try await auth.send("POST", "/auth/register", body, headers: ["traceparent": caller]).status == 201)
            let spans = auth.spans.finishedSpans
            #expect(Set(spans.map { "\($0.traceID)" }) == ["0af7651916cd43dd8448eb211c80319c"])
            let server = try #require(spans.first { $0.kind == .server })
            #expect(server.name == "POST /auth/register")
            let children = spans.filter { $0.parentSpanID == server.spanID }
            #expect(children.contains { $0.name == "hash password" && $0.kind == .internal })
            let statements = children.filter { $0.kind == .client }
            #expect(statements.count == 2 && statements.count + 1 == children.count)
            for span in statements { #expect(!"\(span.attributes)".contains("example.com")) }
            #expect(!"\(spans.map { $0.attributes })".contains("secret"))
        }
    }

    @Test func logLinesHaveListedMessagesAndFields() async throws {
        try await AuthHarness.auth { auth in
            let headers: HTTPHeaders = ["X-Request-ID": "request-7"]
            let body = #"{"name":"Ada","email":"a@example.com","password":"secret"}"#
            _ = try await auth.send("POST", "/auth/register", body, headers: headers)
            _ = try await auth.send("POST", "/auth/register", body, headers: headers)
            _ = try await auth.send("POST", "/auth/login", body, headers: headers)
            _ = try await auth.send("POST", "/auth/token", headers: headers)
            let records = auth.logs.finishedRecords
            let messages = records.compactMap { $0.body?.stringValue }.filter { $0 != "request answered" }
            #expect(
                messages == [
                    "Creating user", "Hashed password", "User created", "Creating user", "User already exists", "Logging in user",
                    "User logged in", "Validating token", "Token is required",
                ])
            for record in records {
                #expect(record.attributes["request_id"] == "request-7" && record.attributes["request_ip"] == "127.0.0.1")
                #expect(record.traceID.isValid && record.spanID.isValid)
            }
        }
    }

    @Test func originIsAllowedAndPreflightAnswered() async throws {
        try await AuthHarness.auth(["RATE_LIMIT": "2"], clock: .manual(ManualClock())) { auth in
            let asked: HTTPHeaders = [
                "Origin": "https://example.com", "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization",
            ]
            for _ in 1...3 {
                let preflight = try await auth.send("OPTIONS", "/auth/token", headers: asked)
                #expect(preflight.status == 204 && preflight.body.isEmpty)
                #expect(preflight.headers["access-control-allow-origin"] == "*")
                #expect(preflight.headers["access-control-allow-headers"] == "authorization")
                #expect(preflight.headers["access-control-allow-methods"]?.contains("POST") == true)
            }
            for status in [400, 400, 429] {
                let answer = try await auth.check("nonsense")
                #expect(answer.status == status && answer.headers["access-control-allow-origin"] == "*")
            }
        }
    }
}
