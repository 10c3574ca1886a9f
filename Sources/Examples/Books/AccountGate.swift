// Authenticates requests by the accounts service.

import ExampleSupport
import Telemetry

/// Has tokens checked by the accounts service. While that is away, a token counts as long as its signature and time are right: sessions
/// that have ended meanwhile are not noticed then.
struct AccountGate: Sendable {
    private enum Outcome {
        case user(String)
        case refused
        case unavailable(String)
    }

    let client: TracedClient
    let url: String
    let tokens: SessionTokens

    /// Returns the user whose token a request has; refuses the request without a valid one.
    func userID(of request: ServiceRequest) async throws(Refusal) -> String {
        // What no accounts service would accept is not sent to one.
        guard let claims = tokens.claims(of: request) else { throw .nestUnauthorized }
        let outcome = await client.telemetry.tracer.withSpan("check session") { span in
            let outcome = await ask(request)
            switch outcome {
            case .user(let id): span["user.id"] = .string(id)
            case .refused: span["error.type"] = "unauthorized"
            case .unavailable(let reason):
                span.setStatus(.error(reason))
                span["auth.fallback"] = true
                client.telemetry.log.warn("the session was not checked, the token was", ["detail": .string(reason.recorded)])
            }
            return outcome
        }
        switch outcome {
        case .user(let id): return id
        case .refused: throw .nestUnauthorized
        case .unavailable: return claims.userID
        }
    }

    private func ask(_ request: ServiceRequest) async -> Outcome {
        var headers: HTTPHeaders = [:]
        headers["Authorization"] = request.headers["Authorization"]
        let answer: ServiceResponse
        do {
            answer = try await client.send("GET", url + "/api/v1/auth/profile", template: "/api/v1/auth/profile", headers: headers)
        } catch { return .unavailable("\(error)") }
        switch answer.status {
        case 200:
            let profile = try? JSONValue(parsing: answer.body)
            return profile?["id"]?.stringValue.map { .user($0) } ?? .unavailable("its answer names no user")
        case 401, 403: return .refused
        default: return .unavailable("it answered with status \(answer.status)")
        }
    }
}
