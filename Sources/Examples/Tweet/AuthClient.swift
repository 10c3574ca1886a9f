// Asks the auth service who sent a request.

import ExampleSupport
import Telemetry

/// Has tokens checked by the auth service, which must answer within a deadline.
struct AuthClient: Sendable {
    private enum Failure: Error {
        case invalidToken
        case unavailable(String, retryAfter: String = "1")
    }

    private let telemetry: ServiceTelemetry
    private let settings: TweetSettings
    private let url: String
    /// 1,024 calls wait for 64 slots at most: a request that cannot be checked is refused rather than kept.
    private let slots = CallSlots(count: 64, maximumWaiting: 1024)

    init(_ telemetry: ServiceTelemetry, _ settings: TweetSettings) {
        self.telemetry = telemetry
        self.settings = settings
        url = settings.authURL + "/auth/token"
    }

    /// Returns the user whose token a request has; an invalid token is refused with 401, and an auth service in trouble with 503.
    func userID(of request: ServiceRequest) async throws(Refusal) -> Int {
        let result = await telemetry.tracer.withSpan("check token") { span in
            let result = await ask(about: request)
            switch result {
            case .success(let userID): span["user.id"] = String(userID)
            case .failure(.invalidToken): span["error.type"] = "invalid_token"
            case .failure(.unavailable(let reason, _)): span.setStatus(.error(reason))
            }
            return result
        }
        do throws(Failure) { return try result.get() } catch {
            switch error {
            case .invalidToken: throw Refusal("Invalid token", status: 401, key: "error")
            case .unavailable(let reason, let retryAfter):
                request.span.setStatus(.error("The token could not be checked: \(reason)"))
                var refusal = Refusal("Auth service is unavailable", status: 503, key: "error", detail: reason)
                refusal.headers["Retry-After"] = retryAfter
                throw refusal
            }
        }
    }

    private func ask(about request: ServiceRequest) async -> Result<Int, Failure> {
        let deadline = Deadline.after(settings.authTimeout)
        guard await slots.acquire() else { return .failure(.unavailable("too many requests wait for it already")) }
        defer { slots.release() }
        // A check changes nothing, whatever its method.
        let client = TracedClient(telemetry, transport: SocketTransport(timeout: deadline.remaining, allowsPipelining: true))
        var headers: HTTPHeaders = [:]
        if let token = request.headers["Authorization"] { headers.add("Authorization", token) }
        // The auth service limits the requests of a client, and must not take this service for one.
        if let address = settings.proxies.clientAddress(of: request) { headers.add("X-Forwarded-For", address) }
        let answer: ServiceResponse
        do {
            answer = try await client.send("POST", url, template: "/auth/token", headers: headers)
        } catch { return .failure(.unavailable("\(error)")) }
        switch answer.status {
        case 200:
            let claims = try? JSONValue(parsing: answer.body)
            guard let userID = claims?["id"]?.integerValue else { return .failure(.unavailable("its answer names no user")) }
            return .success(userID)
        case 400: return .failure(.invalidToken)
        // The limit of the auth service, which says when it begins anew.
        case 429: return .failure(.unavailable("it has too many requests", retryAfter: answer.headers["Retry-After"] ?? "1"))
        default: return .failure(.unavailable("it answered with status \(answer.status)"))
        }
    }
}
