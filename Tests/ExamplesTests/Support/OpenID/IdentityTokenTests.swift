// Tokens of OpenID providers, good and bad.

import ExampleSupport
import Testing

@Suite("APO-12: identity tokens") struct IdentityTokenTests {
    private static let now = 1_700_000_000
    private static let expected = IdentityToken.Expectation(issuer: "https://idp.example", clientID: "dashboard", nonce: "n-1", now: now)
    private static let good: [String: JSONValue] = [
        "iss": "https://idp.example", "sub": "user-7", "aud": "dashboard", "exp": .integer(Int64(now + 300)), "iat": .integer(Int64(now)),
        "nonce": "n-1", "name": "Ada",
    ]

    private static func json(_ claims: [String: JSONValue]) -> JSONValue {
        .object(JSONObject(claims.sorted { $0.key < $1.key }.map { JSONObject.Member(key: $0.key, value: $0.value) }))
    }

    private func keys(_ made: OpenIDTestKeys) throws -> [WebKey] { try made.members.compactMap { try WebKey($0) } }

    private func outcome(_ token: String, _ keys: [WebKey]) -> Result<IdentityToken, IdentityToken.Problem> {
        Result { () throws(IdentityToken.Problem) in try IdentityToken(token, keys: keys, Self.expected) }
    }

    // MARK: Signatures

    /// The examples of RFC 7515, appendices A.2 and A.3.
    @Test func signaturesOfTheStandardAreVerified() throws {
        let content =
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        let modulus =
            "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_"
            + "YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZl"
            + "xvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
        let signature =
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjb"
            + "KBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZES"
            + "c6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
        let curve: JSONValue = [
            "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        ]
        let cases: [(JSONValue, String, String)] = [
            (["kty": "RSA", "n": .string(modulus), "e": "AQAB"], "eyJhbGciOiJSUzI1NiJ9", signature),
            (curve, "eyJhbGciOiJFUzI1NiJ9", "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"),
        ]
        for (member, header, signature) in cases {
            let key = try #require(try WebKey(member))
            var bytes = try #require(Base64URL.decode(signature[...]))
            #expect(key.verifies(bytes, of: Array("\(header).\(content)".utf8)))
            #expect(!key.verifies(bytes, of: Array("\(header).\(content)x".utf8)) && !key.verifies([], of: [1]))
            #expect(!key.verifies(bytes.dropLast(), of: Array("\(header).\(content)".utf8)))
            bytes[10] ^= 1
            #expect(!key.verifies(bytes, of: Array("\(header).\(content)".utf8)))
        }
    }

    @Test func otherKeysAreLeftOut() throws {
        let members: [JSONValue] = [
            ["kty": "oct", "k": "AAAA"], ["kty": "RSA", "n": "AQAB", "e": "AQAB"], ["kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"], [],
            ["kty": "EC", "crv": "P-256", "x": .string(Base64URL.encode([UInt8](repeating: 1, count: 32))), "y": "AA"],
            // A point that is not on the curve.
            [
                "kty": "EC", "crv": "P-256", "x": .string(Base64URL.encode([UInt8](repeating: 1, count: 32))),
                "y": .string(Base64URL.encode([UInt8](repeating: 1, count: 32))),
            ],
        ]
        for member in members {
            let key = try WebKey(member)
            #expect(key == nil, "\(member)")
        }
        var encrypting = try OpenIDTestKeys("a").members[0]
        if case .object(var object) = encrypting {
            object = JSONObject(object.members.map { $0.key == "use" ? JSONObject.Member(key: "use", value: "enc") : $0 })
            encrypting = .object(object)
        }
        let key = try WebKey(encrypting)
        #expect(key == nil)
    }

    // MARK: Tokens

    @Test(arguments: ["RS256", "ES256"]) func validTokenNamesTheUser(_ algorithm: String) throws {
        let made = try OpenIDTestKeys("a")
        let kid: JSONValue = algorithm == "RS256" ? "a-rsa" : "a-ec"
        let token = try made.token(Self.json(Self.good), header: ["alg": .string(algorithm), "kid": kid])
        let identity = try outcome(token, try keys(made)).get()
        #expect(identity.subject == "user-7" && identity.name == "Ada")
        // Without the name of its key there is one that can be meant.
        let unnamed = try made.token(Self.json(Self.good), header: ["alg": .string(algorithm)])
        let other = try outcome(unnamed, try keys(made)).get()
        #expect(other.subject == "user-7")
    }

    @Test func wrongClaimsAreRefused() throws {
        let made = try OpenIDTestKeys("a")
        let keys = try keys(made)
        let now = Int64(Self.now)
        let cases: [([String: JSONValue?], IdentityToken.Problem?)] = [
            (["iss": "https://idp.example/"], .issuer("https://idp.example/")), (["iss": nil], .issuer("")), (["aud": "other"], .audience),
            (["aud": ["other"]], .audience), (["aud": nil], .audience), (["aud": ["dashboard", "other"]], .authorizedParty),
            (["aud": ["dashboard", "other"], "azp": "other"], .authorizedParty), (["azp": "other"], .authorizedParty),
            (["aud": ["dashboard", "other"], "azp": "dashboard"], nil), (["aud": ["dashboard"]], nil),
            (["exp": .integer(now - 61)], .expired), (["exp": .integer(now - 59)], nil), (["exp": nil], .malformed),
            (["exp": "soon"], .malformed), (["iat": .integer(now + 61)], .notYetValid), (["iat": nil], .malformed),
            (["nbf": .integer(now + 61)], .notYetValid), (["nbf": "x"], .notYetValid), (["nonce": "n-2"], .nonce), (["nonce": nil], .nonce),
            (["sub": nil], .subject), (["sub": ""], .subject),
        ]
        for (changes, problem) in cases {
            let claims = Self.good.merging(changes.compactMapValues { $0 }) { $1 }.filter { changes[$0.key] != .some(.none) }
            let token = try made.token(Self.json(claims), header: ["alg": "ES256", "kid": "a-ec"])
            switch outcome(token, keys) {
            case .success: #expect(problem == nil, "\(changes)")
            case .failure(let found): #expect(problem == found, "\(changes)")
            }
        }
    }

    @Test func tokensThatAnybodyCouldMakeAreRefused() throws {
        let (made, other) = (try OpenIDTestKeys("a"), try OpenIDTestKeys("a"))
        let keys = try keys(made)
        let good = try made.token(Self.json(Self.good), header: ["alg": "RS256", "kid": "a-rsa"])
        let parts = good.split(separator: ".")
        func withHeader(_ header: String, signature: String) -> String {
            "\(Base64URL.encode(Array(header.utf8))).\(parts[1]).\(signature)"
        }
        // A public key is no secret: with HS256 anybody could sign with it.
        for algorithm in ["none", "None", "HS256", "RS1", "PS256", ""] {
            #expect(outcome(withHeader(#"{"alg":"\#(algorithm)"}"#, signature: ""), keys) == .failure(.algorithm(algorithm)))
        }
        #expect(outcome(withHeader("{}", signature: "AA"), keys) == .failure(.algorithm("nothing")))
        #expect(outcome(withHeader(#"{"alg":"ES256","kid":"a-rsa"}"#, signature: String(parts[2])), keys) == .failure(.unknownKey("a-rsa")))
        #expect(outcome(withHeader(#"{"alg":"RS256","kid":"b"}"#, signature: String(parts[2])), keys) == .failure(.unknownKey("b")))
        #expect(
            outcome(withHeader(#"{"alg":"RS256","kid":"a-rsa","crit":["x"]}"#, signature: String(parts[2])), keys) == .failure(.malformed))
        #expect(outcome(withHeader(#"{"alg":"RS256","kid":"a-rsa"}"#, signature: ""), keys) == .failure(.signature))
        let forged = try other.token(Self.json(Self.good), header: ["alg": "RS256", "kid": "a-rsa"])
        #expect(outcome(forged, keys) == .failure(.signature))
        for text in ["", ".", "..", "a.b.c", good + ".x", "\(parts[0]).\(parts[1])"] {
            #expect(outcome(text, keys) == .failure(.malformed), "\(text.prefix(20))")
        }
    }

    @Test func brokenTokensNeverTrap() throws {
        let made = try OpenIDTestKeys("a")
        let keys = try keys(made)
        let token = Array(try made.token(Self.json(Self.good), header: ["alg": "ES256", "kid": "a-ec"]).utf8)
        var random = SplitMix64(seed: 12)
        var accepted = 0
        for _ in 0..<2000 {
            var bytes = token
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 32...126, using: &random)
            }
            if bytes != token, case .success = outcome(String(decoding: bytes, as: UTF8.self), keys) { accepted += 1 }
        }
        #expect(accepted == 0)
    }
}
