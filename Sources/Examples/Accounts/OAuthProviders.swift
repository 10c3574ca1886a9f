// Login by other services, which this one has no client for.

import ExampleSupport

/// The providers of the original. Their routes say what is missing: variables, or all that would use them.
struct OAuthProviders: Sendable {
    static let names = ["google", "github"]

    private let configured: Set<String>

    init(_ environment: ServiceEnvironment) {
        configured = Set(Self.names.filter { name in Self.variables(name).allSatisfy { environment[$0] != nil } })
    }

    /// Returns the refusal of a route of a provider: 501.
    func refusal(_ name: String) -> Refusal {
        let title = name == "google" ? "Google" : "GitHub"
        guard configured.contains(name) else {
            return .nest(
                501, "Login by \(title) is not configured: \(Self.variables(name).joined(separator: " and ")) must be set. Use /auth/login."
            )
        }
        return .nest(501, "Login by \(title) is configured, but this service has no client for it. Use /auth/login.")
    }

    private static func variables(_ name: String) -> [String] { ["CLIENT_ID", "CLIENT_SECRET"].map { "\(name.uppercased())_\($0)" } }
}
