// The part of logins by other services that users do not see. (RFC 6749, section 4.1.)

import ExampleSupport
import Telemetry

/// Exchanges the code that a user comes back with for what the provider says about the user.
struct OAuthClient: Sendable {
    let client: TracedClient

    /// Exchanges an authorization code for the profile of its user; refuses a profile whose address the provider has not verified.
    func profile(_ code: String, at provider: OAuthProvider) async throws(Refusal) -> OAuthProfile {
        let form = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", provider.callbackURL), ("client_id", provider.clientID),
            ("client_secret", provider.clientSecret),
        ].map { "\($0.0)=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
        let answer = try await json("POST", provider.tokenURL, ["Content-Type": "application/x-www-form-urlencoded"], form)
        guard let token = answer["access_token"]?.stringValue else { throw .nest(401, "The provider does not accept the code") }
        let headers: HTTPHeaders = ["Authorization": "Bearer \(token)", "User-Agent": AccountsApp.name]
        let profile = try await json("GET", provider.profileURL, headers, nil)
        func text(_ name: String) -> String? { profile[name]?.stringValue.flatMap { $0.isEmpty ? nil : String($0.prefix(100)) } }
        if provider.name == "google" {
            guard profile["email_verified"] == true, let email = text("email") else { throw Self.unverified }
            return OAuthProfile(
                email: email, firstName: text("given_name") ?? email, lastName: text("family_name") ?? "", avatar: text("picture"))
        }
        // GitHub's profile has an address only if the user shows it, and does not say whether it is verified.
        let addresses = try await json("GET", provider.profileURL + "/emails", headers, nil).arrayValue ?? []
        let address = addresses.first { $0["primary"] == true && $0["verified"] == true }
        guard let email = address?["email"]?.stringValue else { throw Self.unverified }
        return OAuthProfile(email: email, firstName: text("name") ?? text("login") ?? email, lastName: "", avatar: text("avatar_url"))
    }

    private static let unverified = Refusal.nest(403, "The provider has no verified e-mail address of this user")

    private func json(_ method: String, _ url: String, _ headers: HTTPHeaders, _ body: String?) async throws(Refusal) -> JSONValue {
        let answer: ServiceResponse
        do { answer = try await client.send(method, url, headers: headers, json: body) } catch {
            throw .nest(unavailable: error, "The provider is unavailable")
        }
        switch answer.status {
        case 200: return (try? JSONValue(parsing: answer.body)) ?? .null
        case 400..<500: throw .nest(401, "The provider does not accept the login", detail: "status \(answer.status)")
        default: throw .nest(503, "The provider is unavailable", detail: "status \(answer.status)")
        }
    }
}
