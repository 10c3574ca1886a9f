// The tokens of auth services: how they are issued, parsed and checked. (RFC 7519; RFC 7515.)

package import Telemetry

/// Makes and checks JSON web tokens with the algorithm HS256.
package struct WebTokens: Sendable {
    /// What a token says: the user, and when it was issued and ends, in seconds since 1970.
    package struct Claims: Sendable, Hashable {
        package let id: Int
        package let issuedAt: Int
        package let expiry: Int

        package var json: JSONValue {
            ["id": .integer(Int64(id)), "iat": .integer(Int64(issuedAt)), "exp": .integer(Int64(expiry))]
        }
    }

    /// The reason why a token is refused, in the words of the package `jsonwebtoken`.
    package enum Problem: String, Error {
        case malformed = "jwt malformed"
        case invalid = "invalid token"
        case unsigned = "jwt signature is required"
        case algorithm = "invalid algorithm"
        case signature = "invalid signature"
        case notActive = "jwt not active"
        case expired = "jwt expired"
    }

    /// A key is at least as long as the code that it makes. (RFC 7518, section 3.2.)
    package static let minimumSecretBytes = 32
    private static let lifetime = 30 * 86_400
    /// The seconds by which clocks of replicas may differ.
    private static let tolerance = 60
    private static let ownHeader: JSONValue = ["alg": "HS256", "typ": "JWT"]
    private static let header = Base64URL.encode(ownHeader.bytes)
    private static let headerBytes = Array(header.utf8)

    private let key: AuthenticationKey
    private let library: LibCrypto
    private let clock: TelemetryClock

    package init(secret: [UInt8], _ library: LibCrypto, clock: TelemetryClock = .system) {
        precondition(!secret.isEmpty, "Tokens are signed with a secret.")
        key = library.authenticationKey(secret)
        self.library = library
        self.clock = clock
    }

    /// Reads `JWT_SECRET`, without the line break that manifests leave at its end.
    package static func secret(_ environment: ServiceEnvironment) throws(StartFailure) -> (bytes: [UInt8], hadLineBreak: Bool) {
        let text = try environment.required(["JWT_SECRET": "what tokens are signed with, \(minimumSecretBytes) bytes or more"])[0]
        let secret = Array(text.utf8.reversed().drop { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.reversed())
        guard secret.count >= minimumSecretBytes else {
            throw StartFailure(
                .configuration,
                "JWT_SECRET has \(secret.count) bytes; it must have at least \(minimumSecretBytes), as `openssl rand -hex 32` makes them.")
        }
        return (secret, secret.count < text.utf8.count)
    }

    /// Returns a new token for a user, valid for thirty days.
    package func token(for id: Int) -> String {
        let now = now
        return token(saying: Claims(id: id, issuedAt: now, expiry: now + Self.lifetime).json)
    }

    /// Returns a token that says what an object says, of which `exp` is a member.
    package func token(saying claims: JSONValue) -> String {
        let content = Self.header + "." + Base64URL.encode(Array(claims.description.utf8))
        return content + "." + Base64URL.encode(key.code(of: Array(content.utf8)))
    }

    /// Returns what a token says, if it was signed with the secret and is valid now.
    package func claims(of token: String) throws(Problem) -> Claims {
        let content = try content(of: token)
        guard let id = content["id"]?.integerValue, let issuedAt = content["iat"]?.integerValue,
            let expiry = content["exp"]?.integerValue
        else { throw .invalid }
        guard issuedAt <= now + Self.tolerance else { throw .notActive }
        return Claims(id: id, issuedAt: issuedAt, expiry: expiry)
    }

    /// Returns the members of a token, if it was signed with the secret and is valid now.
    package func content(of token: String) throws(Problem) -> JSONValue {
        var token = token
        let content = try token.withUTF8 { token in Result { () throws(Problem) in try signedContent(of: token) } }.get()
        if let start = content["nbf"] {
            guard let start = start.integerValue else { throw .invalid }
            guard start <= now + Self.tolerance else { throw .notActive }
        }
        guard let expiry = content["exp"]?.integerValue else { throw .invalid }
        guard now < expiry else { throw .expired }
        return content
    }

    /// The seconds since 1970.
    package var now: Int { Int(clock.now.nanosecondsSinceEpoch / 1_000_000_000) }

    /// Returns the content of a token, if it was signed with the secret.
    private func signedContent(of token: UnsafeBufferPointer<UInt8>) throws(Problem) -> JSONValue {
        let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map { UnsafeBufferPointer(rebasing: $0) }
        guard parts.count == 3 else { throw .malformed }
        // Nearly all tokens have the header of those that are made here: it need not be parsed.
        let hasOwnHeader = parts[0].elementsEqual(Self.headerBytes)
        guard let header = hasOwnHeader ? Self.ownHeader : Self.object(parts[0]), let content = Self.object(parts[1]),
            let signature = Base64URL.decode(parts[2])
        else { throw .invalid }
        if signature.isEmpty { throw .unsigned }
        // The algorithm is not the token's to choose: `none`, or one with another key, would let anyone sign. (RFC 8725, section 3.1.)
        guard header["alg"] == "HS256" else { throw .algorithm }
        // Extensions that must be understood, of which none is. (RFC 7515, section 4.1.11.)
        guard header["crit"] == nil else { throw .invalid }
        let signed = Array(token[..<(parts[0].count + 1 + parts[1].count)])
        guard library.areEqual(signature, key.code(of: signed)) else { throw .signature }
        return content
    }

    private static func object(_ part: UnsafeBufferPointer<UInt8>) -> JSONValue? {
        guard let bytes = Base64URL.decode(part), let value = try? JSONValue(parsing: bytes), case .object = value else { return nil }
        return value
    }
}
