// The tokens by which OpenID providers say who has logged in. (OpenID Connect Core 1.0 §2 and §3.1.3.7; RFC 8725.)

/// What a valid token says of a user.
package struct IdentityToken: Sendable, Hashable {
    /// The reason why a token is refused.
    package enum Problem: Error, Hashable, CustomStringConvertible {
        case malformed
        /// It is signed in another way than with a public key of the provider.
        case algorithm(String)
        /// The provider has no key by that name at present.
        case unknownKey(String?)
        case signature
        case issuer(String)
        case audience
        case authorizedParty
        case expired
        case notYetValid
        case nonce
        case subject

        package var description: String {
            switch self {
            case .malformed: "the token is malformed"
            case .algorithm(let name): "the token is signed with \"\(name.prefix(20))\"; it must be RS256 or ES256"
            case .unknownKey(let name): "the provider has no key \(name.map { "\"\($0.prefix(80))\"" } ?? "for it")"
            case .signature: "the token's signature is wrong"
            case .issuer(let name): "the token is of another issuer, \"\(name.prefix(200))\""
            case .audience: "the token is for another client"
            case .authorizedParty: "the token was issued to another client"
            case .expired: "the token has expired"
            case .notYetValid: "the token is not valid yet; are the clocks right?"
            case .nonce: "the token belongs to another login"
            case .subject: "the token names no user"
            }
        }
    }

    /// What a token must say.
    package struct Expectation: Sendable {
        package let issuer: String
        package let clientID: String
        package let nonce: String
        /// In seconds since 1970.
        package let now: Int

        package init(issuer: String, clientID: String, nonce: String, now: Int) {
            (self.issuer, self.clientID, self.nonce, self.now) = (issuer, clientID, nonce, now)
        }
    }

    /// The seconds by which clocks may differ.
    private static let tolerance = 60
    private static let maximumBytes = 64 << 10

    /// The user, by a name that only the provider understands.
    package let subject: String
    /// The name to show.
    package let name: String

    /// The name of the key that a token says it is signed with; throws if the algorithm is none that is accepted.
    package static func key(of token: String) throws(Problem) -> (identifier: String?, algorithm: WebKey.Algorithm) {
        guard token.utf8.count <= maximumBytes, let first = token.split(separator: ".", omittingEmptySubsequences: false).first,
            let header = object(first)
        else { throw .malformed }
        // The algorithm is not the token's to choose: `none`, or a public key as the secret of HS256, would let anyone sign.
        guard let algorithm = header["alg"]?.stringValue.flatMap(WebKey.Algorithm.init) else {
            throw .algorithm(header["alg"]?.stringValue ?? "nothing")
        }
        // Extensions that must be understood, of which none is. (RFC 7515 §4.1.11.)
        guard header["crit"] == nil else { throw .malformed }
        return (header["kid"]?.stringValue, algorithm)
    }

    /// Checks a token with the provider's keys.
    package init(_ token: String, keys: [WebKey], _ expected: Expectation) throws(Problem) {
        let (identifier, algorithm) = try Self.key(of: token)
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let claims = Self.object(parts[1]), let signature = Base64URL.decode(parts[2]) else { throw .malformed }
        let candidates = keys.filter { $0.algorithm == algorithm && (identifier == nil || $0.identifier == identifier) }
        // A token without the name of its key is accepted if only one can be meant.
        guard let key = candidates.first, identifier != nil || candidates.count == 1 else { throw .unknownKey(identifier) }
        guard key.verifies(signature, of: Array("\(parts[0]).\(parts[1])".utf8)) else { throw .signature }
        try Self.check(claims, expected)
        guard let subject = claims["sub"]?.stringValue, !subject.isEmpty, subject.utf8.count <= 255 else { throw .subject }
        self.subject = subject
        let names = ["name", "preferred_username", "email"].compactMap { claims[$0]?.stringValue }
        name = String((names.first { !$0.isEmpty } ?? subject).prefix(80))
    }

    private static func check(_ claims: JSONValue, _ expected: Expectation) throws(Problem) {
        guard claims["iss"]?.stringValue == expected.issuer else { throw .issuer(claims["iss"]?.stringValue ?? "") }
        let audiences = claims["aud"]?.stringValue.map { [$0] } ?? claims["aud"]?.arrayValue?.compactMap(\.stringValue) ?? []
        guard audiences.contains(expected.clientID) else { throw .audience }
        if audiences.count > 1 || claims["azp"] != nil {
            guard claims["azp"]?.stringValue == expected.clientID else { throw .authorizedParty }
        }
        guard let expiry = seconds(claims["exp"]), let issued = seconds(claims["iat"]) else { throw .malformed }
        guard expected.now < expiry + tolerance else { throw .expired }
        guard issued <= expected.now + tolerance else { throw .notYetValid }
        if let start = claims["nbf"] {
            guard let start = seconds(start), start <= expected.now + tolerance else { throw .notYetValid }
        }
        guard claims["nonce"]?.stringValue == expected.nonce, !expected.nonce.isEmpty else { throw .nonce }
    }

    /// Returns a time, which some providers write with a fraction.
    private static func seconds(_ value: JSONValue?) -> Int? {
        if let whole = value?.integerValue { return (0...1 << 40).contains(whole) ? whole : nil }
        guard case .number(let number) = value, number >= 0, number < 1e12 else { return nil }
        return Int(number)
    }

    private static func object(_ part: Substring) -> JSONValue? {
        guard let bytes = Base64URL.decode(part), let value = try? JSONValue(parsing: bytes), case .object = value else { return nil }
        return value
    }
}
