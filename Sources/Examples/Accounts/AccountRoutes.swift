// The routes of the accounts service. Paths, bodies, texts and metrics are a public contract.

import ExampleSupport
import Telemetry

/// The handlers below `/auth`.
struct AccountRoutes: Sendable {
    let store: AccountStore
    let cache: SessionCache
    let passwords: PasswordWorker
    let tokens: SessionTokens
    let attempts: AttemptCounter
    let activeSessions: RowCountGauge
    let telemetry: ServiceTelemetry

    func add(to router: inout Router, prefix: String) {
        router.on("POST", "\(prefix)/auth/register") { request throws(Refusal) in
            try await counted(.register) { () async throws(Refusal) in try await register(request) }
        }
        router.on("POST", "\(prefix)/auth/login") { request throws(Refusal) in
            try await counted(.login) { () async throws(Refusal) in try await logIn(request) }
        }
        router.on("GET", "\(prefix)/auth/profile") { request throws(Refusal) in
            let claims = try await session(of: request)
            return .json(["id": .string(claims.userID), "email": .string(claims.email), "sessionId": .string(claims.sessionID)])
        }
        router.on("POST", "\(prefix)/auth/logout") { request throws(Refusal) in try await logOut(request) }
        router.on("POST", "\(prefix)/auth/refresh") { request throws(Refusal) in try await refresh(request) }
        router.on("GET", "\(prefix)/auth/verify") { _ in .json(["message": "Email verification is not implemented yet"]) }
    }

    /// Counts an attempt once, however it ends.
    private func counted(
        _ kind: AttemptCounter.Kind, _ attempt: () async throws(Refusal) -> ServiceResponse
    ) async throws(Refusal) -> ServiceResponse {
        do throws(Refusal) {
            let response = try await attempt()
            attempts.count(kind, succeeded: true)
            return response
        } catch {
            attempts.count(kind, succeeded: false)
            throw error
        }
    }

    private func register(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        var body = try NestBody(request, known: ["email", "password", "firstName", "lastName"])
        let (email, password) = (body.email("email"), body.password("password", shortest: 6))
        let (first, last) = (body.text("firstName", longest: 100), body.text("lastName", longest: 100))
        try body.check()
        let taken = Refusal.nest(409, "User already exists")
        // Known addresses are refused before the password is hashed; the database decides where two requests come at once.
        if try await stored({ () async throws(DatabaseError) in try await store.account(email: email) }) != nil { throw taken }
        let hash = try await passwords.hash(password)
        let account = try await stored { () async throws(DatabaseError) in
            try await store.add(email: email, hash: hash, firstName: first, lastName: last)
        }
        guard let account else { throw taken }
        telemetry.log.info("user registered", ["user_id": .string(account.id)])
        return try await answer(account, request)
    }

    private func logIn(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        var body = try NestBody(request, known: ["email", "password"])
        let (email, password) = (body.email("email"), body.password("password", shortest: 1))
        try body.check()
        let found = try await stored { () async throws(DatabaseError) in try await store.account(email: email) }
        // Without a user the check takes as long.
        guard try await passwords.matches(password, hash: found?.hash), let account = found?.account else {
            throw .nest(401, "Invalid credentials")
        }
        telemetry.log.info("user logged in", ["user_id": .string(account.id)])
        return try await answer(account, request)
    }

    /// Begins a session and answers with its tokens.
    private func answer(_ account: Account, _ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        let session = try await begin(account, request)
        return .json(
            [
                "user": account.json, "accessToken": .string(tokens.token(for: session.claims)),
                "refreshToken": .string(session.refreshToken),
            ], status: 201)
    }

    /// Begins a session of an authenticated user.
    func begin(_ account: Account, _ request: ServiceRequest) async throws(Refusal) -> OpenSession {
        let (agent, address) = (request.headers["User-Agent"], request.peerAddress)
        let (session, ended) = try await stored { () async throws(DatabaseError) in
            try await store.beginSession(of: account, userAgent: agent, address: address)
        }
        await cache.remove(ended)
        await cache.add(session.claims, until: session.expiry, from: store.now)
        activeSessions.changed()
        return session
    }

    /// Returns what the token of a request says, if its session is open; refuses the request if not.
    private func session(of request: ServiceRequest) async throws(Refusal) -> SessionTokens.Claims {
        guard let claims = tokens.claims(of: request) else { throw .nestUnauthorized }
        request.span["user.id"] = .string(claims.userID)
        if await cache.has(claims) { return claims }
        let expiry = try await stored { () async throws(DatabaseError) in try await store.expiry(ofSession: claims.sessionID) }
        guard let expiry else { throw .nestUnauthorized }
        await cache.add(claims, until: expiry, from: store.now)
        return claims
    }

    private func logOut(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        let claims = try await session(of: request)
        try await stored { () async throws(DatabaseError) in try await store.endSession(claims.sessionID) }
        activeSessions.changed()
        do throws(RedisError) { try await cache.remove(claims) } catch {
            throw .nest(unavailable: error, "The session may still be open: Redis is unavailable")
        }
        telemetry.log.info("user logged out", ["user_id": .string(claims.userID)])
        return .json(["message": "Logged out successfully"])
    }

    private func refresh(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        var body = try NestBody(request, known: ["refreshToken"])
        let token = body.text("refreshToken")
        try body.check()
        let renewed = try await stored { () async throws(DatabaseError) in try await store.renewSession(token) }
        guard let renewed else { throw .nest(401, "Invalid refresh token") }
        await cache.add(renewed.claims, until: renewed.expiry, from: store.now)
        telemetry.log.info("session renewed", ["user_id": .string(renewed.claims.userID)])
        return .json(["accessToken": .string(tokens.token(for: renewed.claims)), "refreshToken": .string(renewed.refreshToken)])
    }

    /// Performs something with the database; where that is not possible, clients shall come back.
    private func stored<Value: Sendable>(_ body: () async throws(DatabaseError) -> Value) async throws(Refusal) -> Value {
        do throws(DatabaseError) { return try await body() } catch { throw .nest(unavailable: error) }
    }
}
