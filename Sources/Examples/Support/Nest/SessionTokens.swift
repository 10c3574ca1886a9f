// The access tokens of sessions, which the auth service issues and the books service can check by itself.

package import Telemetry

/// Issues and checks tokens that name a user and a session, valid for an hour.
package struct SessionTokens: Sendable {
    package static let lifetimeInSeconds = 3600

    /// What a token says.
    package struct Claims: Sendable, Hashable {
        package let userID: String
        package let email: String
        package let sessionID: String
        /// The key of the session in Redis.
        package let sessionToken: String

        package init(userID: String, email: String, sessionID: String, sessionToken: String) {
            (self.userID, self.email, self.sessionID, self.sessionToken) = (userID, email, sessionID, sessionToken)
        }
    }

    private let tokens: WebTokens

    /// Reads `JWT_SECRET`, and warns of a line break at its end.
    package init(
        _ environment: ServiceEnvironment, _ library: LibCrypto, _ log: TelemetryLogger, clock: TelemetryClock
    ) throws(StartFailure) {
        let secret = try WebTokens.secret(environment)
        if secret.hadLineBreak { log.warn("JWT_SECRET ends with a line break, which is left out") }
        tokens = WebTokens(secret: secret.bytes, library, clock: clock)
    }

    package func token(for claims: Claims) -> String {
        let now = Int64(tokens.now)
        return tokens.token(saying: [
            "sub": .string(claims.userID), "email": .string(claims.email), "sessionId": .string(claims.sessionID),
            "jti": .string(claims.sessionToken), "iat": .integer(now), "exp": .integer(now + Int64(Self.lifetimeInSeconds)),
        ])
    }

    /// Returns what the token of a request says; nil without one that is valid.
    package func claims(of request: ServiceRequest) -> Claims? {
        guard let token = request.bearerToken, let content = try? tokens.content(of: token), let userID = content["sub"]?.stringValue,
            let email = content["email"]?.stringValue, let sessionID = content["sessionId"]?.stringValue,
            let sessionToken = content["jti"]?.stringValue
        else { return nil }
        return Claims(userID: userID, email: email, sessionID: sessionID, sessionToken: sessionToken)
    }
}
