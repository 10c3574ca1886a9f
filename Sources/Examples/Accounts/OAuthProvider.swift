// The services by which users can log in, as the environment has them.

import ExampleSupport
import Telemetry

/// An OAuth 2.0 provider, with the client identifier and secret that it has issued to this service.
struct OAuthProvider: Sendable {
    let name: String
    let clientID: String
    let clientSecret: String
    /// The route of this service that the provider sends users back to.
    let callbackURL: String
    let authorizeURL: String
    let tokenURL: String
    let profileURL: String
    let scope: String

    static let names = ["google", "github"]

    /// Reads the variables of a provider; nil unless its client and secret are set. The URLs have variables too, for a provider of one's own.
    init?(_ name: String, _ environment: ServiceEnvironment) throws(StartFailure) {
        let prefix = name.uppercased()
        guard let client = environment["\(prefix)_CLIENT_ID"], let secret = environment["\(prefix)_CLIENT_SECRET"] else { return nil }
        func url(_ variable: String, default standard: String) throws(StartFailure) -> String {
            let text = environment["\(prefix)_\(variable)"] ?? standard
            guard let url = HTTPURL(text), url.socketPath == nil else {
                throw StartFailure(
                    .configuration, "\(prefix)_\(variable) is \"\(text)\"; it must be a URL that begins with http:// or https://.")
            }
            return text
        }
        let isGoogle = name == "google"
        (self.name, clientID, clientSecret) = (name, client, secret)
        callbackURL = try url("CALLBACK_URL", default: "http://localhost:3001\(AccountsApp.prefix)/auth/\(name)/callback")
        authorizeURL = try url(
            "AUTHORIZE_URL",
            default: isGoogle ? "https://accounts.google.com/o/oauth2/v2/auth" : "https://github.com/login/oauth/authorize")
        tokenURL = try url(
            "TOKEN_URL", default: isGoogle ? "https://oauth2.googleapis.com/token" : "https://github.com/login/oauth/access_token")
        profileURL = try url(
            "PROFILE_URL", default: isGoogle ? "https://openidconnect.googleapis.com/v1/userinfo" : "https://api.github.com/user")
        scope = isGoogle ? "openid email profile" : "read:user user:email"
    }

    /// Returns the refusal of the routes of a provider whose variables are not set.
    static func missing(_ name: String) -> Refusal {
        let variables = ["CLIENT_ID", "CLIENT_SECRET"].map { "\(name.uppercased())_\($0)" }.joined(separator: " and ")
        return .nest(
            501, "Login by \(name == "google" ? "Google" : "GitHub") is not configured: \(variables) must be set. Use /auth/login.")
    }

    /// Returns the URL where a user agrees to log in.
    func authorization(state: String) -> String {
        let query = [
            ("client_id", clientID), ("redirect_uri", callbackURL), ("response_type", "code"), ("scope", scope), ("state", state),
        ].map { "\($0.0)=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
        return authorizeURL + (authorizeURL.contains("?") ? "&" : "?") + query
    }
}

/// What a provider says about a user.
struct OAuthProfile: Sendable {
    let email: String
    let firstName: String
    let lastName: String
    let avatar: String?
}
