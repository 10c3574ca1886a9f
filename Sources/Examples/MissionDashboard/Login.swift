// The login of the dashboard with an OpenID provider.

import ExampleSupport
import Telemetry

/// Sends users to the provider and back, and keeps who has logged in in a signed cookie, which any replica understands.
///
/// The flow is that of an authorization code with PKCE. (OpenID Connect Core 1.0 §3.1; RFC 7636; RFC 9700.)
struct Login: Sendable {
    static let callbackPath = "/login/callback"
    static let endPath = "/login/ended"
    /// The seconds that a user may take at the provider.
    private static let attemptLifetime = 600
    private static let maximumReturnBytes = 1024
    /// What anybody may ask for: probes, the login itself, and files that say nothing of the mission.
    private static let publicPaths: Set = [
        "/login", callbackPath, endPath, "/health", "/ready", "/started", "/status", "/metrics",
    ]

    /// A user who has logged in.
    struct Session: Sendable, Equatable {
        let subject: String
        let name: String
    }

    private let settings: OpenIDSettings
    private let provider: OpenIDProvider
    private let tokens: WebTokens
    private let library: LibCrypto
    private let log: TelemetryLogger

    /// Reads the variables; nil without `OIDC_ISSUER`, which is no login.
    init?(
        _ environment: ServiceEnvironment, _ telemetry: ServiceTelemetry, transport: (any Transport)?, clock: TelemetryClock
    ) throws(StartFailure) {
        guard let settings = try OpenIDSettings(environment, callback: Self.callbackPath) else { return nil }
        let secret = Array(
            try environment.required(["OIDC_SESSION_SECRET": "what sessions are signed with, the same for all replicas"])[0].utf8)
        guard secret.count >= WebTokens.minimumSecretBytes else {
            throw StartFailure(
                .configuration,
                "OIDC_SESSION_SECRET has \(secret.count) bytes; it must have at least \(WebTokens.minimumSecretBytes), as"
                    + " `openssl rand -hex 32` makes them.")
        }
        library = try LibCrypto()
        tokens = WebTokens(secret: secret, library, clock: clock)
        let own: any Transport
        if let transport { own = transport } else { own = try SecureTransport(timeout: .seconds(5)) }
        let client = TracedClient(telemetry, transport: own, propagates: false)
        provider = OpenIDProvider(settings, client, clock: clock)
        self.settings = settings
        log = telemetry.log
    }

    static func isPublic(_ path: String) -> Bool { publicPaths.contains(path) || path.hasPrefix("/static/") }

    /// Adds the routes of the login.
    func add(to router: inout Router) {
        router.on("GET", "/login") { _ in await begin(returningTo: "/") }
        router.on("GET", Self.callbackPath) { request in await finish(request) }
        router.on("POST", "/logout") { request in end(request) }
        router.on("GET", Self.endPath) { _ in await ended() }
    }

    // MARK: Sessions

    /// Returns who has sent a request; nil without a valid session.
    func session(of request: ServiceRequest) -> Session? {
        guard let content = content(of: cookieName("session"), for: "session", in: request), let subject = content["sub"]?.stringValue,
            let name = content["name"]?.stringValue
        else { return nil }
        return Session(subject: subject, name: name)
    }

    /// Returns what a cookie says, if this service has signed it for that use.
    private func content(of cookie: String, for use: String, in request: ServiceRequest) -> JSONValue? {
        let pairs = request.headers.values(named: "Cookie").flatMap { $0.split(separator: ";") }
        for pair in pairs {
            let sides = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            guard sides.count == 2, sides[0] == cookie, let content = try? tokens.content(of: String(sides[1])),
                content["use"]?.stringValue == use
            else { continue }
            return content
        }
        return nil
    }

    /// Browsers take a name with this prefix only from the host itself, and over TLS.
    private func cookieName(_ name: String) -> String { (settings.redirectURL.isSecure ? "__Host-" : "") + "dashboard-\(name)" }

    private func cookie(_ name: String, _ value: String, seconds: Int) -> String {
        "\(cookieName(name))=\(value); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Lax\(settings.redirectURL.isSecure ? "; Secure" : "")"
    }

    // MARK: The flow

    /// Sends the user to the provider.
    func begin(returningTo target: String) async -> ServiceResponse {
        let endpoints: OpenIDProvider.Endpoints
        do throws(OpenIDProvider.Failure) { endpoints = try await provider.endpoints() } catch { return failure(error) }
        let (state, nonce, verifier) = (random(), random(), random())
        let attempt = tokens.token(saying: [
            "use": "login", "state": .string(state), "nonce": .string(nonce), "verifier": .string(verifier),
            "return": .string(Self.isOwn(target) ? target : "/"), "exp": .integer(Int64(tokens.now + Self.attemptLifetime)),
        ])
        let fields = [
            ("response_type", "code"), ("client_id", settings.clientID), ("redirect_uri", settings.redirectURL.description),
            ("scope", settings.scopes), ("state", state), ("nonce", nonce),
            ("code_challenge", Base64URL.encode(library.sha256(of: Array(verifier.utf8)))), ("code_challenge_method", "S256"),
        ]
        var response = redirect(to: Self.url(endpoints.authorization, fields))
        response.headers.add("Set-Cookie", cookie("login", attempt, seconds: Self.attemptLifetime))
        return response
    }

    /// Takes the user back from the provider.
    private func finish(_ request: ServiceRequest) async -> ServiceResponse {
        // The code is of use only once and only to this service, and has no place in telemetry all the same.
        request.span[SemanticAttributes.URL.query] = "REDACTED"
        guard let attempt = content(of: cookieName("login"), for: "login", in: request), let nonce = attempt["nonce"]?.stringValue,
            let verifier = attempt["verifier"]?.stringValue, let state = attempt["state"]?.stringValue,
            library.areEqual(Array((request.queryParameter("state") ?? "").utf8), Array(state.utf8))
        else { return page(400, "The login has expired", "Or it was begun in another window: please log in again.") }
        if let issuer = request.queryParameter("iss"), issuer != settings.issuer {
            return page(400, "The login failed", "The answer is that of another provider.")
        }
        if let error = request.queryParameter("error") {
            log.warn("login refused by the provider", ["error": .string(error.recorded)])
            return page(403, "The provider refused the login", error.recorded)
        }
        guard let code = request.queryParameter("code"), !code.isEmpty, code.utf8.count <= 4096 else {
            return page(400, "The login failed", "The provider's answer has no code.")
        }
        let identity: IdentityToken
        do throws(OpenIDProvider.Failure) {
            identity = try await provider.identity(code: code, verifier: verifier, nonce: nonce)
        } catch { return failure(error) }
        let session = tokens.token(saying: [
            "use": "session", "sub": .string(identity.subject), "name": .string(identity.name),
            "exp": .integer(Int64(tokens.now + settings.sessionLifetime)),
        ])
        log.info("user logged in", ["enduser.id": .string(identity.subject)])
        let target = attempt["return"]?.stringValue ?? "/"
        var response = redirect(to: Self.isOwn(target) ? target : "/")
        response.headers.add("Set-Cookie", cookie("session", session, seconds: settings.sessionLifetime))
        response.headers.add("Set-Cookie", cookie("login", "", seconds: 0))
        return response
    }

    /// Ends the session in this browser.
    private func end(_ request: ServiceRequest) -> ServiceResponse {
        if let session = session(of: request) { log.info("user logged out", ["enduser.id": .string(session.subject)]) }
        var response = redirect(to: Self.endPath)
        response.headers.add("Set-Cookie", cookie("session", "", seconds: 0))
        return response
    }

    /// Shows that the session has ended. A link leads on: a form may not send browsers to another site. (CSP 3, `form-action`.)
    private func ended() async -> ServiceResponse {
        let end = try? await provider.endpoints().endOfSession
        let url = end.map {
            Self.url($0, [("client_id", settings.clientID), ("post_logout_redirect_uri", settings.redirectURL.origin + Self.endPath)])
        }
        let link: HTML = url.map { "<p><a href=\"\($0)\">Log out at the provider too</a></p>" } ?? ""
        return Self.page(200, "You are logged out", "The session in this browser has ended.", link)
    }

    private func failure(_ failure: OpenIDProvider.Failure) -> ServiceResponse {
        log.error("login failed", ["reason": .string(failure.description.recorded)])
        switch failure {
        case .unavailable:
            var response = page(503, "Logging in is not possible at present", "The login provider does not answer. Please try again later.")
            response.headers["Retry-After"] = "5"
            return response
        case .refused, .invalid: return page(403, "The login failed", "The provider's answer is not accepted: please log in again.")
        }
    }

    // MARK: Answers

    private func page(_ status: Int, _ title: String, _ text: String) -> ServiceResponse { Self.page(status, title, text, "") }

    private static func page(_ status: Int, _ title: String, _ text: String, _ link: HTML) -> ServiceResponse {
        var response = ServiceResponse.html(
            """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title)</title>
            <link rel="icon" href="/static/moon.svg" type="image/svg+xml">
            <link rel="stylesheet" href="/static/dashboard.css">
            </head>
            <body>
            <header><h1>Apollo 11</h1></header>
            <main><section class="wide"><h2>\(title)</h2><p>\(text)</p><p><a href="/login">Log in</a></p>\(link)</section></main>
            </body>
            </html>

            """ as HTML)
        response.status = status
        return response
    }

    private func redirect(to url: String) -> ServiceResponse {
        var response = ServiceResponse(status: 303)
        response.headers["Location"] = url
        return response
    }

    private static func url(_ endpoint: String, _ fields: [(String, String)]) -> String {
        let query = fields.map { "\($0.0)=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
        return endpoint + (endpoint.utf8.contains(UInt8(ascii: "?")) ? "&" : "?") + query
    }

    /// Returns whether a target leads to this service: no other host, and none that a browser could take for one.
    static func isOwn(_ target: String) -> Bool {
        let bytes = Array(target.utf8)
        guard bytes.first == UInt8(ascii: "/"), bytes.count <= maximumReturnBytes else { return false }
        return bytes.dropFirst().first != UInt8(ascii: "/") && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }
    }

    /// Returns 256 random bits.
    private func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return Base64URL.encode((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }
}

/// Lets nobody but users who have logged in to the routes.
struct LoginGate: RequestLayer {
    let login: Login

    func respond(to request: ServiceRequest, next: Handler) async -> ServiceResponse {
        if Login.isPublic(request.path) || login.session(of: request) != nil { return await next(request) }
        // The page itself leads to the login; what the page asks for, and programs, get an error.
        let isPage = request.method == "GET" && (request.headers["Accept"] ?? "").contains("text/html")
        guard isPage, (request.headers["Sec-Fetch-Mode"] ?? "navigate") == "navigate" else {
            return .json(["error": "Please log in"], status: 401)
        }
        return await login.begin(returningTo: request.target)
    }
}
