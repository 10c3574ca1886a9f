// The routes of the auth service. Paths, bodies, texts, metrics and log messages are a public contract.

import ExampleSupport
import Telemetry

/// The handlers of the auth service.
struct AuthRoutes: Sendable {
    let users: UserStore
    let passwords: PasswordWorker
    let tokens: WebTokens
    let metrics: AuthMetrics
    let telemetry: ServiceTelemetry
    let proxies: TrustedProxies

    var router: Router {
        var router = Router()
        router.on("POST", "/auth/register") { request throws(Refusal) in try await register(request) }
        router.on("POST", "/auth/login") { request throws(Refusal) in try await logIn(request) }
        router.on("POST", "/auth/token") { request throws(Refusal) in try check(request) }
        return router
    }

    private func register(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        metrics.called("/register", network: network(of: request))
        metrics.registrations.add(1)
        telemetry.log.info("Creating user")
        let credentials = try Credentials(request, hasName: true)
        let taken = Refusal("User already exists", key: "error")
        let failure = "Error creating user"
        // Known addresses are refused before the password is hashed; the index decides where two requests come at once.
        let known: Bool
        do { known = try await users.user(email: credentials.email) != nil } catch { throw Refusal(error, logged: failure) }
        if known { throw taken }
        let hash = try await passwords.hash(credentials.password)
        telemetry.log.info("Hashed password")
        let added: User?
        do {
            added = try await users.add(email: credentials.email, name: credentials.name, hash: hash)
        } catch { throw Refusal(error, logged: failure) }
        guard let user = added else { throw taken }
        metrics.successfulRegistrations.add(1)
        telemetry.log.info("User created", ["user_id": user.id])
        return answer(user, status: 201)
    }

    private func logIn(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        metrics.called("/login")
        metrics.loginStarted(from: network(of: request))
        telemetry.log.info("Logging in user")
        let credentials = try Credentials(request, hasName: false)
        let found: (user: User, hash: String)?
        do { found = try await users.user(email: credentials.email) } catch { throw Refusal(error, logged: "Error logging in user") }
        let matches = try await passwords.matches(credentials.password, hash: found?.hash)
        guard matches, let user = found?.user else { throw Refusal("Invalid email or password", key: "error") }
        metrics.loginSucceeded(from: network(of: request))
        telemetry.log.info("User logged in", ["user_id": user.id])
        return answer(user)
    }

    private func check(_ request: ServiceRequest) throws(Refusal) -> ServiceResponse {
        metrics.tokenCalls.add(1)
        metrics.tokens.add(1)
        telemetry.log.info("Validating token")
        guard let token = request.headers["Authorization"], !token.isEmpty else { throw Refusal("Token is required", key: "error") }
        let claims: WebTokens.Claims
        do throws(WebTokens.Problem) {
            claims = try telemetry.tracer.withSpan("check token") { span throws(WebTokens.Problem) in
                let claims = try tokens.claims(of: token)
                span["user.id"] = String(claims.id)
                return claims
            }
        } catch {
            var refusal = Refusal(error.rawValue, key: "error", detail: error.rawValue)
            refusal.reason = "Error validating token"
            throw refusal
        }
        metrics.successfulTokens.add(1)
        telemetry.log.info("Token validated", ["user_id": claims.id])
        return .json(claims.json)
    }

    private func answer(_ user: User, status: Int = 200) -> ServiceResponse {
        .json(["data": user.json, "token": .string(tokens.token(for: user.id))], status: status)
    }

    private func network(of request: ServiceRequest) -> String? { proxies.clientAddress(of: request)?.network }
}

extension Refusal {
    /// Creates the refusal of a request whose statement was not done: 503 while the database is away, else 400 with its text.
    fileprivate init(_ error: DatabaseError, logged reason: String) {
        switch error {
        case .unavailable, .cancelled: self.init(unavailable: error)
        case .unique, .foreignKey, .constraint, .statement: self.init("\(error)", key: "error", detail: "\(error)")
        }
        self.reason = reason
    }
}
