// How a service is registered with an OpenID provider, as variables say.

package import Telemetry

/// The provider and the registration; everything is needed once `OIDC_ISSUER` is set.
package struct OpenIDSettings: Sendable {
    /// The issuer, exactly as tokens name it.
    package let issuer: String
    package let clientID: String
    package let clientSecret: String
    /// Where the provider sends users back: a path of the service.
    package let redirectURL: HTTPURL
    package let scopes: String
    /// The seconds after which users log in again.
    package let sessionLifetime: Int

    /// Reads `OIDC_ISSUER`, `OIDC_CLIENT_ID`, `OIDC_CLIENT_SECRET`, `OIDC_REDIRECT_URL`, `OIDC_SCOPES` and `OIDC_SESSION_MINUTES`; nil
    /// without an issuer.
    ///
    /// - Parameter path: the path that the redirect URL must have.
    package init?(_ environment: ServiceEnvironment, callback path: String) throws(StartFailure) {
        guard let issuer = environment["OIDC_ISSUER"] else { return nil }
        let values = try environment.required([
            "OIDC_CLIENT_ID": "the name by which the provider knows this service", "OIDC_CLIENT_SECRET": "the secret that belongs to it",
            "OIDC_REDIRECT_URL": "where the provider sends users back to, which ends in \(path)",
        ])
        guard HTTPURL(issuer)?.socketPath == nil, let url = HTTPURL(issuer), !issuer.contains("?"), !issuer.contains("#") else {
            throw StartFailure(.configuration, "OIDC_ISSUER is \"\(issuer)\"; it must be the URL that the provider's tokens have as iss.")
        }
        guard url.isSecure || Self.isLocal(url.host) else {
            throw StartFailure(.configuration, "OIDC_ISSUER is \"\(issuer)\"; it must begin with https:// unless it is on this machine.")
        }
        guard let redirect = HTTPURL(values[2]), redirect.socketPath == nil, redirect.target == path else {
            throw StartFailure(.configuration, "OIDC_REDIRECT_URL is \"\(values[2])\"; it must be a URL with the path \(path).")
        }
        guard redirect.isSecure || Self.isLocal(redirect.host) else {
            throw StartFailure(
                .configuration, "OIDC_REDIRECT_URL is \"\(values[2])\"; it must begin with https:// unless it is on this machine.")
        }
        let scopes = environment["OIDC_SCOPES"] ?? "openid profile email"
        guard scopes.split(separator: " ").contains("openid") else {
            throw StartFailure(.configuration, "OIDC_SCOPES is \"\(scopes)\"; openid must be one of them.")
        }
        self.issuer = issuer
        (clientID, clientSecret, redirectURL, self.scopes) = (values[0], values[1], redirect, scopes)
        sessionLifetime = 60 * (try environment.number("OIDC_SESSION_MINUTES", default: 480, in: 1...10_080))
    }

    private static func isLocal(_ host: String) -> Bool { ["localhost", "127.0.0.1", "::1"].contains(host) }
}
