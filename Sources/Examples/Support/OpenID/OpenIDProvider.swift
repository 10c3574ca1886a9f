// What a service asks of an OpenID provider: its endpoints, its keys, and tokens for codes.

import Synchronization
package import Telemetry

/// A provider, found by its discovery document. Document and keys are kept for a time, and keys fetched anew when a token names another one.
package final class OpenIDProvider: Sendable {
    /// Why a login is not possible.
    package enum Failure: Error, CustomStringConvertible {
        /// The provider does not answer, or not as a provider does.
        case unavailable(String)
        /// The provider does not give a token for the code.
        case refused(String)
        case invalid(IdentityToken.Problem)

        package var description: String {
            switch self {
            case .unavailable(let reason), .refused(let reason): reason
            case .invalid(let problem): "\(problem)"
            }
        }
    }

    /// The endpoints. (OpenID Connect Discovery 1.0 §3.)
    package struct Endpoints: Sendable {
        package let authorization: String
        package let endOfSession: String?
        fileprivate let token: String
        fileprivate let keys: String
        fileprivate let takesSecretInBody: Bool
    }

    private enum Discovery {
        case over(Result<Endpoints, Failure>)
        case underway(Task<Result<Endpoints, Failure>, Never>)
    }

    private struct State {
        var endpoints: (result: Result<Endpoints, Failure>, until: Int)?
        /// The request for the endpoints that is under way, for which all logins wait.
        var discovery: Task<Result<Endpoints, Failure>, Never>?
        var keys: [WebKey] = []
        var keysUntil = 0
        var keysFetched = 0
    }

    private static let lifetime = 3600
    /// How long the provider is left alone after it has not told its endpoints, in seconds.
    private static let pauseAfterFailure = 5
    /// How often keys are fetched for tokens that name unknown ones, which anybody can send.
    private static let pauseBetweenKeys = 30
    private static let maximumKeys = 64

    private let settings: OpenIDSettings
    private let client: TracedClient
    private let clock: TelemetryClock
    private let state = Mutex(State())

    /// - Parameter client: must not pass the trace on: the provider is of another organization.
    package init(_ settings: OpenIDSettings, _ client: TracedClient, clock: TelemetryClock = .system) {
        (self.settings, self.client, self.clock) = (settings, client, clock)
    }

    private var now: Int { Int(clock.now.nanosecondsSinceEpoch / 1_000_000_000) }

    // MARK: Documents

    /// Returns the endpoints of the provider.
    package func endpoints() async throws(Failure) -> Endpoints {
        let now = now
        let discovery = state.withLock { state -> Discovery in
            if let known = state.endpoints, now < known.until { return .over(known.result) }
            let task = state.discovery ?? Task { await self.discover() }
            state.discovery = task
            return .underway(task)
        }
        switch discovery {
        case .over(let result): return try result.get()
        case .underway(let task): return try await task.value.get()
        }
    }

    private func discover() async -> Result<Endpoints, Failure> {
        let (result, lifetime): (Result<Endpoints, Failure>, Int)
        do throws(Failure) {
            (result, lifetime) = (.success(try await fetchEndpoints()), Self.lifetime)
        } catch {
            (result, lifetime) = (.failure(error), Self.pauseAfterFailure)
        }
        let now = now
        state.withLock { ($0.endpoints, $0.discovery) = ((result, now + lifetime), nil) }
        return result
    }

    private func fetchEndpoints() async throws(Failure) -> Endpoints {
        let base = settings.issuer.hasSuffix("/") ? String(settings.issuer.dropLast()) : settings.issuer
        let document = try await self.document(base + "/.well-known/openid-configuration")
        guard let issuer = document["issuer"]?.stringValue, issuer == settings.issuer else {
            throw .unavailable("The provider calls itself \"\(document["issuer"]?.stringValue ?? "")\", and not \"\(settings.issuer)\".")
        }
        let needed = ["authorization_endpoint", "token_endpoint", "jwks_uri"].map { document[$0]?.stringValue.flatMap(secured) }
        guard let authorization = needed[0], let token = needed[1], let keys = needed[2] else {
            throw .unavailable("The provider's document has no authorization_endpoint, token_endpoint and jwks_uri with https.")
        }
        let methods = document["token_endpoint_auth_methods_supported"]?.arrayValue?.compactMap(\.stringValue) ?? ["client_secret_basic"]
        return Endpoints(
            authorization: authorization, endOfSession: document["end_session_endpoint"]?.stringValue.flatMap(secured), token: token,
            keys: keys,
            takesSecretInBody: !methods.contains("client_secret_basic") && methods.contains("client_secret_post"))
    }

    /// Returns a URL if it may be used: `https`, or any if the issuer itself has none.
    private func secured(_ text: String) -> String? {
        guard let url = HTTPURL(text), url.socketPath == nil, url.isSecure || HTTPURL(settings.issuer)?.isSecure == false else {
            return nil
        }
        return text
    }

    private func document(_ url: String) async throws(Failure) -> JSONValue {
        let answer = try await send("GET", url, [:], nil)
        guard answer.status == 200, let document = try? JSONValue(parsing: answer.body), case .object = document else {
            throw .unavailable("\(url) answers with \(answer.status), and with no document of a provider.")
        }
        return document
    }

    private func send(_ method: String, _ url: String, _ headers: HTTPHeaders, _ body: String?) async throws(Failure) -> ServiceResponse {
        do { return try await client.send(method, url, template: HTTPURL(url)?.target, headers: headers, json: body) } catch {
            throw .unavailable("The provider cannot be reached: \(error)")
        }
    }

    /// Returns the keys; fetches them anew if a token names one that is not among them.
    private func keys(for identifier: String?, _ algorithm: WebKey.Algorithm, _ endpoints: Endpoints) async throws(Failure) -> [WebKey] {
        let now = now
        let known = state.withLock { state -> [WebKey]? in
            let hasKey = state.keys.contains { $0.algorithm == algorithm && (identifier == nil || $0.identifier == identifier) }
            let mayFetch = now >= state.keysFetched + Self.pauseBetweenKeys
            return now < state.keysUntil && (hasKey || !mayFetch) ? state.keys : nil
        }
        if let known { return known }
        let set = try await document(endpoints.keys)
        var keys: [WebKey] = []
        do throws(StartFailure) {
            for member in (set["keys"]?.arrayValue ?? []).prefix(Self.maximumKeys) {
                if let key = try WebKey(member) { keys.append(key) }
            }
        } catch {
            throw .unavailable(error.description)
        }
        let found = keys
        state.withLock { ($0.keys, $0.keysUntil, $0.keysFetched) = (found, now + Self.lifetime, now) }
        return keys
    }

    // MARK: Tokens

    /// Exchanges a code for a token, and checks the token. (OpenID Connect Core 1.0 §3.1.3; RFC 7636 §4.5.)
    package func identity(code: String, verifier: String, nonce: String) async throws(Failure) -> IdentityToken {
        let endpoints = try await self.endpoints()
        var fields = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", settings.redirectURL.description),
            ("code_verifier", verifier),
        ]
        var headers: HTTPHeaders = ["Content-Type": "application/x-www-form-urlencoded"]
        if endpoints.takesSecretInBody {
            fields += [("client_id", settings.clientID), ("client_secret", settings.clientSecret)]
        } else {
            // Each part is encoded before both are joined. (RFC 6749 §2.3.1.)
            let pair = "\(PercentEncoding.encode(settings.clientID)):\(PercentEncoding.encode(settings.clientSecret))"
            headers["Authorization"] = "Basic " + Base64.encode(Array(pair.utf8))
        }
        let answer = try await send("POST", endpoints.token, headers, Self.form(fields))
        let document = try? JSONValue(parsing: answer.body)
        guard answer.status == 200, let token = document?["id_token"]?.stringValue else {
            if answer.status >= 500 { throw .unavailable("The provider answers with \(answer.status).") }
            let reason = document?["error"]?.stringValue ?? "no id_token"
            throw .refused("The provider gives no token for the code: \(reason.prefix(80)) (status \(answer.status)).")
        }
        let now = now
        let expected = IdentityToken.Expectation(issuer: settings.issuer, clientID: settings.clientID, nonce: nonce, now: now)
        let key = Result { () throws(IdentityToken.Problem) in try IdentityToken.key(of: token) }
        guard case .success(let (identifier, algorithm)) = key else { throw .invalid(Self.problem(of: key)) }
        let keys = try await self.keys(for: identifier, algorithm, endpoints)
        let checked = Result { () throws(IdentityToken.Problem) in try IdentityToken(token, keys: keys, expected) }
        guard case .success(let identity) = checked else { throw .invalid(Self.problem(of: checked)) }
        return identity
    }

    private static func form(_ fields: [(String, String)]) -> String {
        fields.map { "\($0.0)=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
    }

    private static func problem<Value>(of result: Result<Value, IdentityToken.Problem>) -> IdentityToken.Problem {
        if case .failure(let problem) = result { problem } else { .malformed }
    }
}
