// The routes of logins by other services.

import ExampleSupport
import Telemetry

/// Sends users to a provider, and begins a session when they come back.
struct OAuthRoutes: Sendable {
    /// Holds the state of the login in the browser that began it, so that a callback of another browser is refused (RFC 6749, 10.12).
    private static let cookie = "oauth_state"

    let providers: [String: OAuthProvider]
    let client: OAuthClient
    let store: AccountStore
    /// The base of the page that gets the token.
    let frontendURL: String
    let attempts: AttemptCounter
    /// Begins a session, and returns its access token.
    let begin: @Sendable (Account, ServiceRequest) async throws(Refusal) -> String

    func add(to router: inout Router, prefix: String) {
        for name in OAuthProvider.names {
            let provider = providers[name]
            router.on("GET", "\(prefix)/auth/\(name)") { _ throws(Refusal) in
                guard let provider else { throw OAuthProvider.missing(name) }
                let state = "\(UUID())"
                return redirect(provider.authorization(state: state), "\(state); Max-Age=600", provider)
            }
            router.on("GET", "\(prefix)/auth/\(name)/callback") { request throws(Refusal) in
                guard let provider else { throw OAuthProvider.missing(name) }
                do throws(Refusal) {
                    let response = try await comeBack(request, provider)
                    attempts.count(name == "google" ? .google : .github, succeeded: true)
                    return response
                } catch {
                    attempts.count(name == "google" ? .google : .github, succeeded: false)
                    throw error
                }
            }
        }
    }

    private func comeBack(_ request: ServiceRequest, _ provider: OAuthProvider) async throws(Refusal) -> ServiceResponse {
        guard let state = request.queryParameter("state"), UUID(state) != nil, state == Self.state(of: request) else {
            throw .nest(401, "The login was not begun in this browser, or too long ago")
        }
        guard let code = request.queryParameter("code"), !code.isEmpty else { throw .nest(401, "The provider has refused the login") }
        let profile = try await client.profile(code, at: provider)
        let account: Account?
        do throws(DatabaseError) { account = try await store.account(of: profile, by: provider.name) } catch {
            throw .nest(unavailable: error)
        }
        // The address of a local user was never verified: whoever has registered it first must not get the account of its owner.
        guard let account else { throw .nest(409, "The address belongs to a user who logs in in another way") }
        let token = try await begin(account, request)
        return redirect("\(frontendURL)/auth/callback?token=\(PercentEncoding.encode(token))", "; Max-Age=0", provider)
    }

    private func redirect(_ location: String, _ cookie: String, _ provider: OAuthProvider) -> ServiceResponse {
        var response = ServiceResponse(status: 302)
        response.headers["Location"] = location
        response.headers["Cache-Control"] = "no-store"
        let security = provider.callbackURL.hasPrefix("https:") ? "; Secure" : ""
        response.headers["Set-Cookie"] = "\(Self.cookie)=\(cookie); Path=\(AccountsApp.prefix)/auth; HttpOnly; SameSite=Lax\(security)"
        return response
    }

    private static func state(of request: ServiceRequest) -> String? {
        let cookies = (request.headers["Cookie"] ?? "").split(separator: ";").map { $0.drop { $0 == " " } }
        return cookies.first { $0.hasPrefix("\(cookie)=") }.map { String($0.dropFirst(cookie.count + 1)) }
    }
}
